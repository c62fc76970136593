"""The controller: one window after the other, delay in, level and limit out.

All of admission's state in one process, without clock or event loop, so that hours of overload
can be simulated in a second.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from solstice.admission.degradation import decide_degradation
from solstice.admission.delay import Delays, DelaySnapshot
from solstice.admission.gate import BINDABLE, Gate
from solstice.admission.level import AdmissionLevel, LevelSettings
from solstice.admission.limit import InFlightLimit, LimitSettings
from solstice.admission.priority import CELLS, COHORTS, Priority
from solstice.admission.retries import RetryGrants
from solstice.admission.settings import AdmissionSettings
from solstice.admission.yielding import Yielding
from solstice.kit.context import Degradation

T = TypeVar("T")

USE_WEIGHT = 0.02
"""A priority is known to use a pool, or not to, after some fifty requests."""


@dataclass
class Controller(Generic[T]):
    """Level, limit, gate and grants of one server process."""

    settings: AdmissionSettings = field(default_factory=AdmissionSettings)
    delays: Delays = field(default_factory=Delays)
    grants: RetryGrants = field(default_factory=RetryGrants)
    yielding: Yielding = field(default_factory=Yielding)
    admitted_in_window: int = 0
    snapshot: DelaySnapshot = field(default_factory=DelaySnapshot)

    pool_use: list[float] = field(default_factory=lambda: [1.0] * len(Priority))
    """The share of each priority's requests that ask for a pool; all, until seen."""

    def __post_init__(self) -> None:
        """Set up the parts with one target for all."""
        target_ms = self.settings.delay_target_ms
        self.level = AdmissionLevel(LevelSettings(delay_target_ms=target_ms))
        self.limit = InFlightLimit(
            LimitSettings(
                in_flight_min=self.settings.in_flight_min, in_flight_max=self.settings.in_flight_max
            )
        )
        self.gate: Gate[T] = Gate(self.limit.value, ceiling=self.settings.in_flight_max)

    @property
    def has_telemetry(self) -> bool:
        """Whether something that nobody waits for is in flight."""
        return self.gate.count(Priority.DEFERRABLE) > 0

    def note_served(
        self, priority: Priority, *, took_ms: float, pool_waited_ms: float, beside_telemetry: bool
    ) -> None:
        """Learn from a request that was served; a wait of 0 means that it asked for no pool.

        `beside_telemetry`: some was in flight when the request began, or is as it ends.
        """
        if priority is Priority.UPLOAD:  # minutes of streaming say nothing of service
            return
        asked = 1.0 if pool_waited_ms > 0 else 0.0
        self.pool_use[priority] += USE_WEIGHT * (asked - self.pool_use[priority])
        self.delays.service.observe(took_ms - pool_waited_ms)
        if asked and priority is not Priority.DEFERRABLE:
            self.yielding.observe(pool_waited_ms if beside_telemetry else 0.0)

    def open_up(self) -> None:
        """Admit everybody: for when this arithmetic itself is broken."""
        self.level.level = float(CELLS)
        self.gate.limit = self.limit.value = float(self.settings.in_flight_max)
        self.gate.spare = float("inf")

    def close_window(self) -> None:
        """Adapt to what the window showed; call every `window_s`."""
        target_ms = self.settings.delay_target_ms
        self.snapshot = self.delays.take()
        bound = frozenset(each for each in BINDABLE if self.pool_use[each] >= 0.5)  # noqa: PLR2004
        self.gate.bind(bound)
        is_late = self.snapshot.lateness(target_ms) > 1.0
        first = Priority.PLAYBACK if is_late else max(Priority.PLAYBACK, min(bound, default=0))
        self.level.adapt(
            delay_ms=self.snapshot.overload(target_ms) * target_ms,
            admitted=self.admitted_in_window,
            spared=first * COHORTS,
        )
        in_flight_peak, was_full = self.gate.take_use()
        wait_target_ms = self.snapshot.wait_target_ms(target_ms)
        self.limit.adapt(
            delay_ms=self.snapshot.pool_wait_ms,
            target_ms=wait_target_ms,
            in_flight_peak=in_flight_peak,
            was_full=was_full,
        )
        self.gate.limit = self.limit.value
        self.yielding.adapt(target_ms=wait_target_ms, limit=self.limit.value)
        self.gate.spare = self.yielding.places
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
            self.gate.held / max(1.0, self.gate.limit),
            2.0 * (1.0 - self.openness),
        )
