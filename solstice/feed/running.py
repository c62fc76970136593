"""What a server keeps running for the feed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar.datastructures import State

from solstice.feed.flushing import flush_everything, keep_flushing
from solstice.feed.memory import Memory
from solstice.feed.refresh import (
    Follower,
    keep_following,
    keep_pooling,
    keep_reading_ahead,
    pool_anew,
)
from solstice.feed.renewing import keep_renewing
from solstice.feed.snapshots import keep_saving, restore, save_last
from solstice.kit.resources import Resources
from solstice.kit.stopping import stop_tasks

log = structlog.get_logger()


@asynccontextmanager
async def keep_feed(resources: Resources, state: State) -> AsyncIterator[None]:
    """Keep the feed in memory as long as the server runs."""
    memory = Memory(resources)
    state.feed = memory
    follower = Follower(memory)
    following = asyncio.create_task(keep_following(memory, follower))
    try:
        async with asyncio.timeout(memory.settings.first_load_wait_s):
            await memory.loaded.wait()
    except TimeoutError:
        # Without a snapshot its 503s make the edge leave it out until the database answers.
        if restore(memory):
            memory.loaded.set()
        log.warning("feed.not_loaded_in_time", is_ready=memory.is_ready)
    await pool_anew(memory)
    tasks = [
        following,
        asyncio.create_task(keep_pooling(memory)),
        asyncio.create_task(keep_renewing(memory)),
        asyncio.create_task(keep_reading_ahead(memory)),
        asyncio.create_task(keep_flushing(memory)),
        asyncio.create_task(keep_saving(memory, follower)),
    ]
    try:
        yield
    finally:
        await stop_tasks(tasks)
        await flush_everything(memory)
        await save_last(memory, follower)


RUNNING = (keep_feed,)
