"""Ask every process whether it still answers, and have the one replaced that does not.

One small task per process asks; one `Vigil` judges all of them together, because whether a
silent process is to blame can only be seen beside the others (`kit/liveness.py`).
"""

import asyncio
import time
from collections.abc import Sequence

from solstice.kit.liveness import AGAIN_S, Question, Vigil, ask, read_threads, was_starved
from solstice.kit.processes import Keeper

LATE_S = 0.5
"""A question that ends this long after its deadline says that we were not running."""


async def watch(keepers: Sequence[Keeper]) -> None:
    """Watch those that can be asked, until cancelled."""
    vigil = Vigil()
    async with asyncio.TaskGroup() as group:
        for keeper in keepers:
            if keeper.spec.liveness:
                group.create_task(_attend(keeper, keeper.spec.liveness, vigil))


async def _attend(keeper: Keeper, question: Question, vigil: Vigil) -> None:
    silent_from_s, threads = 0.0, read_threads(0)
    while True:
        name, pid, start, began_s = (
            keeper.spec.name,
            keeper.pid,
            keeper.started_at,
            time.monotonic(),
        )
        is_answered = pid is not None and await ask(question)
        now_s = time.monotonic()
        if now_s - began_s > question.timeout_s + LATE_S:
            vigil.forgive()
        elif start == keeper.started_at:
            vigil.note(
                name,
                start=start,
                is_answered=is_answered,
                now_s=now_s,
                is_ready=keeper.is_ready,
            )
            if pid is not None and vigil.traces[name].silences == 1:
                silent_from_s, threads = now_s, read_threads(pid)
            elif pid is not None and vigil.traces[name].silences >= question.silences_max:
                is_starved = was_starved(threads, read_threads(pid), over_s=now_s - silent_from_s)
                if vigil.condemn(name, question, is_starved=is_starved, now_s=now_s):
                    silence_s = now_s - silent_from_s + question.timeout_s
                    keeper.replace(f"has not answered for {silence_s:.1f} s")
        is_silent = pid is not None and not is_answered
        await asyncio.sleep(AGAIN_S if is_silent else question.interval_s)
