"""The worker runs what was enqueued, alone where it must be, and survives its database."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from solstice.kit.jobs import Periodic
from solstice.kit.resources import Resources
from solstice.resources import build_resources
from solstice.settings import Settings
from solstice.work import JOBS, Worker, run_alone


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[Resources]:
    """The outside world of one process."""
    made = build_resources(settings)
    await made.database.open()
    yield made
    await made.database.close()


async def test_an_entry_never_runs_twice_at_once(resources: Resources) -> None:
    """Any number of workers may run: the second one passes the turn."""
    started, finish = asyncio.Event(), asyncio.Event()

    async def slow(_resources: Resources) -> None:
        started.set()
        await finish.wait()

    entry = Periodic(name="test.slow", run=slow, every_s=1)
    first = asyncio.create_task(run_alone(resources, entry))
    await started.wait()
    assert await run_alone(resources, entry) is False
    finish.set()
    assert await first is True


async def test_an_entry_that_is_not_needed_takes_no_lock(resources: Resources) -> None:
    """On an instance that nobody uses nearly every round ends here."""
    ran, needed = [], []

    async def work(_resources: Resources) -> None:
        ran.append(1)

    async def is_needed(_resources: Resources) -> bool:
        return bool(needed)

    entry = Periodic(name="test.needed", run=work, every_s=1, is_needed=is_needed)
    assert await run_alone(resources, entry) is False
    assert ran == []
    needed.append(1)
    assert await run_alone(resources, entry) is True
    assert ran == [1]


async def test_a_failed_entry_may_run_again(resources: Resources) -> None:
    """The lock goes with the transaction, however it ends."""

    async def fails(_resources: Resources) -> None:
        raise ZeroDivisionError

    entry = Periodic(name="test.fails", run=fails, every_s=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await run_alone(resources, entry)


def test_a_worker_imports_no_web_framework() -> None:
    """Routes and what they need would be a third of its memory, idle and at work."""
    asked = "import sys, solstice.work; print({'litestar', 'jinja2'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "set()\n"


async def test_a_worker_is_ready_once_it_listens_and_stops_when_told(settings: Settings) -> None:
    """Within seconds, and without leaving a task behind."""
    worker, until = Worker(settings), asyncio.Event()
    running = asyncio.create_task(worker.run(until))
    async with asyncio.timeout(20):
        while len(worker._listening) < 2:  # noqa: ASYNC110 - the only sign there is
            await asyncio.sleep(0.01)
    until.set()
    async with asyncio.timeout(20):
        await running


def test_jobs_have_names_of_their_own_and_deadlines() -> None:
    """Two features with one job name would run each other's work."""
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(job.timeout_s > 0 for job in JOBS)
