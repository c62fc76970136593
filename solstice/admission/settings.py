"""How a server protects itself."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AdmissionSettings:
    """Targets and bounds; the algorithms' own constants stand beside their sources."""

    delay_target_ms: float = 20.0
    in_flight_max: int = 256
    window_s: float = 0.1
    tick_s: float = 0.01
    deadline_s: float = 3.0
    """For requests without a deadline from the edge; streamed ones have none."""
    retry_after_s: float = 2.0
