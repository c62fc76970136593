"""How a server protects itself."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AdmissionSettings:
    """How a server protects itself when more is asked of it than it can do."""

    delay_target_ms: float = 20.0
    """how late requests may be worked on before some are refused (DAGOR's figure)"""
    in_flight_min: int = 8
    """how many that ask for the database are worked on at once at least: as many as its pool has
    connections (`SOLSTICE_DATABASE_POOL_SIZE`), since fewer cannot make each other wait"""
    in_flight_max: int = 256
    """how many requests are worked on at once, whatever the delay"""
    window_s: float = 0.1
    """how often level and limit are set anew"""
    tick_s: float = 0.01
    """how often the event loop's lag is measured while there is traffic"""
    deadline_s: float = 10.0
    """for requests that carry no deadline of the edge's, and at most; streamed ones have none"""
    retry_after_s: float = 2.0
    """refused clients are told to wait for this, up to twice as long"""
