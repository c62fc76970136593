"""M6: requests per user action while everything is overloaded.

With the clients people have (three tries) the journey shows how many requests they make.  Here
the clients are the web app's own: a refusal is an answer, retries come from a budget.  What the
edge adds by its own retries is multiplied in.
"""

import asyncio
import re

from bench.overload.balancers import OURS as SETUP
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, Stand, draw, offer, settle, standing
from solstice.drills.load import OURS
from solstice.drills.schedule import constant
from solstice.edge.admin import ask_admin

FACTOR = 10.0


async def measure(results: Results, *, runs: int, seconds: int) -> None:
    """Ours, with its own clients, at ten times the capacity."""
    setup = SETUP
    rate = constant(FACTOR * SERVERS * SLOT_CAPACITY_PER_S)
    for run in range(runs):
        with standing(setup) as stand:
            schedule = draw(rate, duration_s=seconds, seed=1700 + run)
            record = (await offer(stand.port, schedule, seed=run, manners=OURS)).record
            sent, retried = await asyncio.to_thread(read_retries, stand)
        results.keep(record, measure="amplification", setup=setup.name, run=run)
        by_clients = record.attempts_per_action(from_s=0, to_s=seconds)
        by_edge = sent / max(1, sent - retried)
        results.note(
            "M6 attempts per action", setup=setup.name, run=run, value=by_clients * by_edge
        )
        await settle()


def read_retries(stand: Stand) -> tuple[int, int]:
    """Requests our edge sent to servers, and how many of them were retries."""
    text = ask_admin(stand.folder, "/stats?filter=^cluster.*upstream_rq_(total|retry)$") or ""
    counts = {"total": 0, "retry": 0}
    for name, count in re.findall(r"upstream_rq_(total|retry): (\d+)$", text, re.MULTILINE):
        counts[name] += int(count)
    return counts["total"], counts["retry"]
