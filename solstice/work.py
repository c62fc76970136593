"""The worker: runs queued jobs and the timetable.

Queued jobs come through procrastinate (LISTEN/NOTIFY, a few ms; polling every 5 s as a net).
A worker that dies in a job leaves it marked as running; `retry_stalled` puts it back after
`STALLED_S`, and the features' own sweeps cover what even that misses.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
import structlog
from procrastinate import RetryStrategy

from solstice.accounts import JOBS as ACCOUNT_JOBS
from solstice.app import build_resources
from solstice.community import JOBS as COMMUNITY_JOBS
from solstice.feed import JOBS as FEED_JOBS
from solstice.kit.database import DatabaseSettings, DatabaseUnavailable
from solstice.kit.jobs import Job, Periodic
from solstice.kit.resources import Resources
from solstice.schedule import TIMETABLE
from solstice.settings import Settings
from solstice.videos import JOBS as VIDEO_JOBS

JOBS: tuple[Job, ...] = (*ACCOUNT_JOBS, *VIDEO_JOBS, *COMMUNITY_JOBS, *FEED_JOBS)

STALLED_S = 30
CONCURRENCY = {"default": 4, "processing": 1}
"""One video at a time on a small machine: ffmpeg itself uses every core."""

log = structlog.get_logger()


def build_queue(resources: Resources) -> procrastinate.App:
    """Make procrastinate's application with every feature's jobs registered."""
    dsn = resources.settings_of(DatabaseSettings).dsn
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=dsn, min_size=1, max_size=4, timeout=5.0, reconnect_timeout=0
        )
    )
    for job in JOBS:
        queue.task(
            name=job.name,
            queue=job.queue,
            retry=RetryStrategy(max_attempts=job.attempts_max, exponential_wait=3),
        )(_bounded(resources, job))
    return queue


def _bounded(resources: Resources, job: Job) -> Callable[..., Awaitable[None]]:
    async def run(**arguments: Any) -> None:
        async with asyncio.timeout(job.timeout_s):
            await job.run(resources, **arguments)

    return run


async def run_worker(settings: Settings, *, until: asyncio.Event) -> None:
    """Work until the event is set; the job at hand is given up to be taken over."""
    resources = build_resources(settings)
    await resources.database.open()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_keep_time(resources, entry)) for entry in TIMETABLE]
            tasks += [group.create_task(_keep_working(resources, name)) for name in CONCURRENCY]
            await until.wait()
            for task in tasks:
                task.cancel()
    finally:
        await resources.database.close()


async def _keep_working(resources: Resources, queue_name: str) -> None:
    """Run one queue's jobs; come back by itself when the database was away."""
    while True:
        queue = build_queue(resources)
        try:
            async with queue.open_async():
                await queue.run_worker_async(
                    queues=[queue_name],
                    concurrency=CONCURRENCY[queue_name],
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=1.0,
                )
        except Exception as error:  # noqa: BLE001 - whatever it was, working goes on
            log.warning("worker.interrupted", queue=queue_name, error=repr(error))
        await asyncio.sleep(1.0)


async def _keep_time(resources: Resources, entry: Periodic) -> None:
    """Run one entry of the timetable for ever."""
    while True:
        await asyncio.sleep(entry.every_s)
        try:
            async with asyncio.timeout(entry.timeout_s):
                await _run_alone(resources, entry)
        except (DatabaseUnavailable, TimeoutError) as error:
            log.warning("timetable.postponed", entry=entry.name, error=repr(error))
        except Exception:
            log.exception("timetable.failed", entry=entry.name)


async def _run_alone(resources: Resources, entry: Periodic) -> None:
    """Run the entry unless another process is at it."""
    async with resources.database.transaction(timeout_ms=int(entry.timeout_s * 1000)) as guard:
        cursor = await guard.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"timetable.{entry.name}"]
        )
        row = await cursor.fetchone()
        if row and row[0]:
            await entry.run(resources)
