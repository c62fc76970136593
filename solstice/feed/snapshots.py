"""When the snapshot is written and read; its form is `snapshot.py`."""

import asyncio

import numpy as np
import structlog

from solstice.feed.memory import Memory
from solstice.feed.refresh import Follower
from solstice.feed.snapshot import CARDS_MAX, read_snapshot, write_snapshot

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


async def save(memory: Memory) -> None:
    """Write the snapshot in a thread; copying what it needs takes some milliseconds.

    Errors: OSError.
    """
    records, slots = memory.index.export()
    pools = memory.pools
    newest = slots[np.argsort(-memory.index.published_ms[slots], kind="stable")]
    order = dict.fromkeys(np.concatenate([pools.popular, pools.fresh, newest]).tolist())
    number_of = {slot: number for number, slot in enumerate(slots.tolist())}
    heads: dict[int, bytes] = {}
    for slot in order:
        head = memory.cards.head(slot)
        if head is not None and slot in number_of:
            heads[number_of[slot]] = head
            if len(heads) >= CARDS_MAX:
                break
    await asyncio.to_thread(write_snapshot, memory.snapshot_path, records, heads)


async def keep_saving(memory: Memory, follower: Follower) -> None:
    """Write the snapshot for ever, as long as memory follows the database."""
    saved_at_s = 0.0
    while True:
        await asyncio.sleep(memory.settings.snapshot_every_s)
        if follower.followed_at_s == saved_at_s:
            continue
        try:
            await save(memory)
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
