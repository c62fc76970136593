"""M9: every wrong configuration we could think of, while people are served.

Two ways in.  Typed values, through the code that publishes: it must refuse with a reason and
change nothing.  And files written behind its back, as by a disk, a script or a tired person:
Envoy must refuse them, or what watches it must take them back.  No request may fail either way.
"""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

from bench.overload.balancers import OURS
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, Stand, draw, offer, settle, standing
from solstice.drills.schedule import constant
from solstice.edge.admin import ask_admin

LOAD = 0.5
CASE_S = 2
WRONG_S = 1.4
ENDPOINTS = "endpoints-servers.json"
Document = dict  # type: ignore[type-arg]


def _weights(value: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        document = json.loads(text)
        for locality in document["resources"][0]["endpoints"]:
            for endpoint in locality["lb_endpoints"]:
                endpoint["load_balancing_weight"] = value
        return json.dumps(document)

    return change


def _localities(value: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        document = json.loads(text)
        document["resources"][0]["endpoints"] = value
        return json.dumps(document)

    return change


FILES: dict[str, tuple[str, Callable[[str], str]]] = {
    'weight "0"': (ENDPOINTS, _weights("0")),
    "weight NaN": (ENDPOINTS, _weights(float("nan"))),
    "weight -1": (ENDPOINTS, _weights(-1)),
    "empty list": (ENDPOINTS, _localities([])),
    "wrong type": (ENDPOINTS, _localities("all")),
    "endpoints truncated": (ENDPOINTS, lambda text: text[: len(text) // 2]),
    "endpoints empty": (ENDPOINTS, lambda _text: ""),
    "routes truncated": ("rds.json", lambda text: text[: len(text) // 2]),
    "clusters truncated": ("cds.json", lambda text: text[: len(text) // 2]),
    "clusters garbage": ("cds.json", lambda _text: "\x00\xff{"),
    "listeners truncated": ("lds.json", lambda text: text[: len(text) // 2]),
}
"""Name → the file and what is done to it."""


async def measure(results: Results, *, runs: int) -> None:
    """All cases one after the other under one load."""
    setup = OURS
    for run in range(runs):
        with standing(setup) as stand:
            duration_s = 2 + CASE_S * len(FILES) + 1
            rate = constant(LOAD * SERVERS * SLOT_CAPACITY_PER_S)
            schedule = draw(rate, duration_s=duration_s, seed=950 + run)
            running = asyncio.create_task(offer(stand.port, schedule, seed=run))
            await asyncio.sleep(2)
            began_s = time.monotonic()
            slowest_s = 0.0
            for number, (name, (file, change)) in enumerate(FILES.items()):
                taken_s = await asyncio.to_thread(_write, stand, file, change)
                print(f"    {name}: harmless after {taken_s:.2f} s", flush=True)
                slowest_s = max(slowest_s, taken_s)
                await asyncio.sleep(max(0.0, began_s + CASE_S * (number + 1) - time.monotonic()))
            record = (await running).record
        results.keep(record, measure="bad configuration", setup=setup.name, run=run)
        rows = [row for seconds in record.seconds.values() for row in seconds]
        lost = sum(row.offered - row.good for row in rows)
        results.note("M9 failed requests", setup=setup.name, run=run, value=lost)
        results.note("M9 harmless after s", setup=setup.name, run=run, value=slowest_s)
        await settle()


def _write(stand: Stand, file: str, change: Callable[[str], str]) -> float:
    """Write a file wrong, behind everybody's back; tell when it was last seen to do harm."""
    path = stand.folder / file
    good = path.read_text()
    began_s = time.monotonic()
    harmless_s = 0.0
    _replace(path, change(good))
    try:
        while time.monotonic() - began_s < WRONG_S:
            time.sleep(0.05)
            if not _knows_servers(stand):
                harmless_s = time.monotonic() - began_s
    finally:
        _replace(path, good)
    return harmless_s if harmless_s < WRONG_S - 0.1 else float("inf")


def _knows_servers(stand: Stand) -> bool:
    """Whether the edge still has all its servers."""
    text = ask_admin(stand.folder, "/clusters") or ""
    return all(f"app::127.0.0.1:{port}::" in text for port in stand.server_ports)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".wrong")
    fresh.write_text(text, encoding="latin-1")
    fresh.replace(path)
