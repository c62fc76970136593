"""Tasks that are told to stop do stop, though one telling can be lost."""

import asyncio
from collections.abc import Iterable

import structlog

ASK_AGAIN_S = 3.0
"""Longer than a worker's own second for its job at hand: who is stopping is left to it."""

ASKED_MAX = 4

log = structlog.get_logger()


async def stop_tasks(
    tasks: Iterable[asyncio.Task[object]], *, again_s: float = ASK_AGAIN_S
) -> None:
    """Cancel the tasks and wait until they have ended, however; 12 s at the longest.

    `asyncio.wait_for` of Python 3.11 swallows a cancellation that arrives as its wait ends
    (python/cpython#86296, mended in 3.12), and the database's pool waits with it: one in forty
    workers stopped in its first moment went on for ever.  So whoever goes on is asked again.
    """
    told = list(tasks)
    left = set(told)
    for _ in range(ASKED_MAX):
        for task in left:
            task.cancel()
        if left:
            _, left = await asyncio.wait(left, timeout=again_s)
    for task in told:
        if task.done() and not task.cancelled() and (error := task.exception()):
            log.info("tasks.ended_before", name=task.get_name(), error=repr(error))
    if left:
        log.error("tasks.not_stopped", names=sorted(task.get_name() for task in left))
