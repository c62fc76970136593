"""The background work of videos: what is queued, and what happens by itself."""

from contextlib import suppress
from uuid import UUID

from solstice.kit.database import DatabaseUnavailable
from solstice.kit.jobs import Job, Periodic, enqueue
from solstice.kit.resources import Resources
from solstice.videos import processing_queries
from solstice.videos.leases import end_dead_leases
from solstice.videos.processing import process_next
from solstice.videos.removal import remove_video_objects
from solstice.videos.sweep import sweep

NUDGES_MAX = 4
NUDGE_EVERY_S = 2.0
SWEEP_EVERY_S = 600.0


async def process_waiting(resources: Resources) -> None:
    """Process videos until none waits.

    Safe to run twice and at once: each video is worked on by whoever holds its lease.
    """
    with suppress(DatabaseUnavailable):  # the nudge wakes somebody once it is back
        while await process_next(resources):
            pass


async def remove_objects(resources: Resources, video_id: str) -> None:
    """Remove the objects of a deleted video; safe to run twice, removing is idempotent."""
    await remove_video_objects(resources, UUID(video_id))


async def sweep_videos(resources: Resources) -> None:
    """Finish or remove what deaths left behind; safe to run twice."""
    await sweep(resources)


async def is_anything_takeable(resources: Resources) -> bool:
    """Tell whether a video waits that nobody works on; those of dead workers come back first."""
    await end_dead_leases(resources)
    async with resources.database.statement() as conn:
        return await processing_queries.count_takeable(conn) > 0


async def nudge(resources: Resources) -> None:
    """Wake the workers for videos nobody works on: their worker died, or a pause is over.

    Safe to run twice: a job that finds nothing to do ends at once.
    """
    async with resources.database.transaction() as conn:
        waiting_count = await processing_queries.count_takeable(conn)
        for _ in range(min(waiting_count, NUDGES_MAX)):
            await enqueue(conn, PROCESS)


PROCESS = Job(
    name="videos.process",
    run=process_waiting,
    queue="processing",
    # It works off a whole line of videos; each step of an attempt has its own deadline.
    timeout_s=24 * 3600.0,
    attempts_max=1,
)
REMOVE = Job(name="videos.remove_objects", run=remove_objects, timeout_s=300.0)

JOBS: tuple[Job, ...] = (PROCESS, REMOVE)
TIMETABLE: tuple[Periodic, ...] = (
    Periodic(name="videos.nudge", run=nudge, every_s=NUDGE_EVERY_S, is_needed=is_anything_takeable),
    Periodic(name="videos.sweep", run=sweep_videos, every_s=SWEEP_EVERY_S, timeout_s=600.0),
)
