"""A neighbour goes down and its people come here: from nothing to ten times in five seconds.

The servers have just been started: no cache is warm, no limit has been learnt.
"""

from bench.overload.balancers import OURS, REFERENCE
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, draw, offer, settle, standing
from solstice.drills.schedule import ramp

OVER_S, DURATION_S, FROM_S = 5, 11, 2


async def measure(results: Results, *, runs: int) -> None:
    """Ours in every run, HAProxy once."""
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    rate = ramp(from_rate=0.0, to_rate=10 * capacity, over_s=OVER_S)
    for run in range(runs):
        for setup in (REFERENCE, OURS) if run == 0 else (OURS,):
            with standing(setup) as stand:
                offered = await offer(
                    stand.port, draw(rate, duration_s=DURATION_S, seed=900 + run), seed=run
                )
            results.keep(offered.record, measure="flash crowd", setup=setup.name, run=run)
            # From the second in which the crowd passes twice what can be served.
            goodput = offered.record.goodput_per_s(from_s=FROM_S, to_s=DURATION_S)
            results.note("flash crowd", setup=setup.name, run=run, value=goodput / capacity)
            await settle()
