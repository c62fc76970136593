"""Deadlines: how old a request is when it gets here, and how long anybody still waits for it.

The edge stamps its arrival (`x-request-start: 1700000000.123`, overwriting a client's) and says
how long it waits (`x-envoy-expected-rq-timeout-ms`).  Only this age sees every hidden queue: the
kernel's, the server's, the event loop's.
"""

from typing import NamedTuple

AGE_MAX_S = 60.0
"""An older stamp is a clock that jumped, not a request that waited."""
USEFUL_S = 0.02
"""With less than this left an answer would come too late: one delay target (settings.py)."""


class Timing(NamedTuple):
    """A request's age at its first byte here and what remains, both in seconds."""

    age_s: float
    remaining_s: float


def decide_timing(
    stamp: bytes | None, allowed_ms: bytes | None, *, wall_s: float, default_s: float
) -> Timing:
    """Compute age and remaining time; unusable or absurd values count as absent."""
    age_s = 0.0
    if stamp:
        try:
            age_s = wall_s - float(stamp)
        except ValueError:
            age_s = 0.0
        if not 0.0 <= age_s <= AGE_MAX_S:
            age_s = 0.0
    allowed_s = default_s
    if allowed_ms and allowed_ms.isdigit() and len(allowed_ms) < 8:  # noqa: PLR2004 - under a day
        allowed_s = min(default_s, int(allowed_ms) / 1000) if int(allowed_ms) else default_s
    return Timing(age_s, allowed_s - age_s)
