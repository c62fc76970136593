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
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.resources import Resources

log = structlog.get_logger()


@asynccontextmanager
async def keep_feed(resources: Resources, state: State) -> AsyncIterator[None]:
    """Keep the feed in memory as long as the server runs."""
    memory = Memory(resources)
    state.feed = memory
    follower = Follower(memory)
    try:
        async with asyncio.timeout(memory.settings.first_load_wait_s):
            await follower.follow()
    except (DatabaseUnavailable, TimeoutError):
        log.warning("feed.started_without_database")
    await pool_anew(memory)
    tasks = [
        asyncio.create_task(keep_following(memory, follower)),
        asyncio.create_task(keep_pooling(memory)),
        asyncio.create_task(keep_reading_ahead(memory)),
        asyncio.create_task(keep_flushing(memory)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await flush_everything(memory)


RUNNING = (keep_feed,)
