"""The worker: runs queued jobs and the timetable, and answers for its health.

Queued jobs come through procrastinate (LISTEN/NOTIFY, a few ms; polling every 5 s as a net).
A worker that dies in a job leaves it marked as running: `retry_stalled` puts it back once the
dead worker's heartbeat is `STALLED_S` old, and the features' own sweeps cover what even that
misses.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
import structlog
from procrastinate import RetryStrategy

from solstice.accounts import JOBS as ACCOUNT_JOBS
from solstice.community import JOBS as COMMUNITY_JOBS
from solstice.feed import JOBS as FEED_JOBS
from solstice.kit.asgi import App
from solstice.kit.confinement import describe_confinement
from solstice.kit.database import DatabaseSettings, DatabaseUnavailable
from solstice.kit.health import build_health_app
from solstice.kit.jobs import Job, Periodic
from solstice.kit.metrics import JOB_DURATION_S, JOBS_ENDED
from solstice.kit.resources import Resources
from solstice.kit.stopping import stop_tasks
from solstice.resources import build_resources
from solstice.schedule import TIMETABLE
from solstice.settings import Settings
from solstice.videos import JOBS as VIDEO_JOBS

JOBS: tuple[Job, ...] = (*ACCOUNT_JOBS, *VIDEO_JOBS, *COMMUNITY_JOBS, *FEED_JOBS)

STALLED_S = 30
HEARTBEAT_S = 10
CONCURRENCY = {"default": 4, "processing": 1}
"""One video at a time on a small machine: ffmpeg itself uses every core."""

log = structlog.get_logger()


class Worker:
    """One worker process."""

    def __init__(self, settings: Settings) -> None:
        self.resources = build_resources(settings)
        self._listening: set[str] = set()

    def health_app(self) -> App:
        """Answer liveness, readiness (every queue is listened to) and metrics."""
        return build_health_app(lambda: self._listening == set(CONCURRENCY))

    async def run(self, until: asyncio.Event) -> None:
        """Work until the event is set; the job at hand is given up, to be taken over."""
        layers = describe_confinement()
        (log.error if layers.missing else log.info)("worker.sandbox", sentence=layers.sentence)
        await self.resources.database.open()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._keep_time(entry)) for entry in TIMETABLE]
                tasks += [group.create_task(self._keep_working(name)) for name in CONCURRENCY]
                tasks.append(group.create_task(self._keep_retrying_stalled()))
                await until.wait()
                await stop_tasks(tasks)
        finally:
            await self.resources.database.close()

    async def _keep_working(self, name: str) -> None:
        """Run one queue's jobs; come back by itself when the database was away."""
        while True:
            queue = build_queue(self.resources)
            try:
                async with queue.open_async():
                    self._listening.add(name)
                    await queue.run_worker_async(
                        queues=[name],
                        concurrency=CONCURRENCY[name],
                        delete_jobs="successful",
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=1.0,
                        update_heartbeat_interval=HEARTBEAT_S,
                        stalled_worker_timeout=STALLED_S,
                    )
            except Exception as error:  # noqa: BLE001 - whatever it was, working goes on
                log.warning("worker.interrupted", queue=name, error=repr(error))
            self._listening.discard(name)
            await asyncio.sleep(1.0)

    async def _keep_retrying_stalled(self) -> None:
        """Put jobs of dead workers back into their queue."""
        while True:
            try:
                queue = build_queue(self.resources)
                async with queue.open_async():
                    while True:
                        await asyncio.sleep(HEARTBEAT_S)
                        await _retry_stalled(queue)
            except Exception as error:  # noqa: BLE001 - the same
                log.warning("worker.interrupted", queue="stalled", error=repr(error))
            await asyncio.sleep(1.0)

    async def _keep_time(self, entry: Periodic) -> None:
        """Run one entry of the timetable for ever."""
        while True:
            await asyncio.sleep(entry.every_s)
            try:
                async with asyncio.timeout(entry.timeout_s):
                    await run_alone(self.resources, entry)
            except (DatabaseUnavailable, TimeoutError) as error:
                log.warning("timetable.postponed", entry=entry.name, error=repr(error))
            except Exception:
                log.exception("timetable.failed", entry=entry.name)


def build_queue(resources: Resources) -> procrastinate.App:
    """Make procrastinate's application with every feature's jobs registered."""
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=resources.settings_of(DatabaseSettings).dsn,
            kwargs={"application_name": "solstice jobs", "connect_timeout": 2},
            min_size=1,
            max_size=4,
            timeout=5.0,
            reconnect_timeout=0,
        )
    )
    for job in JOBS:
        retry = RetryStrategy(max_attempts=job.attempts_max, exponential_wait=3)
        queue.task(name=job.name, queue=job.queue, retry=retry)(_measured(resources, job))
    return queue


def _measured(resources: Resources, job: Job) -> Callable[..., Awaitable[None]]:
    """Bound the job by its deadline, and count how it ended."""

    async def run(**arguments: Any) -> None:
        started = time.monotonic()
        outcome = "failed"
        try:
            async with asyncio.timeout(job.timeout_s):
                await job.run(resources, **arguments)
            outcome = "done"
        finally:
            JOBS_ENDED.labels(job.name, outcome).inc()
            JOB_DURATION_S.labels(job.name).observe(time.monotonic() - started)

    return run


async def _retry_stalled(queue: procrastinate.App) -> None:
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        log.warning("job.stalled", job=job.task_name, job_id=job.id)
        await queue.job_manager.retry_job(job)


async def run_alone(resources: Resources, entry: Periodic) -> bool:
    """Run a timetable entry if needed and no other process is at it; tells whether it ran."""
    if entry.is_needed is not None and not await entry.is_needed(resources):
        return False
    async with resources.database.transaction(timeout_ms=int(entry.timeout_s * 1000)) as guard:
        cursor = await guard.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"timetable.{entry.name}"]
        )
        row = await cursor.fetchone()
        if not (row and row[0]):
            return False
        await entry.run(resources)
        return True
