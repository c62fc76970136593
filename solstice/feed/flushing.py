"""Writing the outbox, every half second, and once more when the server stops."""

import asyncio
from typing import Final

import structlog

from solstice.feed.memory import Memory
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.errors import StorageFull

LAST_FLUSH_S: Final = 3.0

log = structlog.get_logger()


async def keep_flushing(memory: Memory) -> None:
    """Write what beacons said for ever; what cannot be written now waits."""
    while True:
        await asyncio.sleep(memory.settings.flush_every_s)
        try:
            await memory.outbox.flush(memory.database)
        except (DatabaseUnavailable, StorageFull):
            log.debug("beacons.waiting")
        except Exception:
            log.exception("beacons.waiting")


async def flush_everything(memory: Memory) -> None:
    """Write what is left before the server ends; give up after LAST_FLUSH_S."""
    try:
        async with asyncio.timeout(LAST_FLUSH_S):
            while not memory.outbox.is_empty():
                await memory.outbox.flush(memory.database)
    except (DatabaseUnavailable, StorageFull, TimeoutError):
        log.warning("beacons.lost", reason="the database is away while this server stops")
