"""How long to wait before a process is started again: doubling, jittered, never giving up."""

from collections import deque
from dataclasses import dataclass, field

PAUSE_BASE_S = 0.2
PAUSE_MAX_S = 15.0
WINDOW_S = 60.0
RESTARTS_MAX = 8


@dataclass(kw_only=True)
class RestartBudget:
    """Decides how long to wait before a restart, from the recent ends of one process."""

    ends: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX + 1))

    def decide_pause_s(self, *, now_s: float, random_share: float) -> float:
        """Return the pause after an end at `now_s`; `random_share` in [0, 1) is the jitter.

        Doubles with every end within the window, jittered over its upper half; a spent budget
        waits at the cap.  Units: seconds.
        """
        self.ends.append(now_s)
        while self.ends and now_s - self.ends[0] > WINDOW_S:
            self.ends.popleft()
        if len(self.ends) > RESTARTS_MAX:
            return PAUSE_MAX_S * (0.5 + random_share / 2)
        ceiling = min(PAUSE_MAX_S, PAUSE_BASE_S * 2.0 ** (len(self.ends) - 1))
        return ceiling * (0.5 + random_share / 2)
