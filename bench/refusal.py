"""What saying no costs: processor time of a refusal over that of a personal feed page.

    python -m bench.refusal [--short] [--videos 20000] [--accounts 2000] [--seconds 8]

One served process on core 0, load at one fixed rate from core 1.  Refused are requests whose
deadline leaves no time, the same way as those above the level: headers, route and cell are looked
at, nothing else; a program is told with a document, a person shown a page.  Beside it a bare ASGI
application of constant bytes: what the HTTP server itself takes for a request, which no refusal in
Python can go below.
"""

import statistics
import time
from pathlib import Path

import psutil

from bench.feed import FOR_YOU, run, serving, wait_for_cards, warm_up
from bench.load import ask_steadily
from bench.table import Figure, print_figures

RATE = 1000.0
NO_TIME = "\r\nx-envoy-expected-rq-timeout-ms: 1"
OPENED = NO_TIME + "\r\naccept: text/html,*/*"
"""By a person: refused with a page instead of a document."""


def main() -> None:
    """Fill, start, measure, print."""
    run(measure, videos=20_000, accounts=2000, short={"videos": 4000, "accounts": 200})


def measure(folder: Path, dsn: str, cookies: list[str], *, seconds: float, rounds: int) -> bool:
    """Ask for pages, for refusals and for constant bytes by turns."""
    told = [cookie + NO_TIME for cookie in cookies]
    shown = [cookie + OPENED for cookie in cookies]
    accepted, documents, pages, constants = [], [], [], []
    with (
        serving("solstice", folder, dsn) as (port, _),
        serving("constant", folder, dsn) as (bare, _),
    ):
        wait_for_cards(port)
        warm_up(port, cookies)
        for _ in range(rounds):
            accepted.append(cost_us(port, cookies, seconds=seconds, is_refused=False))
            documents.append(cost_us(port, told, seconds=seconds, is_refused=True))
            pages.append(cost_us(port, shown, seconds=seconds, is_refused=True))
            constants.append(cost_us(bare, told, seconds=seconds, is_refused=False))
    acceptance_us, constant_us = statistics.median(accepted), statistics.median(constants)
    refusals_us = {
        "document": statistics.median(documents),
        "page": statistics.median(pages),
    }
    yardstick = f"personal page: {acceptance_us:.0f} µs; constant bytes: {constant_us:.0f} µs"
    return print_figures(
        "Refusals",
        [
            Figure(
                name=f"processor time of a refusal with a {form}",
                target="≤ 0.05 of a personal page",
                measured=f"{refusal_us:.0f} µs, {refusal_us - constant_us:.0f} of them ours",
                yardstick=yardstick,
                ratio=refusal_us / acceptance_us,
                met=refusal_us / acceptance_us <= 0.05,
            )
            for form, refusal_us in refusals_us.items()
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
