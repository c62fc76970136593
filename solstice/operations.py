"""Operations: what an administrator sees of the platform while it runs.

Unknown is null and never zero: with the database away the counts are unknown, and a platform
that was not started by `solstice up` has no list of processes.  The page is served by one of the
servers and says which; the independent status page is another matter.
"""

import os
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from litestar import get
from litestar.datastructures import State

from solstice.accounts.viewer import Viewer
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.http import problems
from solstice.kit.jobs import count_jobs
from solstice.kit.metrics import REQUESTS
from solstice.kit.resources import Resources
from solstice.videos.overview_queries import count_by_state, find_oldest_waiting_s

WINDOW_S = 30.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class ProcessRow(msgspec.Struct, kw_only=True):
    """One process that `solstice up` keeps alive."""

    name: str
    state: str
    pid: int | None = None
    started_at: float | None = None
    restart_count: int = 0
    memory_bytes: int | None = None


class _ProcessFile(msgspec.Struct):
    at: float
    processes: list[ProcessRow]


class DatabaseState(msgspec.Struct, kw_only=True):
    """The database as this server sees it."""

    is_reachable: bool
    connections_in_use: int
    connections_max: int
    waiting: int


class VideoStates(msgspec.Struct, kw_only=True):
    """How many videos are in each state."""

    uploading: int = 0
    received: int = 0
    processing: int = 0
    live: int = 0
    refused: int = 0


class JobStates(msgspec.Struct, kw_only=True):
    """The queue of background work."""

    todo: int = 0
    doing: int = 0
    failed: int = 0


class Disk(msgspec.Struct, kw_only=True):
    """The disk that holds the state directory."""

    free_bytes: int
    total_bytes: int


class Answers(msgspec.Struct, kw_only=True):
    """What this server answered: totals since its start, latencies over the last seconds."""

    answered_total: int
    failed_total: int
    latency_ms_p50: float | None
    latency_ms_p99: float | None
    since_s: float


class Operations(msgspec.Struct, kw_only=True):
    """The whole picture."""

    at: datetime
    server_pid: int
    processes: list[ProcessRow] | None
    database: DatabaseState
    videos: VideoStates | None
    oldest_waiting_s: float | None
    jobs: JobStates | None
    disk: Disk
    requests: Answers


class LatencyMemory:
    """Remembers earlier readings of the histogram, to tell the last seconds from all time."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, dict[float, float]]] = deque(maxlen=64)

    def read_ms(self, *shares: float) -> tuple[list[float | None], float]:
        """Return percentiles over the readings of the last `WINDOW_S`, and how long that was."""
        now_s, buckets = time.monotonic(), REQUESTS.read_latency_buckets()
        while self._readings and now_s - self._readings[0][0] > WINDOW_S:
            self._readings.popleft()
        then_s, before = self._readings[0] if self._readings else (now_s, {})
        self._readings.append((now_s, buckets))
        fresh = {bound: count - before.get(bound, 0.0) for bound, count in buckets.items()}
        return [decide_percentile_ms(fresh, share) for share in shares], now_s - then_s


def decide_percentile_ms(buckets: dict[float, float], share: float) -> float | None:
    """Read a percentile from cumulative buckets: the upper bound of the bucket it is in.

    None when nothing was observed, or when it is above the last finite bound.
    """
    total = max(buckets.values(), default=0.0)
    if total <= 0:
        return None
    bound = next(bound for bound in sorted(buckets) if buckets[bound] >= share * total)
    return None if bound == float("inf") else bound * 1000


def read_processes(state_dir: Path) -> list[ProcessRow] | None:
    """Read what the supervisor left word of; None when there is none to be read."""
    try:
        rows = msgspec.json.decode((state_dir / "processes.json").read_bytes(), type=_ProcessFile)
    except (OSError, msgspec.MsgspecError):
        return None
    for row in rows.processes:
        row.memory_bytes = read_memory_bytes(row.pid) if row.pid else None
    return rows.processes


def read_memory_bytes(pid: int) -> int | None:
    """Read a process's resident memory; None when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return None


async def observe_database(
    resources: Resources,
) -> tuple[VideoStates | None, float | None, JobStates | None, bool]:
    """Ask the database what it knows; all unknown while it is away."""
    try:
        async with resources.database.reading(timeout_ms=1000) as conn:
            videos = VideoStates(**await count_by_state(conn))
            oldest_s = await find_oldest_waiting_s(conn)
            counts = await count_jobs(conn)
    except DatabaseUnavailable:
        return None, None, None, False
    jobs = JobStates(
        todo=counts.get("todo", 0), doing=counts.get("doing", 0), failed=counts.get("failed", 0)
    )
    return videos, oldest_s, jobs, True


@get("/v1/operations", opt={"priority": "critical"}, responses=problems(401, 403, 429, 503))
async def read_operations(administrator: Viewer, resources: Resources, state: State) -> Operations:
    """Show an administrator how the platform is doing right now."""
    assert administrator.is_administrator  # noqa: S101 - the provider refused everybody else
    videos, oldest_waiting_s, jobs, is_reachable = await observe_database(resources)
    pool = resources.database.stats()
    state_dir = resources.scratch_dir.parent
    disk = os.statvfs(state_dir)
    memory: LatencyMemory = state.setdefault("latency_memory", LatencyMemory())
    (p50, p99), since_s = memory.read_ms(0.5, 0.99)
    answered, failed = REQUESTS.count_answers()
    return Operations(
        at=datetime.now(UTC),
        server_pid=os.getpid(),
        processes=read_processes(state_dir),
        database=DatabaseState(
            is_reachable=is_reachable,
            connections_in_use=pool.get("pool_size", 0) - pool.get("pool_available", 0),
            connections_max=resources.database.settings.pool_size,
            waiting=pool.get("requests_waiting", 0),
        ),
        videos=videos,
        oldest_waiting_s=oldest_waiting_s,
        jobs=jobs,
        disk=Disk(
            free_bytes=disk.f_bavail * disk.f_frsize, total_bytes=disk.f_blocks * disk.f_frsize
        ),
        requests=Answers(
            answered_total=answered,
            failed_total=failed,
            latency_ms_p50=p50,
            latency_ms_p99=p99,
            since_s=since_s,
        ),
    )


ROUTES = (read_operations,)
