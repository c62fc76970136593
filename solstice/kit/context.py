"""What one request carries with it everywhere: its id, its deadline, how cheap to be.

The id travels from the edge (`x-request-id`) through the logs into PostgreSQL's
`application_name`, so that a slow statement can be traced to the click that caused it.
"""

import re
import time
from contextvars import ContextVar
from enum import IntEnum


class Degradation(IntEnum):
    """How much is left out of an answer; each step includes the ones before."""

    NONE = 0
    NO_PRELOAD = 1
    """No comments ahead, a lower rendition for the next clip."""
    COHORT_FEED = 2
    """The cached feed of the viewer's cohort instead of a personal one."""
    POPULAR_FEED = 3
    """The popular list kept ready as bytes."""


REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
DEADLINE_AT_S: ContextVar[float] = ContextVar("deadline_at_s", default=0.0)
DEGRADATION: ContextVar[int] = ContextVar("degradation", default=0)
"""How much the features should leave out of this answer (`Degradation`)."""
POOL_WAITED_MS: ContextVar[float] = ContextVar("pool_waited_ms", default=0.0)
"""How long this request has waited for pools so far; above 0 as soon as it asked for one."""

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def decide_request_id(claimed: str, fallback: str) -> str:
    """Accept a claimed id only if it is harmless in a log line and in SQL."""
    return claimed if _SAFE_ID.fullmatch(claimed) else fallback


def remaining_ms(ceiling_ms: int) -> int:
    """Tell what is left of the request's deadline, at most `ceiling_ms`, at least 1."""
    deadline = DEADLINE_AT_S.get()
    if not deadline:
        return ceiling_ms
    return max(1, min(ceiling_ms, int((deadline - time.monotonic()) * 1000)))
