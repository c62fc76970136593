"""Clients that misuse the edge, as many as the machine allows: what it costs, and what others feel.

    python -m bench.hostile [--short] [--clients 10000]

A real Envoy with our configuration before two small servers on this machine, one misuse after the
other.  While each goes on, somebody else asks 100 times a second; their failures and the
edge's memory (PSS) are the figures.  Connections come from 127.0.0.1 only, so the ports of one
address (28,000) and the open files of a process are the ceiling.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from bench.asking import parse
from bench.table import Figure, print_figures
from tests.edge.crowd import Crowd, running_crowd
from tests.edge.hostile import (
    LARGE_READ,
    SLOW_BODY,
    SLOW_HEADERS,
    continue_for_ever,
    crowding,
    reset_rapidly,
)

PORTS_MAX = 26_000
RATE = 100.0
QUESTIONS = 300
GROWTH_BYTES_MAX = 512 * 1024 * 1024
OPENINGS = {
    "say nothing": b"",
    "headers that dribble in": SLOW_HEADERS,
    "bodies that dribble in": SLOW_BODY,
    "never read what they asked for": LARGE_READ,
}


def main() -> None:
    """Run every misuse and print the table."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=100_000)
    chosen = parse(parser, clients=500)
    # Ours for each, and a thousand of the servers' side; the edge has as many of its own.
    clients = min(chosen.clients, PORTS_MAX, files - 4000)
    print(f"{clients} clients (asked for {chosen.clients}; {files} open files allowed)")
    with tempfile.TemporaryDirectory(prefix="solstice-hostile-") as place:
        figures = asyncio.run(measure(Path(place), clients))
    raise SystemExit(0 if print_figures("Hostile clients", figures) else 1)


async def measure(place: Path, clients: int) -> list[Figure]:
    """Bring on one misuse after the other, each against a fresh edge."""
    figures = []
    for number, (name, opening) in enumerate(OPENINGS.items()):
        async with running_crowd(place / str(number), size=2) as crowd, AsyncExitStack() as stack:
            before = edge_pss_bytes(crowd)
            await stack.enter_async_context(crowding(crowd.topology.port, clients, opening))
            figures.append(await _judge(crowd, f"{clients} x {name}", before))
    for name, attack in (
        ("rapid reset", reset_rapidly),
        ("CONTINUATION for ever", continue_for_ever),
    ):
        async with running_crowd(place / name.split()[0], size=2) as crowd:
            before = edge_pss_bytes(crowd)
            port, count = crowd.topology.port, 500
            attacks = [asyncio.create_task(attack(port, count=count)) for _ in range(20)]
            figures.append(await _judge(crowd, f"20 x {name}", before))
            await asyncio.gather(*attacks)
    return figures


async def _judge(crowd: Crowd, name: str, before: int) -> Figure:
    """Ask for a while as somebody else; say how many failed, and what the edge has grown by."""
    began_s = time.monotonic()
    answers = await crowd.ask_many(QUESTIONS, rate=RATE)
    took_s = time.monotonic() - began_s
    failed, growth = QUESTIONS - answers[200], edge_pss_bytes(crowd) - before
    return Figure(
        name=name,
        target=f"0 of {QUESTIONS} others fail; + ≤ {GROWTH_BYTES_MAX >> 20} MiB",
        measured=f"{failed} failed; + {growth / (1 << 20):.0f} MiB; {took_s:.1f} s",
        met=failed == 0 and growth <= GROWTH_BYTES_MAX,
    )


def edge_pss_bytes(crowd: Crowd) -> int:
    """Return the memory of the Envoy that works in the crowd's directory."""
    for process in psutil.process_iter():
        try:
            if process.name() == "envoy" and Path(process.cwd()) == crowd.directory.resolve():
                return int(process.memory_full_info().pss)
        except psutil.Error:
            continue
    raise LookupError("no Envoy runs there")


if __name__ == "__main__":
    main()
