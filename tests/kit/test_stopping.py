"""Who is told to stop stops, even if the first telling got lost."""

import asyncio

from solstice.kit.stopping import ASKED_MAX, stop_tasks


async def go_on_despite(tellings: int) -> None:
    """Lose that many cancellations, as `asyncio.wait_for` of Python 3.11 may."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not tellings:
                raise
            tellings -= 1


async def started(tellings: int) -> asyncio.Task[None]:
    """A task that has reached its wait."""
    task = asyncio.create_task(go_on_despite(tellings))
    await asyncio.sleep(0)
    return task


async def test_a_lost_cancellation_is_repeated() -> None:
    """A loop that swallowed it would otherwise run for ever, and its process with it."""
    tasks = [await started(0), await started(1), await started(ASKED_MAX - 1)]
    await stop_tasks(tasks, again_s=0.01)
    assert all(task.cancelled() for task in tasks)


async def test_who_never_stops_holds_nobody_up() -> None:
    """The process ends anyway; the log names who did not."""
    stubborn, polite = await started(ASKED_MAX), await started(0)
    await stop_tasks([stubborn, polite], again_s=0.01)
    assert polite.cancelled()
    assert not stubborn.done()
    stubborn.cancel()
    await asyncio.wait([stubborn])


async def test_nobody_to_stop_is_no_wait() -> None:
    """And who had ended before is no obstacle."""
    ended = await started(0)
    ended.cancel()
    await asyncio.wait([ended])
    await stop_tasks([])
    await stop_tasks([ended])
