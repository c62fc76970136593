"""A lease on a video: taken with a generation, kept by a heartbeat, lost without harm.

Its end is noticed by time, from anywhere, or by proof, on the machine where its attempt died: the
scratch folder of the attempt carries the lease's mark, and the kernel has dropped the lock on it.

While the database is away the attempt goes on: if nobody took the video over meanwhile, its
generation still stands and its answer still counts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from uuid import UUID

import structlog

from solstice.kit.database import Connection, DatabaseUnavailable
from solstice.kit.errors import StorageFull
from solstice.kit.resources import Resources
from solstice.kit.stopping import stop_tasks
from solstice.videos import processing_queries
from solstice.videos.processing_queries import Lease
from solstice.videos.scratch import remove_leftovers
from solstice.videos.settings import VideoSettings

log = structlog.get_logger()

PROGRESS_EVERY_S = 1.0
DATABASE_PATIENCE_S = 120.0
"""How long a finished piece of work waits for the database: nobody takes over while it is away."""


class LeaseLost(Exception):
    """Somebody else has the video now, or its creator deleted it; nothing is to be written."""


async def end_dead_leases(resources: Resources) -> int:
    """Remove what dead attempts of this machine left in scratch, and give their videos back.

    Safe to run at any time: the lock is the proof, and the generation says which attempt it was.
    """
    marks = await asyncio.to_thread(remove_leftovers, resources.scratch_dir)
    for mark in marks:
        video_id, _, generation = mark.partition(".")
        async with resources.database.transaction() as conn:
            await processing_queries.update_died(
                conn, video_id=UUID(video_id), generation=int(generation)
            )
        log.warning("video.attempt_died", video_id=video_id)
    return len(marks)


class Attempt:
    """One attempt on one video: its lease, and how far it is."""

    def __init__(self, resources: Resources, lease: Lease) -> None:
        self.resources = resources
        self.settings = resources.settings_of(VideoSettings)
        self.lease = lease
        self.progress_percent = 0

    @property
    def video_id(self) -> str:
        """The video's id as it appears in names and logs."""
        return str(self.lease.video_id)

    @property
    def mark(self) -> str:
        """How the scratch folder tells whose it is."""
        return f"{self.lease.video_id}.{self.lease.generation}"

    def report(self, share: float) -> None:
        """Remember how far the work is, 0 to 1; the heartbeat tells it."""
        self.progress_percent = max(self.progress_percent, min(99, int(share * 100)))

    async def commit(self, write: Callable[[Connection], Awaitable[bool | None]]) -> bool:
        """Write in one transaction, waiting out a database that is away.

        Errors: LeaseLost when the write finds the generation gone, DatabaseUnavailable.
        """
        deadline = time.monotonic() + DATABASE_PATIENCE_S
        pause_s = 0.25
        while True:
            try:
                async with self.resources.database.transaction() as conn:
                    answer = await write(conn)
                    if answer is None:
                        raise LeaseLost
                    return answer
            except DatabaseUnavailable:
                if time.monotonic() + pause_s > deadline:
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, 2.0)

    async def run(self, work: Coroutine[None, None, None]) -> None:
        """Do the work while a heartbeat renews the lease; the work ends when the lease is lost.

        Errors: LeaseLost, and whatever the work raises.
        """
        working = asyncio.create_task(work)
        beating = asyncio.create_task(self._beat_until_lost())
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                beating.result()
                raise LeaseLost
            working.result()
        finally:
            await stop_tasks([working, beating])

    async def _beat_until_lost(self) -> None:
        told_percent, renewed_at_s = 0, time.monotonic()
        every_s = min(PROGRESS_EVERY_S, self.settings.lease_s / 3)
        while True:
            await asyncio.sleep(every_s)
            is_due = time.monotonic() - renewed_at_s >= self.settings.lease_s / 3 - every_s
            if not is_due and self.progress_percent == told_percent:
                continue
            is_ours = await self._renew()
            if is_ours is False:
                return
            if is_ours:
                told_percent, renewed_at_s = self.progress_percent, time.monotonic()

    async def _renew(self) -> bool | None:
        """Renew; None when that cannot be known now."""
        try:
            async with self.resources.database.transaction() as conn:
                return await processing_queries.renew(
                    conn,
                    lease=self.lease,
                    lease_s=self.settings.lease_s,
                    progress_percent=self.progress_percent,
                )
        except (DatabaseUnavailable, StorageFull) as error:
            log.warning("video.heartbeat_missed", video_id=self.video_id, error=repr(error))
            return None
