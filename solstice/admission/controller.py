"""The controller: one window after the other, delay in, level and limit out.

All of admission's state in one process, without clock or event loop, so that hours of overload
can be simulated in a second.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from solstice.admission.degradation import Degradation, decide_degradation
from solstice.admission.delay import Delays, DelaySnapshot
from solstice.admission.gate import Gate
from solstice.admission.level import AdmissionLevel, LevelSettings
from solstice.admission.limit import InFlightLimit, LimitSettings
from solstice.admission.retries import RetryGrants
from solstice.admission.settings import AdmissionSettings

T = TypeVar("T")


@dataclass
class Controller(Generic[T]):
    """Level, limit, gate and grants of one server process."""

    settings: AdmissionSettings = field(default_factory=AdmissionSettings)
    delays: Delays = field(default_factory=Delays)
    grants: RetryGrants = field(default_factory=RetryGrants)
    admitted_in_window: int = 0
    snapshot: DelaySnapshot = field(default_factory=DelaySnapshot)

    def __post_init__(self) -> None:
        """Set up the parts with one target for all."""
        target_ms = self.settings.delay_target_ms
        self.level = AdmissionLevel(LevelSettings(delay_target_ms=target_ms))
        self.limit = InFlightLimit(LimitSettings(in_flight_max=self.settings.in_flight_max))
        self.gate: Gate[T] = Gate(self.limit.value)

    def close_window(self) -> None:
        """Adapt to what the window showed; call every `window_s`."""
        target_ms = self.settings.delay_target_ms
        self.snapshot = self.delays.take()
        self.level.adapt(
            delay_ms=self.snapshot.overload(target_ms) * target_ms,
            admitted=self.admitted_in_window,
        )
        self.limit.adapt(
            delay_ms=self.snapshot.pool_wait_ms,
            target_ms=self.snapshot.wait_target_ms(target_ms),
            in_flight_peak=self.gate.take_peak(),
        )
        self.gate.limit = self.limit.value
        self.admitted_in_window = 0

    @property
    def openness(self) -> float:
        """How far the level is open, in [0, 1]."""
        return self.level.openness

    @property
    def degradation(self) -> Degradation:
        """What is left out right now."""
        return decide_degradation(self.openness)

    @property
    def utilisation(self) -> float:
        """How loaded this process is: 1.0 means at its target, more means over it.

        The edge learns it from the load report (ORCA) and sends less here.
        """
        return max(
            self.snapshot.overload(self.settings.delay_target_ms),
            self.gate.in_flight / max(1.0, self.gate.limit),
            2.0 * (1.0 - self.openness),
        )
