"""The level: how far down the order of admission requests are let in.

The order has `CELLS` places, (priority, cohort) pairs.  A request whose cell is below the level
is admitted, so the first to go is one sixteenth of the people in the lowest priority, and
nobody's comments are refused while somebody's telemetry is taken.

Every window the level is set so that, had it stood in the window before, the wanted number of
requests would have been admitted: DAGOR's histogram (SoCC'18, section 4.2.3).  Departures from
it: the cut grows with how late we are (Netflix's cubic throttle, 2020) instead of a fixed 5 %,
and the way up grows with every calm window, so that recovery takes a second and not a minute.
"""

from dataclasses import dataclass, field

from solstice.admission.priority import CELLS, COHORTS

IDLE_SHARE = 0.25
"""Below a quarter of the target nothing queues: only then may the way up grow faster."""

CAPACITY_WEIGHT = 0.2
CAPACITY_SHARE = 0.9
"""An idle window opens at once to nine tenths of what full ones did: the trigger is over."""

WINDOW_FLOOR = 5.0
"""Requests that a window always lets in, 50 a second: a neighbour's stall, or one long job, makes
an idle server late, and refusing its few requests would not make it less so."""

SPARSE_WINDOW = 50
STANDING_WINDOWS = 3
"""With fewer requests than that a window is no sample of the mix: only a delay that stands for
three windows is believed.  A busy server's first late window counts; its queue grows fast."""

NEVER_SHED = COHORTS
"""The cells of the critical priority are below every level."""


@dataclass(frozen=True, kw_only=True)
class LevelSettings:
    """How strongly the level reacts."""

    delay_target_ms: float = 20.0
    """DAGOR's figure; a person notices nothing below it."""
    cut_max: float = 0.3
    """At most this share of what was admitted goes in one window of 100 ms."""
    rise: float = 0.05
    """5 % more after one calm window, twice that after two, …: open again within a second."""


@dataclass(slots=True)
class AdmissionLevel:
    """Counts what arrives by cell, and decides which cells come in."""

    settings: LevelSettings = field(default_factory=LevelSettings)
    level: float = float(CELLS)
    """Whole cells below it are admitted; the fraction is the share of the marginal cell."""
    _calm_windows: int = 0
    _late_windows: int = 0
    _capacity: float = 0.0
    """What a window can do, learnt from windows that were late: they were full."""
    _arrived: list[int] = field(default_factory=lambda: [0] * CELLS)

    def admits(self, cell: int, dice: float) -> bool:
        """Decide one request; `dice` in [0, 1) splits the marginal cell."""
        self._arrived[cell] += 1
        return cell < NEVER_SHED or cell + dice < self.level

    def adapt(self, *, delay_ms: float, admitted: int, spared: int = NEVER_SHED) -> None:
        """Close a window: set the level from its delay and what it admitted.

        Cells below `spared` have no part in the delay: refusing them would not shorten it.
        """
        target_ms = self.settings.delay_target_ms
        is_late = delay_ms > target_ms
        self._late_windows = self._late_windows + 1 if is_late else 0
        if is_late:
            self._calm_windows = 0
            self._capacity += CAPACITY_WEIGHT * (admitted - self._capacity)
            lateness = min(1.0, (delay_ms - target_ms) / (4 * target_ms))
            share = 1.0 - self.settings.cut_max * max(0.1, lateness)
            apart = min(admitted, sum(self._arrived[:spared]))
            wanted = apart + max(WINDOW_FLOOR, (admitted - apart) * share)
            if admitted >= SPARSE_WINDOW or self._late_windows >= STANDING_WINDOWS:
                self.level = max(float(min(spared, self.level)), self._level_for(wanted))
        elif self.level < CELLS:
            is_idle = delay_ms < target_ms * IDLE_SHARE
            self._calm_windows = self._calm_windows + 1 if is_idle else 1
            headroom = 1.0 - delay_ms / target_ms
            rise = self.settings.rise * self._calm_windows * headroom
            wanted = admitted * (1 + rise) + 1
            if is_idle:
                wanted = max(wanted, CAPACITY_SHARE * self._capacity)
            self.level = max(self.level, self._level_for(wanted))
        self._arrived = [0] * CELLS

    def _level_for(self, wanted: float) -> float:
        """Find the level under which `wanted` of the window's arrivals would have come in."""
        total = 0.0
        for cell, count in enumerate(self._arrived):
            if count and total + count > wanted:
                return max(float(NEVER_SHED), cell + (wanted - total) / count)
            total += count
        return float(CELLS)

    @property
    def openness(self) -> float:
        """The level as a share in [0, 1]; 1 admits everything."""
        return self.level / CELLS
