"""Background work: jobs enqueued in the caller's transaction, and a timetable.

A job is an async function with JSON-able keyword arguments.  It is enqueued on the caller's
connection, so it exists exactly if the data it is about exists.  Jobs run at least once: each
must be safe to run twice, and its docstring says why it is.

Procrastinate keeps the queue (docs/decisions/0013).  Each feature lists its jobs in `JOBS`
and its periodic work in `TIMETABLE` entries that `solstice/schedule.py` collects; nothing
registers by being imported.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import procrastinate

from solstice.kit.database import Connection, ReadConnection


@dataclass(frozen=True, kw_only=True)
class Job:
    """One kind of background work.

    `run` is called with the worker's resources first, then the enqueued keyword arguments.
    """

    name: str
    run: Callable[..., Awaitable[None]]
    queue: str = "default"
    timeout_s: float = 60.0
    attempts_max: int = 5


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """Work that repeats: at most one process runs it at a time, guarded by an advisory lock."""

    name: str
    run: Callable[..., Awaitable[None]]
    every_s: float
    timeout_s: float = 30.0
    is_needed: Callable[..., Awaitable[bool]] | None = None
    """Asked with the resources before anything else, best in one statement: on an instance that
    nobody uses, lock and transaction of every entry were half of what the worker cost."""


_DEFERRER = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def enqueue(conn: Connection, job: Job, *, lock: str | None = None, **arguments: Any) -> None:
    """Add the job to the queue in the caller's transaction; a `lock` runs one at a time."""
    deferrer = _DEFERRER.configure_task(
        job.name, queue=job.queue, lock=lock, connection=conn, allow_unknown=True
    )
    await deferrer.defer_async(**arguments)


async def count_jobs(conn: ReadConnection) -> dict[str, int]:
    """Count the queue's jobs by status (`todo`, `doing`, `failed`, …)."""
    cursor = await conn.execute(
        "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status LIMIT 20"
    )
    return {str(status): int(count) for status, count in await cursor.fetchall()}
