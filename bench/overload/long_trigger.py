"""M4 as it is written: a trigger of a whole minute, at 0.9 of the capacity before and after.

Ten times the load, or half of the servers gone.  The stock set-ups show the same after the five
seconds of `journey.py`; a minute more of it cannot make their recovery faster.
"""

import asyncio
import signal

from bench.overload.balancers import OURS
from bench.overload.journey import recovery_s
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, draw, offer, settle, standing
from solstice.drills.schedule import constant, steps

LOAD, SPIKE = 0.9, 10.0
BEFORE_S, AFTER_S = 5, 8


async def measure(results: Results, *, runs: int, seconds: int) -> None:
    """Both triggers, ours."""
    setup = OURS
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    duration_s = BEFORE_S + seconds + AFTER_S
    spike = steps(
        (0.0, LOAD * capacity),
        (float(BEFORE_S), SPIKE * capacity),
        (float(BEFORE_S + seconds), LOAD * capacity),
    )
    for run in range(runs):
        for name, rate in (("spike", spike), ("half gone", constant(LOAD * capacity))):
            with standing(setup) as stand:
                schedule = draw(rate, duration_s=duration_s, seed=1500 + run)
                running = asyncio.create_task(offer(stand.port, schedule, seed=run))
                await asyncio.sleep(BEFORE_S)
                gone = stand.servers[: SERVERS // 2] if name == "half gone" else []
                for server in gone:
                    server.send_signal(signal.SIGSTOP)
                await asyncio.sleep(seconds)
                for server in gone:
                    server.send_signal(signal.SIGCONT)
                record = (await running).record
            results.keep(record, measure=f"long {name}", setup=setup.name, run=run)
            before = record.share_good(from_s=1, to_s=BEFORE_S)
            removed_s = BEFORE_S + seconds
            value = recovery_s(record, removed_s=removed_s, until_s=duration_s, before=before)
            results.note(f"M4 {name} of {seconds} s", setup=setup.name, run=run, value=value)
            goodput = record.goodput_per_s(from_s=BEFORE_S + 2, to_s=removed_s)
            results.note(
                f"M4 {name} goodput during", setup=setup.name, run=run, value=goodput / capacity
            )
            await settle()
