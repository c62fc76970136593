"""When the snapshot is written and read; its form is `snapshot.py`."""

import asyncio

import numpy as np
import structlog

from solstice.feed.keys import Slots
from solstice.feed.memory import Memory
from solstice.feed.refresh import Follower
from solstice.feed.snapshot import CARDS_MAX, read_snapshot, write_snapshot
from solstice.kit.pace import Pace, Rest, go_on

log = structlog.get_logger()


def restore(memory: Memory) -> bool:
    """Fill empty memory from the snapshot; False when there is none to believe."""
    found = read_snapshot(memory.snapshot_path)
    if found is None:
        return False
    records, heads = found
    slots = memory.index.put(records).tolist()
    memory.cards.grow()
    for number, head in heads.items():
        if number < len(slots):
            memory.cards.put(slots[number], head)
    log.info("feed.restored", videos=len(slots), cards=len(heads))
    return True


async def save(memory: Memory, rest: Rest = go_on) -> None:
    """Write the snapshot in a thread; the loop only looks up which cards are here.

    Errors: OSError.
    """
    index = memory.index
    slots = np.flatnonzero(index.visibility).astype(np.int32)
    heads = await _list_heads(memory, slots)
    await asyncio.to_thread(
        lambda: write_snapshot(memory.snapshot_path, index.export(slots, rest), heads, rest)
    )


async def _list_heads(memory: Memory, exported: Slots) -> dict[int, bytes]:
    """List card heads, the best and newest, by the number of their record."""
    numbers = np.full(memory.index.count, -1, np.int32)
    numbers[exported] = np.arange(len(exported))
    heads: dict[int, bytes] = {}
    for slots in memory.list_by_worth():
        for slot in slots:
            head = memory.cards.head(slot)
            if head is not None and slot < len(numbers) and numbers[slot] >= 0:
                heads[int(numbers[slot])] = head
        if len(heads) >= CARDS_MAX:
            break
        await asyncio.sleep(0)
    return heads


async def keep_saving(memory: Memory, follower: Follower) -> None:
    """Write the snapshot for ever, as long as memory follows the database."""
    saved_at_s = 0.0
    while True:
        await asyncio.sleep(memory.settings.snapshot_every_s)
        if follower.followed_at_s == saved_at_s:
            continue
        try:
            await save(memory, Pace().rest)
            saved_at_s = follower.followed_at_s
        except OSError as error:
            log.warning("feed.snapshot_not_written", error=repr(error))


async def save_last(memory: Memory, follower: Follower) -> None:
    """Write the snapshot when the server stops, if it ever followed the database."""
    if follower.followed_at_s:
        try:
            await save(memory)
        except OSError as error:
            log.warning("feed.snapshot_not_written", error=repr(error))
