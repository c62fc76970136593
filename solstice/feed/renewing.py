"""Renewing: ranking for those on the list of renewals, while pages go first.

One ranking a turn of the loop and a rest of twice its length after it: a page waits for one at
the most, and two thirds of the time are theirs however long the list.
"""

import asyncio
import time

import structlog

from solstice.feed.candidates import NO_KEYS
from solstice.feed.composition import compose_personal
from solstice.feed.memory import Memory
from solstice.kit.pace import RESTED_FOR_WORKED

log = structlog.get_logger()


async def keep_renewing(memory: Memory) -> None:
    """Renew queues for ever."""
    while True:
        await memory.renewals.are_wanted.wait()
        started = time.monotonic()
        try:
            renew_next(memory)
        except Exception:
            log.exception("feed.not_renewed")
        await asyncio.sleep(RESTED_FOR_WORKED * (time.monotonic() - started))


def renew_next(memory: Memory) -> None:
    """Rank for the next on the list, unless their next page will be ranked anyway."""
    state = memory.renewals.take()
    if state is None or state.queue is None or state.is_stale:
        return
    if memory.viewers.recall(state.account_id) is not state:
        return
    before = -1
    if 0 < state.position <= len(state.queue.slots):
        before = int(memory.index.creator[state.queue.slots[state.position - 1]])
    compose_personal(memory, state, given=NO_KEYS, before=before)
