"""M5: load goes up to ten times and the same way down; goodput must retrace.

What stays below on the way down is a metastable state: the load is gone, the trouble is not
(Isaacs et al., HotOS'25).  The figure is the area between the two curves over the area under
the way up, with load on a linear axis.
"""

from collections.abc import Sequence

from bench.overload.balancers import OURS, REFERENCE
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, draw, offer, settle, standing
from solstice.drills.schedule import steps

UP = (0.5, 1.0, 2.0, 5.0, 10.0)
WAY = (*UP, *UP[-2::-1])
STEP_S, SETTLE_S = 4, 1
TAIL_S = 1
"""A second's goodput is that of who came in it, and who came in the last one of a step is served
at the second try, in the next step: on the way down with more room, on the way up with less."""


async def measure(results: Results, *, runs: int) -> None:
    """Ours in every run, HAProxy once."""
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    pairs = [(float(STEP_S * index), factor * capacity) for index, factor in enumerate(WAY)]
    for run in range(runs):
        for setup in (REFERENCE, OURS) if run == 0 else (OURS,):
            with standing(setup) as stand:
                offered = await offer(
                    stand.port,
                    draw(steps(*pairs), duration_s=STEP_S * len(WAY), seed=500 + run),
                    seed=run,
                )
            record = offered.record
            results.keep(record, measure="hysteresis", setup=setup.name, run=run)
            goodputs = [
                record.goodput_per_s(
                    from_s=STEP_S * index + SETTLE_S, to_s=STEP_S * (index + 1) - TAIL_S
                )
                for index in range(len(WAY))
            ]
            area = hysteresis(goodputs[: len(UP)], goodputs[len(UP) - 1 :][::-1])
            results.note("M5 hysteresis", setup=setup.name, run=run, value=area)
            await settle()


def hysteresis(up: Sequence[float], down: Sequence[float]) -> float:
    """Area between two curves over `UP`, as a share of the area under the way up."""
    between = under = 0.0
    for left in range(len(UP) - 1):
        width = UP[left + 1] - UP[left]
        gaps = [abs(up[left + k] - down[left + k]) for k in (0, 1)]
        between += width * sum(gaps) / 2
        under += width * (up[left] + up[left + 1]) / 2
    return between / under if under else 1.0
