"""Group commit: what arrives while a statement is in flight is written together by the next one.

A statement of its own for each of a hundred small writes costs a hundred round trips, plans and
waits for the disk.  Here the first is written at once; those that come meanwhile wait for it,
and then go in one statement together.  Nothing is answered before it is committed, nothing
waits for company: alone, a write takes as long as without.  Why: docs/decisions/0056.  What is
read in small pieces gains in the same way (docs/decisions/0083).

Source: DeWitt et al., "Implementation Techniques for Main Memory Database Systems" (SIGMOD
1984), which gathers commits in front of the log; here it is done in front of the connection.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Final, Generic, TypeVar

from solstice.kit.context import DEADLINE_AT_S, POOL_WAITED_MS
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.errors import StorageFull, Unavailable

BATCH_MAX: Final = 128
"""What one statement writes in about 10 ms; more would make the last wait without need."""
WAITING_MAX: Final = 1024
WAIT_MAX_S: Final = 5.0
"""For a request without a deadline."""

Item = TypeVar("Item")
Verdict = TypeVar("Verdict")


class _Place(Generic[Item, Verdict]):
    """One write in the queue, with the context of the request it came with."""

    __slots__ = ("context", "expires_s", "item", "since_s", "taken_s", "verdict")

    def __init__(self, item: Item, verdict: asyncio.Future[Verdict]) -> None:
        self.item = item
        self.verdict = verdict
        self.context: Context = copy_context()
        self.since_s = self.taken_s = time.monotonic()
        self.expires_s = DEADLINE_AT_S.get() or self.since_s + WAIT_MAX_S

    def answer(self, verdict: Verdict) -> None:
        if not self.verdict.done():
            self.verdict.set_result(verdict)

    def fail(self, error: Exception) -> None:
        if not self.verdict.done():
            self.verdict.set_exception(error)


def _note_in_request(waited_ms: float) -> None:
    """Count it as a wait for the pool in the request at hand, and as nobody's limit."""
    POOL_WAITED_MS.set(POOL_WAITED_MS.get() + waited_ms)


class Gathering(Generic[Item, Verdict]):
    """Gathers writes, or reads, of one kind in one process; one statement at a time is in flight.

    `write` takes items and gives a verdict for each, in order, once all of them are committed; it
    must be safe to repeat.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Verdict]]],
        *,
        batch_max: int = BATCH_MAX,
        note_wait: Callable[[float], None] = _note_in_request,
    ) -> None:
        """Gather up to `batch_max`; `note_wait` hears how long each waited for its turn, in ms."""
        self._write = write
        self._batch_max = batch_max
        self._note_wait = note_wait
        self._waiting: deque[_Place[Item, Verdict]] = deque()
        self._is_busy = False
        self._task: asyncio.Task[None] | None = None

    async def hand_in(self, item: Item) -> Verdict:
        """Have an item written with others; returns its verdict when it is committed.

        Errors: DatabaseUnavailable (503) when the queue is full or the request's time was up when
        its turn came, and whatever writing it raises.  No timer of its own: that was a tenth of
        what a like costs, and the statement in front of it is bounded.
        """
        if len(self._waiting) >= WAITING_MAX:
            raise DatabaseUnavailable
        loop = asyncio.get_running_loop()
        place: _Place[Item, Verdict] = _Place(item, loop.create_future())
        self._waiting.append(place)
        if not self._is_busy:
            self._is_busy = True
            # Not before those who have arrived in the same turn of the loop are here as well.
            loop.call_soon(self._begin)
        verdict = await place.verdict
        self._note_wait((place.taken_s - place.since_s) * 1000)
        return verdict

    def _begin(self) -> None:
        batch = self._take()
        self._is_busy = bool(batch)
        if batch:
            # In the newest request's context: its id is on the statement, its deadline is last.
            self._task = asyncio.create_task(self._write_batch(batch), context=batch[-1].context)
            self._task.add_done_callback(lambda _: self._begin())

    def _take(self) -> list[_Place[Item, Verdict]]:
        """Take the next batch; whose client has left, or whose time is up, is left out."""
        batch: list[_Place[Item, Verdict]] = []
        now_s = time.monotonic()
        while self._waiting and len(batch) < self._batch_max:
            place = self._waiting.popleft()
            place.taken_s = now_s
            if place.expires_s <= now_s:
                place.fail(DatabaseUnavailable())
            elif not place.verdict.done():
                batch.append(place)
        return batch

    async def _write_batch(self, batch: list[_Place[Item, Verdict]]) -> None:
        """Write a batch; what fails for another reason than the database's absence fails alone."""
        try:
            verdicts = await self._write([place.item for place in batch])
        except (Unavailable, StorageFull) as error:
            for place in batch:
                place.fail(error)
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            if len(batch) == 1:
                batch[0].fail(error)
                return
            for place in batch:
                await self._write_batch([place])
        else:
            for place, verdict in zip(batch, verdicts, strict=True):
                place.answer(verdict)
