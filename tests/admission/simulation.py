"""A server with one processor in simulated time: a second of overload in a few milliseconds.

Arrivals queue before the application, as in a kernel's or a runtime's queue; each costs
`accept_s` when admitted and `refuse_s` when not; nothing is known in advance.  Seeded, so a
failing run can be repeated.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from solstice.admission.controller import Controller
from solstice.admission.priority import CELLS, COHORTS, Priority


@dataclass
class Second:
    """What happened in one simulated second, by priority."""

    offered: dict[Priority, int] = field(default_factory=lambda: dict.fromkeys(Priority, 0))
    served: dict[Priority, int] = field(default_factory=lambda: dict.fromkeys(Priority, 0))
    latencies_s: list[float] = field(default_factory=list)

    @property
    def goodput(self) -> int:
        """Answers within the client's patience."""
        return sum(self.served.values())


def simulate(
    *,
    offered_per_s: Callable[[float], float],
    mix: dict[Priority, float],
    seconds: int,
    accept_s: float = 0.001,
    refuse_s: float = 0.00002,
    patience_s: float = 2.0,
    seed: int = 7,
) -> list[Second]:
    """Run one server; returns its seconds in order."""
    dice = random.Random(seed)  # noqa: S311 - a simulation wants to be repeatable
    controller: Controller[None] = Controller()
    log = [Second() for _ in range(seconds)]
    waiting: deque[tuple[float, Priority, int]] = deque()
    now_s, next_arrival_s, next_window_s = 0.0, 0.0, controller.settings.window_s
    priorities, weights = list(mix), list(mix.values())

    def arrive_until(limit_s: float) -> None:
        nonlocal next_arrival_s
        while next_arrival_s <= limit_s:
            priority = dice.choices(priorities, weights)[0]
            cell = priority * COHORTS + dice.randrange(COHORTS)
            assert 0 <= cell < CELLS
            if int(next_arrival_s) < seconds:
                log[int(next_arrival_s)].offered[priority] += 1
            waiting.append((next_arrival_s, priority, cell))
            next_arrival_s += dice.expovariate(offered_per_s(next_arrival_s))

    while now_s < seconds:
        arrive_until(now_s)
        while now_s >= next_window_s:
            controller.close_window()
            next_window_s += controller.settings.window_s
        if not waiting:
            now_s = min(next_arrival_s, next_window_s)
            continue
        arrived_s, priority, cell = waiting.popleft()
        controller.delays.loop_lag.observe((now_s - arrived_s) * 1000)
        if not controller.level.admits(cell, dice.random()):
            now_s += refuse_s
            continue
        controller.admitted_in_window += 1
        now_s += accept_s
        if now_s - arrived_s <= patience_s and now_s < seconds:
            log[int(now_s)].served[priority] += 1
            log[int(now_s)].latencies_s.append(now_s - arrived_s)
    return log
