"""M7, the incident itself: the balancer gives one server 80 % of the traffic, and hops.

Every two seconds another server is the hot one.  The weights are written where each balancer
takes them from: HAProxy's runtime socket, NGINX's file and a reload, our edge's endpoints file
behind the back of whoever wrote it.  After the last hop the wrong weights are left in place;
what puts them right is the edge's own watch.  Envoy's stock set-up here has its servers in a
static file, so there is nothing to skew without a restart; it is left out.
"""

import asyncio
import json
import re
import signal
import socket
import time

from bench.overload.balancers import NGINX, OURS, REFERENCE, Setup, render_nginx
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, Stand, draw, offer, settle, standing
from solstice.drills.schedule import constant
from solstice.edge.admin import ask_admin

HOP_S, BEFORE_S, AFTER_S = 2, 3, 7
STOCK_S = 10
HOT_SHARE, HOT_WEIGHT = 0.8, 4 * (SERVERS - 1)
LOAD = 0.9
FAIR_WITHIN = 0.15


async def measure(results: Results, *, runs: int, skewed_s: int) -> None:
    """Ours in every run, HAProxy and NGINX once and not for the whole minute."""
    for run in range(runs):
        for setup in (REFERENCE, NGINX, OURS) if run == 0 else (OURS,):
            seconds = skewed_s if setup is OURS else min(skewed_s, STOCK_S)
            with standing(setup) as stand:
                await _measure_one(results, setup, stand, run=run, skewed_s=seconds)
            await settle()


async def _measure_one(
    results: Results, setup: Setup, stand: Stand, *, run: int, skewed_s: int
) -> None:
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    duration_s = BEFORE_S + skewed_s + (AFTER_S if setup.has_admission else 0)
    schedule = draw(constant(LOAD * capacity), duration_s=duration_s, seed=700 + run)
    running = asyncio.create_task(offer(stand.port, schedule, seed=run))
    await asyncio.sleep(BEFORE_S)
    hops = skewed_s // HOP_S
    for hop in range(hops):
        await asyncio.to_thread(skew, setup, stand, hot=hop % SERVERS)
        if hop + 1 < hops:
            await asyncio.sleep(HOP_S)
    if setup.has_admission:
        right_s = await _wait_fair(stand, within_s=HOP_S + AFTER_S)
        results.note("M7 spread right after s", setup=setup.name, run=run, value=right_s)
    record = (await running).record
    results.keep(record, measure="skew", setup=setup.name, run=run)
    goodput = record.goodput_per_s(from_s=BEFORE_S + 1, to_s=BEFORE_S + skewed_s)
    allowed = decide_allowed_per_s(LOAD * capacity)
    results.note("M7 goodput of allowed", setup=setup.name, run=run, value=goodput / allowed)
    results.note("M7 processes that died", setup=setup.name, run=run, value=len(stand.list_dead()))


def decide_allowed_per_s(offered_per_s: float) -> float:
    """What can be served at most when the split is 80 % to one and the rest evenly."""
    hot = min(SLOT_CAPACITY_PER_S, HOT_SHARE * offered_per_s)
    cool = min(SLOT_CAPACITY_PER_S, (1 - HOT_SHARE) / (SERVERS - 1) * offered_per_s)
    return hot + (SERVERS - 1) * cool


def skew(setup: Setup, stand: Stand, *, hot: int) -> None:
    """Give one server twelve times the weight of each other."""
    weights = [HOT_WEIGHT if n == hot else 1 for n in range(SERVERS)]
    if setup.name == "HAProxy":
        for number, weight in enumerate(weights):
            with socket.socket(socket.AF_UNIX) as admin:
                admin.connect(str(stand.folder / "haproxy.sock"))
                admin.sendall(f"set server app/s{number} weight {weight}\n".encode())
                admin.recv(1024)
    elif setup.name == "NGINX":
        text = render_nginx(stand.server_ports, weights, stand.port, stand.folder)
        (stand.folder / "nginx.conf").write_text(text)
        stand.balancer.send_signal(signal.SIGHUP)
    else:
        path = stand.folder / "endpoints-servers.json"
        document = json.loads(path.read_text())
        for locality in document["resources"][0]["endpoints"]:
            for endpoint in locality["lb_endpoints"]:
                address = endpoint["endpoint"]["address"]["socket_address"]
                number = stand.server_ports.index(address["port_value"])
                endpoint["load_balancing_weight"] = weights[number]
        fresh = path.with_suffix(".skewed")
        fresh.write_text(json.dumps(document))
        fresh.replace(path)


async def _wait_fair(stand: Stand, *, within_s: float) -> float:
    """Seconds until every server gets its share again; inf when it did not happen."""
    began_s = time.monotonic()
    before = await asyncio.to_thread(read_totals, stand)
    while time.monotonic() - began_s < within_s:
        await asyncio.sleep(0.5)
        now = await asyncio.to_thread(read_totals, stand)
        got = [now.get(port, 0) - before.get(port, 0) for port in stand.server_ports]
        before = now
        if sum(got) and max(got) / sum(got) <= 1 / SERVERS + FAIR_WITHIN:
            return time.monotonic() - began_s - 0.5
    return float("inf")


def read_totals(stand: Stand) -> dict[int, int]:
    """Read how many requests our edge has sent to each server so far."""
    text = ask_admin(stand.folder, "/clusters") or ""
    totals: dict[int, int] = {}
    for port, count in re.findall(
        r"^\w+::127\.0\.0\.1:(\d+)::rq_total::(\d+)$", text, re.MULTILINE
    ):
        totals[int(port)] = totals.get(int(port), 0) + int(count)
    return totals
