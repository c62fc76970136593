"""M11: one of six servers is ill in a way its health check does not see.

Ten times slower, silent, dropping what it accepts, or answering 500 at once: the last is the
most dangerous, since a fast failure looks like an idle server to whoever picks the least busy.
"""

import asyncio
import signal

from bench.overload.balancers import OURS, REFERENCE, Setup
from bench.overload.results import Results
from bench.overload.skew import read_totals
from bench.overload.stand import SLOT_CAPACITY_PER_S, draw, free_ports, offer, settle, standing
from solstice.drills.fault_proxy import FaultProxy
from solstice.drills.record import Record
from solstice.drills.schedule import constant

COUNT = 6
LOAD = 0.5
BEFORE_S = 3
SLOW_S = 0.4
HARMED_US = 200_000
READS = {"feed": 0.7, "comments": 0.3}
KINDS: dict[str, dict[str, object]] = {
    "10x slow": {"latency_s": SLOW_S / 2},
    "hangs": {"stalls": True},
    "drops": {"resets": True},
    "instant 500": {},
}


async def measure(results: Results, *, runs: int, seconds: int) -> None:
    """Ours in every run, HAProxy once."""
    for run in range(runs):
        for setup in (REFERENCE, OURS) if run == 0 else (OURS,):
            for kind in KINDS:
                await _measure_one(results, setup, kind, run=run, seconds=seconds)
                await settle(0.2)


async def _measure_one(
    results: Results, setup: Setup, kind: str, *, run: int, seconds: int
) -> None:
    (port,) = free_ports(1)
    rate = constant(LOAD * COUNT * SLOT_CAPACITY_PER_S)
    async with FaultProxy("127.0.0.1", port) as proxy:
        fronts = {port: proxy.port}
        # The proxy lives in this loop, so the stand may not block it while it starts.
        context = standing(setup, count=COUNT, fronts=fronts)
        stand = await asyncio.to_thread(context.__enter__)
        try:
            schedule = draw(rate, duration_s=BEFORE_S + seconds, seed=1100 + run, mix=READS)
            running = asyncio.create_task(offer(stand.port, schedule, seed=run))
            await asyncio.sleep(BEFORE_S)
            before = await asyncio.to_thread(read_totals, stand) if setup.has_admission else {}
            if kind == "instant 500":
                stand.servers[0].send_signal(signal.SIGUSR1)
            else:
                proxy.set_fault(**KINDS[kind])
            record = (await running).record
            after = await asyncio.to_thread(read_totals, stand) if setup.has_admission else {}
        finally:
            proxy.set_fault()
            await asyncio.to_thread(context.__exit__, None, None, None)
    results.keep(record, measure=f"grey {kind}", setup=setup.name, run=run)
    harmed = harmed_by_second(record, seconds=seconds)
    minute = LOAD * COUNT * SLOT_CAPACITY_PER_S * 60
    # A minute of the same load; what happens after the measured seconds is taken to be as at
    # their end, so this is never kinder than a whole minute would be.
    tail = sum(harmed[-5:]) / 5 * (60 - seconds)
    share = (sum(harmed) + tail) / minute
    results.note(f"M11 {kind}, harmed in 60 s", setup=setup.name, run=run, value=share)
    if setup.has_admission:
        isolated = max((at + 1 for at, count in enumerate(harmed) if count > 0), default=0)
        results.note(f"M11 {kind}, isolated s", setup=setup.name, run=run, value=isolated)
        got = {port: after.get(port, 0) - before.get(port, 0) for port in after}
        share = got.get(proxy.port, 0) / max(1, sum(got.values()))
        results.note(f"M11 {kind}, traffic of 1/N", setup=setup.name, run=run, value=share * COUNT)


def harmed_by_second(record: Record, *, seconds: int) -> list[int]:
    """Actions a second that failed or took five times what they should."""
    harmed = []
    for at_s in range(BEFORE_S, BEFORE_S + seconds):
        count = 0
        for rows in record.seconds.values():
            row = rows[at_s]
            count += row.offered - row.good
            count += sum(
                step.count_at_value_iterated_to
                for step in row.latency_us.get_recorded_iterator()
                if step.value_iterated_to > HARMED_US
            )
        harmed.append(count)
    return harmed
