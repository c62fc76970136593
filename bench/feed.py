"""How fast feed pages come: 10⁵ videos, 10⁴ accounts with history, one server on one core.

    python -m bench.feed [--short] [--videos 100000] [--accounts 10000] [--seconds 8]

Fills a throwaway PostgreSQL, starts the served application (one process on core 0, nothing left
out) and beside it a bare Litestar endpoint that answers the same bytes, and asks both by turns
from core 1.  PostgreSQL shares core 1 with the load, as it would have a core of its own.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import psutil

from bench.asking import parse
from bench.feed_data import fill
from bench.load import ask_steadily, press
from bench.table import Figure, print_figures
from solstice.accounts.cookies import SESSION_COOKIE
from solstice.accounts.tokens import derive_key, make_session_token, sign_session
from solstice.accounts.viewer import Viewer
from solstice.kit.ids import new_id
from solstice.kit.migrations import migrate
from solstice.kit.postgres import LocalPostgres
from solstice.settings import load_secret_key

SERVER_CORE, LOAD_CORE = 0, 1
FOR_YOU = "/v1/feed/for-you"


def main() -> None:
    """Fill, start, measure, print."""
    run(measure, videos=100_000, accounts=10_000, short={"videos": 4000, "accounts": 400})


def run(
    measure: Callable[..., bool], *, videos: int, accounts: int, short: dict[str, float]
) -> None:
    """Fill a throwaway database, sign everybody in, measure, and end with whether it was met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--videos", type=int, default=videos)
    parser.add_argument("--accounts", type=int, default=accounts)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parse(parser, **short, seconds=2.0, rounds=1)
    os.sched_setaffinity(0, {LOAD_CORE})
    folder = Path(tempfile.mkdtemp(prefix="solstice-bench-"))
    try:
        with running_postgres(folder) as dsn:
            people = fill(dsn, videos=chosen.videos, accounts=chosen.accounts)
            cookies = sign_in(folder / "state", people)
            is_met = measure(folder, dsn, cookies, seconds=chosen.seconds, rounds=chosen.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if is_met else 1)


def measure(folder: Path, dsn: str, cookies: list[str], *, seconds: float, rounds: int) -> bool:
    """Measure both servers by turns and print the table."""
    with serving("solstice", folder, dsn) as (port, started_s):
        page = fetch(port, FOR_YOU, cookies[0])
        (folder / "page.json").write_bytes(page)
        viewer = random.choice(cookies)
        print(f"a page has {len(page)} bytes; ready after {started_s:.1f} s")
        assert json.loads(page)["viewer"] is not None, viewer
        with serving("bare", folder, dsn) as (bare_port, _):
            wait_for_cards(port)
            warm_up(port, cookies)
            ours, bare = [], []
            for _ in range(rounds):
                bare.append(press(bare_port, "/bare", cookies, seconds=seconds, core=LOAD_CORE))
                ours.append(press(port, FOR_YOU, cookies, seconds=seconds, core=LOAD_CORE))
            steady = ask_steadily(port, FOR_YOU, cookies, seconds=seconds, rate=median(ours) / 2)
            print("server memory:", resident_mb(port), "MB")
            cold_ours, cold_bare = measure_cold(bare_port, folder, dsn, cookies, seconds=seconds)
    bad = sum(outcome.bad_count for outcome in (*ours, *bare, steady))
    ratio = median(ours) / median(bare)
    p99_ms = steady.percentile_ms(0.99)
    return print_figures(
        "Feed pages",
        [
            Figure(
                name="personal page, one core",
                target="≥ 0.5 of the bare one",
                measured=f"{median(ours):,.0f}/s",
                yardstick=f"bare endpoint, same bytes: {median(bare):,.0f}/s",
                ratio=ratio,
                met=ratio >= 0.5 and bad == 0,
            ),
            Figure(
                name="p99 at half that load",
                target="≤ 10 ms",
                measured=f"{p99_ms:.1f} ms",
                yardstick=f"{steady.rate:,.0f}/s, p50 {steady.percentile_ms(0.5):.1f} ms",
                met=p99_ms <= 10,
            ),
            Figure(
                name="page of a viewer read first",
                target="≥ 0.5 of the bare one",
                measured=f"{cold_ours:,.0f}/s",
                yardstick=f"bare endpoint, one indexed query: {cold_bare:,.0f}/s",
                ratio=cold_ours / cold_bare,
                met=cold_ours / cold_bare >= 0.5,
            ),
        ],
    )


def warm_up(port: int, cookies: list[str]) -> None:
    """Let every viewer have some pages, so that all are in memory and past their first queue."""
    started, pages = time.monotonic(), 0.0
    while pages < 7 * len(cookies):
        pages += 5 * press(port, FOR_YOU, cookies, seconds=5, core=LOAD_CORE).rate
    print(f"{pages:,.0f} pages to warm up in {time.monotonic() - started:.0f} s")


def wait_for_cards(port: int) -> None:
    """Wait until the server has read ahead all the cards it wants; it serves meanwhile."""
    started, before, held = time.monotonic(), -1.0, 0.0
    while before < held and time.monotonic() - started < 300:
        time.sleep(12)
        text = fetch(port, "/metrics", "").decode()
        found = re.findall(r"^solstice_feed_card_bytes (\S+)", text, re.MULTILINE)
        before, held = held, float(found[0])
    print(f"cards read ahead in {time.monotonic() - started:.0f} s: {held / 1e6:.0f} MB")


def measure_cold(
    bare_port: int, folder: Path, dsn: str, cookies: list[str], *, seconds: float
) -> tuple[float, float]:
    """Measure with a server that forgets every viewer at once, so that each page reads first."""
    with serving("solstice", folder, dsn, SOLSTICE_FEED_VIEWERS_BYTES_MAX="1") as (cold_port, _):
        wait_for_cards(cold_port)
        press(cold_port, FOR_YOU, cookies, seconds=3, core=LOAD_CORE)
        ours, bare = [], []
        for _ in range(3):
            bare.append(press(bare_port, "/query", cookies, seconds=seconds / 2, core=LOAD_CORE))
            ours.append(press(cold_port, FOR_YOU, cookies, seconds=seconds / 2, core=LOAD_CORE))
    return median(ours), median(bare)


def median(outcomes: list) -> float:  # type: ignore[type-arg]
    """Tell the middle rate."""
    return statistics.median(outcome.rate for outcome in outcomes)


@contextlib.contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Run a throwaway PostgreSQL with every migration."""
    server = LocalPostgres(data_dir=folder / "pg" / "data", port=free_port(), durable=False)
    server.prepare()
    process = server.start()
    server.wait_ready()
    try:
        migrate(server.dsn)
        yield server.dsn
    finally:
        server.stop()
        process.wait(30)


@contextlib.contextmanager
def serving(kind: str, folder: Path, dsn: str, **settings: str) -> Iterator[tuple[int, float]]:
    """Run one server process on its core; tells its port and how long it took to be ready."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "SOLSTICE_STATE_DIR": str(folder / "state"),
        "SOLSTICE_DATABASE_DSN": dsn,
        "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
        "SOLSTICE_LOG_LEVEL": "warning",
        "BENCH_PAGE": str(folder / "page.json"),
        **settings,
    }
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "bench.feed_server"]
    started = time.monotonic()
    process = subprocess.Popen([*command, kind, str(port)], env=environment)
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(httpx.HTTPError):
                fetch(port, "/healthz/ready", "")
                break
            assert time.monotonic() < deadline, "the server did not get ready"
            assert process.poll() is None, "the server ended"
            time.sleep(0.05)
        yield port, time.monotonic() - started
    finally:
        process.terminate()
        process.wait(30)


def sign_in(state_dir: Path, accounts: list[tuple[str, str]]) -> list[str]:
    """Sign session cookies for all accounts, as log-in would."""
    key = derive_key(load_secret_key(state_dir), "session")
    cookies = []
    for account_id, name in accounts:
        viewer = Viewer(id=UUID(account_id), session_id=new_id(), name=name, role="viewer")
        token = make_session_token(viewer, at=datetime.now(UTC), fresh_s=7200.0, lifetime_s=86400.0)
        cookies.append(f"{SESSION_COOKIE}={sign_session(token, key)}")
    return cookies


def fetch(port: int, path: str, cookie: str) -> bytes:
    """Fetch one address."""
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie}, timeout=30)
    answer.raise_for_status()
    return answer.content


def resident_mb(port: int) -> int:
    """Tell the memory of the process that listens on a port."""
    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
            return int(psutil.Process(connection.pid).memory_info().rss) >> 20
    return 0


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
