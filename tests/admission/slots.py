"""Some servers with slots and the least busy of two for each request, in simulated time.

A slot stands for a connection of a pool: a request holds one for `HOLD_S`, or waits for it in
order of arrival.  Seeded, so a failing run can be repeated.
"""

import heapq
import itertools
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from solstice.admission.controller import Controller
from solstice.admission.gate import Verdict
from solstice.admission.priority import COHORTS, Priority
from solstice.admission.settings import AdmissionSettings

SLOTS, HOLD_S, TICK_S = 2, 0.040, 0.01
Rates = Mapping[Priority, float]


@dataclass(eq=False, slots=True)
class Asked:
    """One request and what became of it."""

    at_s: float
    priority: Priority
    latency_s: float | None = None
    """None while it is not served, and for good when it was refused."""
    admitted_s: float = 0.0
    pool_waited_s: float = 0.0
    beside_telemetry: bool = False
    """Some was in flight when this one began."""


@dataclass(slots=True)
class SlotServer:
    """One server: admission before a pool of slots."""

    later: Callable[[float, Callable[[float], None]], None]
    controller: Controller[Asked] = field(
        default_factory=lambda: Controller(AdmissionSettings(in_flight_min=SLOTS))
    )
    active: dict[bool, int] = field(default_factory=lambda: defaultdict(int))
    """As the edge counts them: apart for deferrable requests and others."""
    _free: int = SLOTS
    _pool: deque[Asked] = field(default_factory=deque)

    def ask(self, asked: Asked, *, dice: random.Random) -> None:
        """Take one request in, let it wait, or refuse it."""
        self.active[asked.priority is Priority.DEFERRABLE] += 1
        cell = asked.priority * COHORTS + dice.randrange(COHORTS)
        if not self.controller.level.admits(cell, dice.random()):
            self._end(asked)
        elif self.controller.gate.admit(asked.priority):
            self._work(asked, asked.at_s)
        else:
            verdict, displaced = self.controller.gate.enter(
                asked, asked.priority, now_s=asked.at_s, expires_s=asked.at_s + 2.0
            )
            self._send_away(displaced, asked.at_s)
            if verdict is Verdict.REFUSED:
                self._end(asked)

    def tick(self, now_s: float) -> None:
        """Refuse who waited too long."""
        self._send_away(self.controller.gate.take_stale(now_s=now_s), now_s)

    def _work(self, asked: Asked, now_s: float) -> None:
        self.controller.admitted_in_window += 1
        asked.admitted_s = now_s
        asked.beside_telemetry = self.controller.has_telemetry
        if self._free:
            self._hold(asked, now_s)
        else:
            self._pool.append(asked)

    def _hold(self, asked: Asked, now_s: float) -> None:
        self._free -= 1
        asked.pool_waited_s = now_s - asked.admitted_s
        self.controller.delays.pool_wait.observe(asked.pool_waited_s * 1000)
        self.later(now_s + HOLD_S, lambda at_s: self._leave(asked, at_s))

    def _leave(self, asked: Asked, now_s: float) -> None:
        self._free += 1
        if self._pool:
            self._hold(self._pool.popleft(), now_s)
        asked.latency_s = now_s - asked.at_s
        self._end(asked)
        self.controller.note_served(
            asked.priority,
            took_ms=(now_s - asked.admitted_s) * 1000,
            # A pool that has a connection at once takes some microseconds to give it.
            pool_waited_ms=0.001 + asked.pool_waited_s * 1000,
            beside_telemetry=asked.beside_telemetry or self.controller.has_telemetry,
        )
        admitted, expired = self.controller.gate.leave(asked.priority, now_s=now_s)
        self._send_away(expired, now_s)
        for waited in admitted:
            self.controller.delays.gate_wait.observe((now_s - waited.at_s) * 1000)
            self._work(waited, now_s)

    def _send_away(self, refused: Iterable[Asked], now_s: float) -> None:
        for asked in refused:
            self.controller.delays.gate_wait.observe((now_s - asked.at_s) * 1000)
            self._end(asked)

    def _end(self, asked: Asked) -> None:
        self.active[asked.priority is Priority.DEFERRABLE] -= 1


def simulate_slots(
    rates: Callable[[float], Rates], *, seconds: int, seed: int, count: int = 4
) -> list[Asked]:
    """Offer Poisson arrivals at these rates, set anew each second; return every request."""
    dice = random.Random(seed)  # noqa: S311 - a simulation wants to be repeatable
    events: list[tuple[float, int, Callable[[float], None]]] = []
    order = itertools.count()

    def later(at_s: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(events, (at_s, next(order), happen))

    servers = [SlotServer(later) for _ in range(count)]
    log = [asked for second in range(seconds) for asked in _draw(rates(second), second, dice)]

    def ask(asked: Asked) -> None:
        is_deferrable = asked.priority is Priority.DEFERRABLE
        pair = dice.sample(servers, 2)
        min(pair, key=lambda server: server.active[is_deferrable]).ask(asked, dice=dice)

    for asked in log:
        later(asked.at_s, lambda _, asked=asked: ask(asked))  # type: ignore[misc]

    def repeat(every_s: float, happen: Callable[[float], None]) -> None:
        for number in range(1, int(seconds / every_s)):
            later(number * every_s, happen)

    for server in servers:
        repeat(TICK_S, server.tick)
        repeat(server.controller.settings.window_s, lambda _, s=server: s.controller.close_window())  # type: ignore[misc]
    while events:
        at_s, _, happen = heapq.heappop(events)
        happen(at_s)
    return log


def _draw(rates: Rates, second: int, dice: random.Random) -> Iterable[Asked]:
    """Draw one second's arrivals."""
    for priority, per_s in rates.items():
        at_s = second + dice.expovariate(per_s)
        while at_s < second + 1:
            yield Asked(at_s, priority)
            at_s += dice.expovariate(per_s)
