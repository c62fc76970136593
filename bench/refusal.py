"""What saying no costs: processor time of a refusal over that of a personal feed page.

    python -m bench.refusal [--short] [--videos 20000] [--accounts 2000] [--seconds 8]

One served process on core 0, load at one fixed rate from core 1.  Refused are requests whose
deadline leaves no time, the same way as those above the level: headers, route and cell are looked
at, nothing else.  Beside it a bare ASGI application of constant bytes: what the HTTP server itself
takes for a request, which no refusal in Python can go below.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.asking import parse
from bench.feed import (
    FOR_YOU,
    LOAD_CORE,
    running_postgres,
    serving,
    sign_in,
    wait_for_cards,
    warm_up,
)
from bench.feed_data import fill
from bench.load import ask_steadily
from bench.table import Figure, print_figures

RATE = 1000.0
NO_TIME = "\r\nx-envoy-expected-rq-timeout-ms: 1"


def main() -> None:
    """Fill, start, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--videos", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parse(parser, videos=4000, accounts=200, seconds=2.0, rounds=1)
    os.sched_setaffinity(0, {LOAD_CORE})
    folder = Path(tempfile.mkdtemp(prefix="solstice-bench-"))
    try:
        with running_postgres(folder) as dsn:
            cookies = sign_in(
                folder / "state", fill(dsn, videos=chosen.videos, accounts=chosen.accounts)
            )
            is_met = measure(folder, dsn, cookies, seconds=chosen.seconds, rounds=chosen.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if is_met else 1)


def measure(folder: Path, dsn: str, cookies: list[str], *, seconds: float, rounds: int) -> bool:
    """Ask for pages, for refusals and for constant bytes by turns."""
    hopeless = [cookie + NO_TIME for cookie in cookies]
    pages, refusals, constants = [], [], []
    with (
        serving("solstice", folder, dsn) as (port, _),
        serving("constant", folder, dsn) as (bare, _),
    ):
        wait_for_cards(port)
        warm_up(port, cookies)
        for _ in range(rounds):
            pages.append(cost_us(port, cookies, seconds=seconds, is_refused=False))
            refusals.append(cost_us(port, hopeless, seconds=seconds, is_refused=True))
            constants.append(cost_us(bare, hopeless, seconds=seconds, is_refused=False))
    page, refusal, constant = (statistics.median(each) for each in (pages, refusals, constants))
    print(f"of a refusal's {refusal:.0f} µs, {refusal - constant:.0f} are ours")
    return print_figures(
        "Refusals",
        [
            Figure(
                name="processor time of a refusal",
                target="≤ 0.05 of a personal page",
                measured=f"{refusal:.0f} µs",
                yardstick=f"personal page: {page:.0f} µs; constant bytes: {constant:.0f} µs",
                ratio=refusal / page,
                met=refusal / page <= 0.05,
            )
        ],
    )


def cost_us(port: int, cookies: list[str], *, seconds: float, is_refused: bool) -> float:
    """Tell a request's processor time at a fixed rate, without what the process does alone."""
    process = listener(port)
    idle_share = busy_s(process, pause_s=2.0) / 2.0
    began_s, cpu_s = time.perf_counter(), sum(process.cpu_times()[:2])
    outcome = ask_steadily(port, FOR_YOU, cookies, seconds=seconds, rate=RATE)
    took_s, cpu_s = time.perf_counter() - began_s, sum(process.cpu_times()[:2]) - cpu_s
    count = len(outcome.latencies_ms)
    assert outcome.bad_count == (count if is_refused else 0), outcome.bad_count
    return (cpu_s - idle_share * took_s) / count * 1e6


def busy_s(process: psutil.Process, *, pause_s: float) -> float:
    """Tell the processor time a process takes while nobody asks."""
    before_s = sum(process.cpu_times()[:2])
    time.sleep(pause_s)
    return float(sum(process.cpu_times()[:2]) - before_s)


def listener(port: int) -> psutil.Process:
    """Find the process that listens on a port."""
    return next(
        psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.laddr.port == port and connection.status == "LISTEN"
    )


if __name__ == "__main__":
    main()
