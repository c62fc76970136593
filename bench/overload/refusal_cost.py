"""M15: what a refusal costs beside an acceptance, at the edge and in a server.

Goodput at m times the capacity is (1 - m r) / (1 - r) of the peak, when the same processor
accepts and refuses.  Two loads, one below the capacity and one far above it; the processor time
of the edge and of the servers, over what each accepted and refused.
"""

import asyncio
import re

from bench.overload.balancers import OURS as SETUP
from bench.overload.feed_stand import FeedStand
from bench.overload.results import Results
from bench.overload.stand import Stand, cpu_s, draw, offer, settle, standing
from solstice.drills.load import OURS
from solstice.drills.record import Record
from solstice.drills.schedule import constant
from solstice.edge.admin import ask_admin

CALM, BUSY = 0.6, 10.0
READS = {"feed": 1.0}


async def measure(results: Results, feed: FeedStand, *, runs: int, seconds: int) -> None:
    """Ours, before real feed handlers."""
    for run in range(runs):
        with standing(SETUP, running=feed.guarded) as stand:
            calm = await _load(stand, feed, CALM, seconds=seconds, seed=run)
            await settle(2.0)
            busy = await _load(stand, feed, BUSY, seconds=seconds, seed=run)
        results.keep(busy[0], measure="refusal cost", setup="Solstice", run=run)
        _, edge_s, server_s, sent = calm
        edge_accept_s, server_accept_s = edge_s / sent, server_s / sent
        record, edge_s, server_s, sent = busy
        refused = sum(record.statuses[status] for status in (429, 503))
        by_servers = max(0, sent - record.statuses[200])
        by_edge = max(1, refused - by_servers)
        whole_s = edge_accept_s + server_accept_s
        edge_refuse_s = (edge_s - edge_accept_s * sent) / by_edge
        for figure, value in (
            ("accept µs", whole_s * 1e6),
            ("edge refusal over accept", max(0.0, edge_refuse_s) / whole_s),
            ("refused by servers", by_servers / max(1, refused)),
        ):
            results.note(f"M15 {figure}", setup="Solstice", run=run, value=value)
        if by_servers > 50:
            app = (server_s - server_accept_s * record.statuses[200]) / by_servers
            value = max(0.0, app) / server_accept_s
            results.note("M15 app refusal over accept", setup="Solstice", run=run, value=value)


async def _load(
    stand: Stand, feed: FeedStand, factor: float, *, seconds: int, seed: int
) -> tuple[Record, float, float, int]:
    """One load; returns the record, and what edge and servers used and the edge sent on."""
    rate = constant(factor * feed.capacity_per_s)
    schedule = draw(rate, duration_s=seconds, seed=1900 + seed, mix=READS)
    edge_s, server_s = cpu_s(stand.balancer.pid), cpu_s(*feed.guarded_pids)
    sent = await asyncio.to_thread(_read_sent, stand)
    offered = await offer(stand.port, schedule, seed=seed, manners=OURS, render=feed.render)
    return (
        offered.record,
        cpu_s(stand.balancer.pid) - edge_s,
        cpu_s(*feed.guarded_pids) - server_s,
        await asyncio.to_thread(_read_sent, stand) - sent,
    )


def _read_sent(stand: Stand) -> int:
    text = ask_admin(stand.folder, "/stats?filter=^cluster.app.upstream_rq_total$") or ""
    found = re.search(r"upstream_rq_total: (\d+)", text)
    return int(found[1]) if found else 0
