"""The limit: how many requests are worked on at once, adapted to delay.

The level sees a saturated processor; the limit sees what waits without using one (a pool, a
disk, a neighbour).  It is a number: a sample in, a number out.

Sources: Netflix concurrency-limits (Gradient2: grow by the square root, shrink by the ratio of
delays); Uber's Cinnamon (a PID on queue delay is steadier than AIMD or CoDel).  Departure: the
target is a constant delay and no baseline is learnt, since baselines learnt during overload
drift upwards (Envoy's issue 11579, Cinnamon's covariance check).
"""

from dataclasses import dataclass, field
from math import sqrt

GROWS_BELOW = 0.75
"""Between that and the target it stays: or it would overshoot every third window, and what was let
in then waits for two turns."""


@dataclass(frozen=True, kw_only=True)
class LimitSettings:
    """Bounds and strength."""

    in_flight_min: int = 2
    in_flight_max: int = 256
    in_flight_start: int = 64
    shrink_max: float = 0.3


@dataclass(slots=True)
class InFlightLimit:
    """An adaptive bound on concurrency."""

    settings: LimitSettings = field(default_factory=LimitSettings)
    value: float = 0.0

    def __post_init__(self) -> None:
        """Begin below the maximum: a cold process is slower than a warm one."""
        self.value = float(self.settings.in_flight_start)

    def adapt(
        self, *, delay_ms: float, target_ms: float, in_flight_peak: int, was_full: bool
    ) -> None:
        """Close a window: shrink by lateness, grow only when the limit kept somebody waiting.

        Not when the peak reached it: a priority below the first fills a share of it only, and
        with nothing but likes a limit of 32 stayed there for ever.
        """
        bounds = self.settings
        if delay_ms > target_ms:
            lateness = min(1.0, (delay_ms - target_ms) / (4 * target_ms))
            # From what was really at work: a limit far above it would take windows to bite.
            used = min(self.value, in_flight_peak + 1.0)
            self.value = used * (1.0 - bounds.shrink_max * max(0.1, lateness))
        elif was_full and delay_ms <= GROWS_BELOW * target_ms:
            self.value += max(0.5, sqrt(self.value) / 4)
        self.value = min(float(bounds.in_flight_max), max(float(bounds.in_flight_min), self.value))
