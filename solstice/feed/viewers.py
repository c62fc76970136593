"""Viewers in memory: read when first seen, bounded, read anew when changed.

Who comes while a statement is reading others is read together by the next one: a statement for
each cost three times as much (docs/decisions/0083).  Least recently used viewers make room.  While
the database is away, those who are here keep their personal pages, even stale ones; for others
`find` says None, and they get what somebody without an account gets.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from solstice.feed import queries
from solstice.feed.cursors import Position
from solstice.feed.outbox import Outbox
from solstice.feed.records import Record
from solstice.feed.renewals import Renewals
from solstice.feed.viewer_state import ViewerState
from solstice.kit.clock import Clock
from solstice.kit.database import Database, DatabaseUnavailable
from solstice.kit.gathering import Gathering

READ_TIMEOUT_S = 1.0
"""Nobody waits longer for a personal page; everybody's comes instead."""
SIGNALS_WHEN_KNOWN = 12
"""After so many acts since the last ranking the next one is due."""
TOGETHER_MAX = 16
"""Each of them is ranked when the statement returns, half a millisecond each.  With 128, and their
waits unknown to admission, 65 pages at once were worked on in a server that can do ten, and waited
200 ms for each other."""


class Arrival(NamedTuple):
    """A viewer who was just read, and where their chain of pages stands."""

    state: ViewerState
    position: Position


class _Wanted(NamedTuple):
    """A viewer to read, and for which page of For You, if it is for one."""

    account_id: UUID
    position: Position | None


class Viewers:
    """The viewers this server knows."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        outbox: Outbox,
        renewals: Renewals,
        bytes_max: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._bytes_max = bytes_max
        self._bytes_held = 0
        self._known: OrderedDict[int, ViewerState] = OrderedDict()
        """By number, because an id's hash is computed in Python, each time anew."""
        self._reading: dict[UUID, asyncio.Future[None]] = {}
        self._arrived: list[Arrival] = []
        self._changed_while_reading: set[UUID] = set()
        self._outbox = outbox
        self._renewals = renewals
        self._readings = Gathering(self._read, batch_max=TOGETHER_MAX, note_wait=database.note_wait)

    def __len__(self) -> int:
        return len(self._known)

    def peek(self, account_id: UUID) -> ViewerState | None:
        """Return a viewer who is here and current."""
        state = self._known.get(account_id.int)
        if state is None or state.is_stale:
            return None
        self._known.move_to_end(account_id.int)
        return state

    def recall(self, account_id: UUID) -> ViewerState | None:
        """Return a viewer as last known, for when nobody can be asked."""
        return self._known.get(account_id.int)

    async def find(self, account_id: UUID, position: Position | None = None) -> ViewerState | None:
        """Return a viewer, reading them if need be; None when the database is away.

        `position` is where the page of For You begins that is wanted, if one is.
        """
        state = self.peek(account_id)
        if state is not None:
            return state
        reading = self._reading.get(account_id)
        if reading is not None:
            await asyncio.wait([reading], timeout=READ_TIMEOUT_S)
            return self._known.get(account_id.int)
        is_read: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading[account_id] = is_read
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return await self._readings.hand_in(_Wanted(account_id, position))
        except (DatabaseUnavailable, TimeoutError):
            return self._known.get(account_id.int)
        finally:
            self._reading.pop(account_id, None)
            is_read.set_result(None)
            self._changed_while_reading.discard(account_id)

    def take_arrived(self, *, but: ViewerState) -> list[Arrival]:
        """Take those who were read by the last statement and wait to be ranked for; once."""
        arrived, self._arrived = self._arrived, []
        return [each for each in arrived if each.state is not but and not each.state.was_ranked]

    def note(self, account_id: UUID, records: Sequence[Record]) -> None:
        """Take in what a viewer did on this server; after a dozen acts they are ranked for anew."""
        if state := self._known.get(account_id.int):
            state.note(records)
            if state.signals_since_ranking >= SIGNALS_WHEN_KNOWN and state.queue is not None:
                self._renewals.ask(state)

    def note_elsewhere(self, account_id: UUID, packed: bytes) -> None:
        """Take in what a viewer did on another server."""
        if state := self._known.get(account_id.int):
            state.note_packed(packed)
        elif account_id in self._reading:
            self._changed_while_reading.add(account_id)

    def mark_stale(self, account_id: UUID) -> None:
        """Read this viewer anew before the next page."""
        if state := self._known.get(account_id.int):
            state.is_stale = True
        if account_id in self._reading:
            self._changed_while_reading.add(account_id)

    def mark_all_stale(self) -> None:
        """Read everybody anew: too much was missed to tell who changed."""
        for state in self._known.values():
            self.mark_stale(state.account_id)

    async def _read(self, wanted: Sequence[_Wanted]) -> list[ViewerState]:
        rows = await self._read_rows([each.account_id for each in wanted])
        now_s = self._clock().timestamp()
        states = []
        self._arrived = []
        for (account_id, position), row in zip(wanted, rows, strict=True):
            fresh = ViewerState(account_id, row, now_s=now_s)
            fresh.note(self._outbox.unwritten_of(account_id))
            fresh.is_stale = account_id in self._changed_while_reading
            self._keep(fresh)
            states.append(fresh)
            if position is not None and not fresh.was_ranked:
                self._arrived.append(Arrival(fresh, position))
        return states

    async def _read_rows(self, account_ids: Sequence[UUID]) -> Sequence[queries.ViewerRow]:
        try:
            # A deadline of its own: those who wait for the next statement wait for this one.
            async with asyncio.timeout(READ_TIMEOUT_S), self._database.statement() as conn:
                return await queries.read_viewers(conn, account_ids=account_ids)
        except TimeoutError as error:
            raise DatabaseUnavailable from error

    def _keep(self, fresh: ViewerState) -> None:
        old = self._known.pop(fresh.account_id.int, None)
        if old is not None:
            self._bytes_held -= old.nbytes
            fresh.served = old.served
            fresh.was_ranked = old.was_ranked
        self._known[fresh.account_id.int] = fresh
        self._bytes_held += fresh.nbytes
        while self._bytes_held > self._bytes_max and len(self._known) > 1:
            _, forgotten = self._known.popitem(last=False)
            self._bytes_held -= forgotten.nbytes
