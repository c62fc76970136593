"""M15: what a refusal costs beside an acceptance, at the edge and in a server.

Goodput at m times the capacity is (1 - m r) / (1 - r) of the peak, when the same processor
accepts and refuses, and acceptances cost the same at every load; ours get cheaper.  So three
loads of one kind each: pages just below the capacity, less what the same processes use at rest;
pages before a closed valve; pages asked of a server too late, past the edge.  From refusals
nothing is taken off: what servers do by themselves varies by more than they cost.  Beside the
closed valve the same load before an Envoy with one route that says no: what its refusal costs at
least.
"""

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from bench.overload.balancers import OURS as STEERED
from bench.overload.balancers import start_refusing_envoy, wait_serving
from bench.overload.feed_stand import FeedStand
from bench.overload.results import Results
from bench.overload.stand import (
    SERVER_CORE,
    Stand,
    cpu_s,
    draw,
    end,
    free_ports,
    offer,
    on_core,
    settle,
    standing,
)
from solstice.drills.load import OURS, Render
from solstice.drills.schedule import constant
from solstice.edge.last_good import change
from solstice.edge.steer import ROUTES
from solstice.edge.valves import set_valves

FULL, BUSY = 0.8, 10.0
"""The most at which nobody is refused (M2 calls it calm), and the most of the journeys."""
CLOSED_PER_S = 2.0
TOO_LATE = b"\r\nx-envoy-expected-rq-timeout-ms: 1\r\n\r\n"
READS = {"feed": 1.0}
SETUP = replace(STEERED, assist=None)
"""Steering would open the valve again: then servers refuse, and the edge has carried it all."""
OK, BUSY_STATUS = 200, 429


@dataclass(frozen=True, kw_only=True)
class Used:
    """Processor time, in seconds."""

    edge_s: float
    servers_s: float


NOTHING = Used(edge_s=0.0, servers_s=0.0)


async def measure(results: Results, feed: FeedStand, *, runs: int, seconds: int) -> None:
    """Ours, before real feed handlers, and the bare Envoy."""
    for run in range(runs):
        with standing(SETUP, running=feed.guarded) as stand:
            meter = _Meter(stand, feed, seconds=seconds, seed=1900 + run)
            await settle(2.0)
            at_rest = await meter.rest()
            by_server = await meter.cost(
                feed.guarded[0],
                # More, and its part of a core would not do for the refusals alone.
                BUSY * feed.capacity_per_s / len(feed.guarded),
                lambda event: feed.render(event).replace(b"\r\n\r\n", TOO_LATE, 1),
                status=BUSY_STATUS,
            )
            rate = FULL * feed.capacity_per_s
            accepted = await meter.cost(
                stand.port, rate, feed.render, status=OK, at_rest=at_rest, other=by_server
            )
            _close_valve(stand.folder)
            rate = BUSY * feed.capacity_per_s
            by_edge = await meter.cost(
                stand.port, rate, feed.render, status=BUSY_STATUS, other=accepted
            )
        bare_s = await _measure_bare(feed, seconds=seconds, seed=1900 + run)
        whole_s = accepted.edge_s + accepted.servers_s
        for figure, value in (
            ("accept µs", whole_s * 1e6),
            ("edge refusal µs", by_edge.edge_s * 1e6),
            ("app refusal µs", by_server.servers_s * 1e6),
            ("edge refusal over accept", by_edge.edge_s / whole_s),
            ("app refusal over accept", by_server.servers_s / accepted.servers_s),
        ):
            results.note(f"M15 {figure}", setup="Solstice", run=run, value=value)
        for figure, value in (
            ("edge refusal µs", bare_s * 1e6),
            ("edge refusal over accept", bare_s / whole_s),
        ):
            results.note(f"M15 {figure}", setup="Envoy", run=run, value=value)


async def _measure_bare(feed: FeedStand, *, seconds: int, seed: int) -> float:
    """Return what a refusal costs an Envoy that does nothing else, in seconds of a processor."""
    with tempfile.TemporaryDirectory(prefix="solstice-overload-") as folder:
        (port,) = free_ports(1)
        with on_core(SERVER_CORE):
            envoy = start_refusing_envoy(port, Path(folder))
        try:
            wait_serving(port, status=BUSY_STATUS)
            schedule = draw(
                constant(BUSY * feed.capacity_per_s), duration_s=seconds, seed=seed, mix=READS
            )
            before_s = cpu_s(envoy.pid)
            offered = await offer(port, schedule, seed=1, manners=OURS, render=feed.render)
            used_s = cpu_s(envoy.pid) - before_s
        finally:
            end(envoy)
    return used_s / offered.record.statuses[BUSY_STATUS]


class _Meter:
    """Reads what the edge and both servers use."""

    def __init__(self, stand: Stand, feed: FeedStand, *, seconds: int, seed: int) -> None:
        self._pids = stand.balancer.pid, feed.guarded_pids
        self._seconds = seconds
        self._seed = seed

    async def rest(self) -> Used:
        """Return what they use while nobody asks for anything."""
        before = self._read()
        await asyncio.sleep(self._seconds)
        return _since(before, self._read())

    async def cost(
        self,
        port: int,
        rate_per_s: float,
        render: Render,
        *,
        status: int,
        at_rest: Used = NOTHING,
        other: Used = NOTHING,
    ) -> Used:
        """Offer pages and return the cost of each answer of this status.

        What processes use `at_rest`, and the cost of each answer of an `other` status, are taken
        off: a full server refuses some, and a closed valve lets some through.

        Errors: AssertionError when most had another status, and the cost would be of a mixture.
        """
        schedule = draw(constant(rate_per_s), duration_s=self._seconds, seed=self._seed, mix=READS)
        before = self._read()
        record = (await offer(port, schedule, seed=1, manners=OURS, render=render)).record
        used = _since(before, self._read())
        count = record.statuses[status]
        others = record.statuses.total() - count
        assert others < count, record.statuses
        return Used(
            edge_s=(used.edge_s - at_rest.edge_s - others * other.edge_s) / count,
            servers_s=(used.servers_s - at_rest.servers_s - others * other.servers_s) / count,
        )

    def _read(self) -> Used:
        edge, servers = self._pids
        return Used(edge_s=cpu_s(edge), servers_s=cpu_s(*servers))


def _since(before: Used, after: Used) -> Used:
    return Used(edge_s=after.edge_s - before.edge_s, servers_s=after.servers_s - before.servers_s)


def _close_valve(folder: Path) -> None:
    """Close it in both files."""
    change(ROUTES, lambda text: set_valves(text, {"playback": CLOSED_PER_S}), directory=folder)
