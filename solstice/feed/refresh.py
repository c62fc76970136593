"""Keeping the index true: everything once, then what changed, each second and at once on demand.

Changes are asked for by PostgreSQL's own snapshots and not by time: whatever was not visible to
the last reading and is to this one, exactly once, however late it commits.  A server that was
away too long, or finds a database that knows fewer transactions (a restore, a failover that
lost some), reads everything anew.

While the database is away nothing here fails: memory stays as it is, `solstice_feed_age_seconds`
grows, and the next reading goes on where the last one stopped.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
import structlog

from solstice.feed import queries
from solstice.feed.index import read_records
from solstice.feed.keys import Slots, keys_of
from solstice.feed.memory import Memory
from solstice.feed.metrics import AGE_S, CARD_BYTES, VIDEOS, VIEWERS
from solstice.feed.pools import Pools, copy_columns, make_pools
from solstice.feed.records import VIEW, unpack
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.pace import Pace

BATCH: Final = 2000
"""Records read in one statement: 300 KB, about 2 ms of the event loop."""
CHANGES_MAX: Final = 5000
GONE_LONG_S: Final = 300.0
"""The log of changes is kept three times as long (`jobs.py`)."""
RECOUNT_OVERLAP: Final = timedelta(seconds=10)
"""Counts are written with their transaction's time, which commits at most this much later."""
WOKEN_AT_MOST_EVERY_S: Final = 0.05
READ_AHEAD: Final = 32
CARD_BYTES_ABOUT: Final = 1600
READ_AHEAD_PAUSE: Final = 2.0
"""Two thirds of the time belong to requests."""

log = structlog.get_logger()


class Follower:
    """Follows the database for one server's memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.snapshot: str | None = None
        self.recount_since: datetime | None = None
        self.followed_at_s = 0.0
        self.loaded_at_s = 0.0

    async def follow(self) -> None:
        """Read what changed, or everything if that is the only safe thing.

        Errors: DatabaseUnavailable; memory is then as it was.
        """
        read_at = await self._follow_changes()
        if read_at is None:
            await self.load_all()
        else:
            await self._recount(read_at)
        self.followed_at_s = time.monotonic()
        self.memory.loaded.set()

    async def load_all(self) -> None:
        """Read every record, in batches and transactions of their own; viewers are kept."""
        memory = self.memory
        async with memory.database.reading() as conn:
            snapshot, now = await queries.read_snapshot(conn)
        met: list[Slots] = []
        after: UUID | None = UUID(int=0)
        while after is not None:
            async with memory.database.reading(timeout_ms=10_000) as conn:
                packed, after = await queries.read_records_after(conn, after=after, limit=BATCH)
            met.append(self._put(packed))
            await asyncio.sleep(0)
        is_met = np.zeros(memory.index.count, np.bool_)
        is_met[np.concatenate(met)] = True
        memory.index.retain(is_met)
        memory.viewers.mark_all_stale()
        self.snapshot, self.recount_since = snapshot, now - RECOUNT_OVERLAP
        self.loaded_at_s = time.monotonic()
        log.info("feed.loaded", videos=len(memory.index), bytes=memory.index.nbytes())

    async def _follow_changes(self) -> datetime | None:
        """Follow what was committed since the last time; None when all must be read anew.

        Returns the database's time before it was read.  Two statements of their own a second,
        here and for the counts: with a transaction around each, following an instance that
        nobody uses cost twice as much.
        """
        memory, since, now_s = self.memory, self.snapshot, time.monotonic()
        is_long_ago = now_s - self.followed_at_s > GONE_LONG_S
        if since is None or is_long_ago:
            return None
        if now_s - self.loaded_at_s > memory.settings.reload_every_s:
            return None
        async with memory.database.statement() as conn:
            changes = await queries.list_changes(
                conn, since=since, server_id=memory.server_id, rows_max=CHANGES_MAX
            )
        if not changes.is_continuous or _is_full(changes):
            return None
        if changes.video_ids:
            async with memory.database.reading() as conn:
                ids = changes.video_ids
                packed = await queries.read_records(conn, ids=ids)
                slots = self._put(packed)
                gone = set(ids) - {memory.index.id_of(slot) for slot in slots.tolist()}
                memory.index.remove(keys_of(gone))
                known = [slot for slot in slots.tolist() if memory.cards.encoded[slot] is not None]
                await memory.read_cards(conn, known)
        for account_id in changes.viewer_ids or ():
            memory.viewers.mark_stale(account_id)
        history = zip(changes.history_account_ids or (), changes.history_records or (), strict=True)
        for account_id, packed in history:
            memory.viewers.note_elsewhere(account_id, packed)
            for key, at_s, kind, _ in unpack(packed).tolist():
                if kind == VIEW:
                    memory.beaconry.views.counted_elsewhere(account_id, key, at_s)
        self.snapshot = changes.snapshot
        return changes.now

    async def _recount(self, read_at: datetime) -> None:
        """Take over new counts, scores and vectors; `read_at` is a moment before."""
        memory = self.memory
        since = self.recount_since or read_at - RECOUNT_OVERLAP
        async with memory.database.statement() as conn:
            count, packed = await queries.read_recounted(conn, since=since, rows_max=CHANGES_MAX)
        if count >= CHANGES_MAX:
            await self.load_all()
            return
        self._put(packed)
        self.recount_since = read_at - RECOUNT_OVERLAP

    def _put(self, packed: bytes | None) -> Slots:
        memory = self.memory
        records = read_records(packed)
        if not len(records):
            return np.empty(0, np.int32)
        slots = memory.index.put(records)
        memory.cards.grow()
        memory.cards.mark_counted(slots.tolist())
        return slots


def _is_full(changes: queries.Changes) -> bool:
    lists = (changes.video_ids, changes.viewer_ids, changes.history_account_ids)
    return any(len(found or ()) >= CHANGES_MAX for found in lists)


async def keep_following(memory: Memory, follower: Follower) -> None:
    """Follow for ever: every second, and soon after something was written here."""
    while True:
        started = time.monotonic()
        try:
            await follower.follow()
        except DatabaseUnavailable:
            log.debug("feed.not_followed")
        except Exception:
            log.exception("feed.not_followed")
        _report(memory, follower)
        await asyncio.sleep(WOKEN_AT_MOST_EVERY_S)
        patience_s = memory.settings.refresh_every_s - (time.monotonic() - started)
        try:
            async with asyncio.timeout(max(0.0, patience_s)):
                await memory.wake.wait()
        except TimeoutError:
            continue
        finally:
            memory.wake.clear()


async def keep_pooling(memory: Memory) -> None:
    """Pool candidates anew for ever."""
    while True:
        try:
            await pool_anew(memory)
        except Exception:
            log.exception("feed.not_pooled")
        await asyncio.sleep(memory.settings.pools_every_s)


async def pool_anew(memory: Memory) -> None:
    """Pool candidates from the index as it is, in a thread that takes its time."""
    count = memory.index.count

    def pool() -> Pools:
        columns = copy_columns(memory.index, count=count)
        now_ms = int(memory.now_s() * 1000)
        return make_pools(columns, now_ms=now_ms, known=memory.pools.regions, rest=Pace().rest)

    memory.pools = await asyncio.to_thread(pool)


async def keep_reading_ahead(memory: Memory) -> None:
    """Read the cards feeds will want before they are wanted: the best and newest first."""
    while True:
        try:
            for slots in memory.list_by_worth():
                await _read_ahead(memory, memory.cards.missing(slots))
                await asyncio.sleep(0)
        except Exception:
            log.exception("feed.not_read_ahead")
        await asyncio.sleep(memory.settings.pools_every_s)


async def _read_ahead(memory: Memory, slots: list[int]) -> None:
    """Read these cards, as far as there is room for them."""
    cards = memory.cards
    for start in range(0, len(slots), READ_AHEAD):
        if cards.bytes_held + READ_AHEAD * CARD_BYTES_ABOUT > cards.bytes_max:
            return
        started = time.monotonic()
        await memory.hydrate(slots[start : start + READ_AHEAD])
        await asyncio.sleep(READ_AHEAD_PAUSE * (time.monotonic() - started))


def _report(memory: Memory, follower: Follower) -> None:
    AGE_S.set(time.monotonic() - follower.followed_at_s if follower.followed_at_s else -1)
    VIDEOS.set(len(memory.index))
    VIEWERS.set(len(memory.viewers))
    CARD_BYTES.set(memory.cards.bytes_held)
