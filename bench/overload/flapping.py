"""M12: health checks lie, all of them at once, under five times the load.

They flap at random, as on AWS in October 2025, or run into their time-outs.  A balancer that
believes them takes away what capacity there is; the goodput must be that of M1.
"""

import asyncio
import signal

from bench.overload.balancers import OURS
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, draw, offer, settle, standing
from solstice.drills.schedule import constant

FACTOR = 5.0
SICK_FROM_S = 5
KINDS = {"flapping": signal.SIGUSR2, "timing out": signal.SIGHUP}


async def measure(results: Results, *, runs: int, seconds: int) -> None:
    """Ours, goodput with sick checks over goodput before; the stock set-ups serve nobody there."""
    rate = constant(FACTOR * SERVERS * SLOT_CAPACITY_PER_S)
    for run in range(runs):
        for kind, ill in KINDS.items():
            with standing(OURS) as stand:
                schedule = draw(rate, duration_s=SICK_FROM_S + seconds, seed=1300 + run)
                running = asyncio.create_task(offer(stand.port, schedule, seed=run))
                await asyncio.sleep(SICK_FROM_S)
                for server in stand.servers:
                    server.send_signal(ill)
                record = (await running).record
            results.keep(record, measure=f"health {kind}", setup=OURS.name, run=run)
            before = record.goodput_per_s(from_s=2, to_s=SICK_FROM_S)
            during = record.goodput_per_s(from_s=SICK_FROM_S + 1, to_s=SICK_FROM_S + seconds)
            share = during / before if before else 0.0
            results.note(f"M12 {kind}", setup=OURS.name, run=run, value=share)
            await settle()
