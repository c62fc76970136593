"""The gate: admits up to the limit, lets a few wait, and never makes an old request wait more.

Waiting is worth it only for moments: the queue holds half a limit's worth of requests, since they
wait once more for what the limit protects.  It is first-come first-served while its oldest is
young, then the newest goes first, since the oldest's client is about to leave.  What waited for
`PATIENCE_S` is told so: an early refusal is worth more than a late one.  A queue that has not been
empty for as long as that is no burst but overload, and waiting in it only adds to what the accepted
wait: there `STANDING_PATIENCE_S` counts (both: Maurer, "Fail at Scale", ACM Queue 2015; controlled
delay and adaptive LIFO).  A more important newcomer takes the place of the least important one that
waits.

The limit holds for those who share what it protects: priorities whose requests mostly ask for a
pool (`bound`).  Pages made from memory pass a full pool by, so they keep coming while the
database is away; they, and uploads, which stream for minutes, have the ceiling alone.

Pure: no clock, no event loop.  A ticket is whatever the caller wants back.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from solstice.admission.priority import Priority

PATIENCE_S = 0.25
"""A queue of half a limit's worth turns over in far less; who still waits was passed over."""
STANDING_PATIENCE_S = 0.03
"""With 40 ms of work and 40 ms of waiting for a slot the accepted still stay below 150 ms."""
NEWEST_FIRST_AFTER = 0.4
"""Of the patience: 100 ms, and 12 ms in a standing queue."""

T = TypeVar("T")


class Verdict(Enum):
    """What becomes of a request at the gate."""

    ADMITTED = "admitted"
    WAITING = "waiting"
    REFUSED = "refused"


SHARES = (float("inf"), 1.0, 0.95, 0.85, 0.75, 0.6)
"""How much of the limit a priority may fill, from critical to deferrable: the rest stays free for
those above it.  By position, since an enumeration's hash costs more than all the rest."""

BINDABLE = frozenset(Priority) - {Priority.UPLOAD}


@dataclass(slots=True)
class _Waiting(Generic[T]):
    ticket: T
    since_s: float
    expires_s: float


@dataclass(slots=True)
class Gate(Generic[T]):
    """Counts what is in flight, keeps the few that wait."""

    limit: float
    ceiling: float = 256.0
    spare: float = float("inf")
    """The deferrable fill this much at most (`yielding.py`)."""
    bound: frozenset[Priority] = BINDABLE
    in_flight: int = 0
    held: int = 0
    """In flight and bound: what the limit is about."""
    held_peak: int = 0
    _was_full: bool = False
    _is_bound: list[bool] = field(
        default_factory=lambda: [priority in BINDABLE for priority in Priority]
    )
    _counts: list[int] = field(default_factory=lambda: [0] * len(Priority))
    _queues: dict[Priority, deque[_Waiting[T]]] = field(
        default_factory=lambda: {priority: deque() for priority in Priority}
    )
    _queued_since_s: float = 0.0
    """When the first came to an empty queue."""

    def bind(self, bound: frozenset[Priority]) -> None:
        """Set which priorities the limit holds for."""
        self.bound = bound
        self._is_bound = [priority in bound for priority in Priority]
        self.held = sum(self._counts[priority] for priority in bound)

    def admit(self, priority: Priority) -> bool:
        """Let a newcomer in at once if there is room: the way of nearly everybody."""
        if self._has_room(priority):
            self._admit(priority)
            return True
        return False

    def enter(
        self, ticket: T, priority: Priority, *, now_s: float, expires_s: float
    ) -> tuple[Verdict, list[T]]:
        """Decide about a newcomer; also returns the tickets it displaced, to be refused."""
        if self.admit(priority):
            return Verdict.ADMITTED, []
        self._was_full = self._was_full or self._is_bound[priority]
        displaced = []
        if (waiting_count := self.waiting_count) == 0:
            self._queued_since_s = now_s
        elif waiting_count >= max(1, int(self.limit / 2)):
            victim = self._displace(below=priority)
            if victim is None:
                return Verdict.REFUSED, []
            displaced.append(victim)
        self._queues[priority].append(_Waiting(ticket, now_s, expires_s))
        return Verdict.WAITING, displaced

    def leave(self, priority: Priority, *, now_s: float) -> tuple[list[T], list[T]]:
        """Note an end; returns the tickets let in now, and those that waited too long."""
        self.in_flight -= 1
        self._counts[priority] -= 1
        if self._is_bound[priority]:
            self.held -= 1
        return self._let_in(now_s=now_s) if any(self._queues.values()) else ([], [])

    def _let_in(self, *, now_s: float) -> tuple[list[T], list[T]]:
        admitted: list[T] = []
        expired = self.take_stale(now_s=now_s)
        for priority in Priority:
            queue = self._queues[priority]
            while queue and self._has_room(priority):
                waiting = self._next(queue, now_s)
                if waiting.expires_s <= now_s:
                    expired.append(waiting.ticket)
                    continue
                self._admit(priority)
                admitted.append(waiting.ticket)
        return admitted, expired

    def take_stale(self, *, now_s: float) -> list[T]:
        """Remove and return the tickets that waited too long."""
        stale = []
        patience_s = self._patience_s(now_s)
        for queue in self._queues.values():
            while queue and now_s - queue[0].since_s > patience_s:
                stale.append(queue.popleft().ticket)
        return stale

    def forget(self, ticket: T, priority: Priority) -> None:
        """Remove a ticket whose client went away."""
        queue = self._queues[priority]
        for waiting in queue:
            if waiting.ticket is ticket:
                queue.remove(waiting)
                return

    def count(self, priority: Priority) -> int:
        """How many of a priority are in flight."""
        return self._counts[priority]

    @property
    def waiting_count(self) -> int:
        """How many wait."""
        return sum(map(len, self._queues.values()))

    def take_use(self) -> tuple[int, bool]:
        """Return the window's highest concurrency, and whether the limit kept anybody waiting."""
        use = self.held_peak, self._was_full
        self.held_peak, self._was_full = self.held, False
        return use

    def _has_room(self, priority: Priority) -> bool:
        # At least one of each priority may run, or a limit of 2 would lock most of them out.
        if self._is_bound[priority]:
            room = self.limit * SHARES[priority]
            if priority is Priority.DEFERRABLE:
                room = min(room, self.spare)
            return self.held < max(1.0, room)
        return self.in_flight < self.ceiling * SHARES[priority]

    def _admit(self, priority: Priority) -> None:
        self.in_flight += 1
        self._counts[priority] += 1
        if self._is_bound[priority]:
            self.held += 1
            self.held_peak = max(self.held_peak, self.held)

    def _displace(self, *, below: Priority) -> T | None:
        for priority in reversed(Priority):
            if priority <= below:
                return None
            if queue := self._queues[priority]:
                return queue.popleft().ticket
        return None

    def _patience_s(self, now_s: float) -> float:
        is_standing = now_s - self._queued_since_s > PATIENCE_S
        return STANDING_PATIENCE_S if is_standing else PATIENCE_S

    def _next(self, queue: deque[_Waiting[T]], now_s: float) -> _Waiting[T]:
        is_old = now_s - queue[0].since_s > NEWEST_FIRST_AFTER * self._patience_s(now_s)
        return queue.pop() if is_old else queue.popleft()
