"""Writes through the edge: likes of one video by many at once, comments, beacons in batches.

    python -m bench.writes [--short] [--likes 10000] [--connections 100]

Runs an instance of its own, with its defaults, and writes to it as a page would.  The count of
the likes is read from the video's own page until it is exact.  Yardstick: the same row inserted
and committed by the driver alone, over as many connections as the two servers hold.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil
import psycopg

from bench.asking import parse
from bench.closed_loop import Outcome, render_request, write
from bench.idle import list_processes, spent_s
from bench.startup import fresh_environment, wait_for_page
from bench.table import Figure, print_figures
from solstice.accounts.cookies import SESSION_COOKIE
from solstice.accounts.tokens import derive_key, make_session_token, sign_session
from solstice.accounts.viewer import Viewer
from solstice.kit.ids import new_id
from solstice.kit.machine import MachineSettings, local_postgres

LIKES, CONNECTIONS = 10_000, 100
LIKE_MS_P99_MAX = 100.0
BEACONS_PER_CORE_MIN = 1000.0
BATCH = 50
VIDEOS = 100
COMMENTS = 1000
BEACON_BATCHES = 400
EXACT_WITHIN_S = 30.0
MARKS = {"servers": "solstice serve", "edge": "envoy", "PostgreSQL": "postgres"}
"""What is in a process's command line, by the part it belongs to."""
PARTS = ("generator", *MARKS, "others")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A running instance with people and videos in it."""

    port: int
    dsn: str
    cookies: list[str]
    account_ids: list[UUID]
    video_ids: list[UUID]
    up: int
    state_dir: Path

    def spent_s(self) -> dict[str, float]:
        """Return the processor time of each part of the instance, and of this very process."""
        spent = dict.fromkeys(PARTS, 0.0)
        spent["generator"] = time.process_time()
        for process in list_processes(self.up, self.state_dir):
            with suppress(psutil.Error):
                command = " ".join(process.cmdline())
                part = next((part for part, mark in MARKS.items() if mark in command), "others")
                spent[part] += spent_s(process)
        return spent


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--likes", type=int, default=LIKES)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    chosen = parse(parser, likes=500)
    likes, connections = chosen.likes, chosen.connections
    with (
        tempfile.TemporaryDirectory(prefix="solstice-writes-") as temporary,
        running(Path(temporary), accounts=likes) as instance,
    ):
        bare = measure_bare(instance.dsn, rows=min(likes, 5000))
        figures = measure_likes(instance, likes=likes, connections=connections, bare=bare)
        figures.append(measure_comments(instance, connections=connections, bare=bare))
        figures.append(measure_beacons(instance, connections=connections))
    raise SystemExit(0 if print_figures("Writes through the edge", figures) else 1)


@contextmanager
def running(place: Path, *, accounts: int) -> Iterator[Instance]:
    """Run `solstice up` in a place of its own, filled with accounts and videos."""
    state_dir = place / "var"
    environment = {**fresh_environment(place), "PATH": os.environ["PATH"]}
    environment["SOLSTICE_STATE_DIR"] = str(state_dir)
    up = subprocess.Popen(
        [sys.executable, "-P", "-m", "solstice", "up"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        port = int(environment["SOLSTICE_EDGE_PORT"])
        wait_for_page(f"http://127.0.0.1:{port}/", up)
        machine = MachineSettings(postgres_port=int(environment["SOLSTICE_MACHINE_POSTGRES_PORT"]))
        dsn = local_postgres(machine, state_dir=state_dir).dsn
        ids = insert_people(dsn, accounts)
        yield Instance(
            port=port,
            dsn=dsn,
            cookies=sign_cookies(state_dir, ids),
            account_ids=ids,
            video_ids=insert_videos(dsn, ids[0]),
            up=up.pid,
            state_dir=state_dir,
        )
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(timeout=60)


def insert_people(dsn: str, count: int) -> list[UUID]:
    """Insert accounts, as many as there will be likes: a like is one for each account."""
    ids = [new_id() for _ in range(count)]
    with (
        psycopg.connect(dsn) as conn,
        conn.cursor() as cursor,
        cursor.copy("COPY accounts (id, name, display_name, password_hash) FROM STDIN") as copy,
    ):
        for number, account_id in enumerate(ids):
            copy.write_row((account_id, f"bench{number}", f"Bench {number}", "!"))
    return ids


def insert_videos(dsn: str, creator_id: UUID) -> list[UUID]:
    """Insert live videos."""
    ids = [new_id() for _ in range(VIDEOS)]
    with psycopg.connect(dsn) as conn:
        for video_id in ids:
            conn.execute(
                """
                INSERT INTO videos (id, creator_id, state, caption, published_at, received_at,
                    duration_ms, width, height, has_audio, ladder_done_at)
                VALUES (%s, %s, 'live', 'A clip', now(), now(), 9000, 720, 1280, true, now())
                """,
                [video_id, creator_id],
            )
    return ids


def sign_cookies(state_dir: Path, account_ids: list[UUID]) -> list[str]:
    """Sign everybody in, without the cost of hashing ten thousand passwords."""
    key = derive_key((state_dir / "secret.key").read_bytes(), "session")
    at = datetime.now(UTC)
    cookies = []
    for number, account_id in enumerate(account_ids):
        viewer = Viewer(id=account_id, session_id=new_id(), name=f"bench{number}", role="viewer")
        token = make_session_token(viewer, at=at, fresh_s=900.0, lifetime_s=86400.0)
        cookies.append(f"{SESSION_COOKIE}={sign_session(token, key)}")
    return cookies


def measure_bare(dsn: str, *, rows: int) -> float:
    """Return rows a second that the driver alone inserts and commits, over 16 connections."""

    async def insert() -> float:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
            await conn.execute("CREATE TABLE bare (a uuid, b uuid, PRIMARY KEY (a, b))")
        waiting = iter(range(rows))
        video_id = new_id()

        async def work() -> None:
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
                for _ in waiting:
                    await conn.execute("INSERT INTO bare VALUES (%s, %s)", [new_id(), video_id])

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(16)))
        return rows / (time.perf_counter() - began)

    return asyncio.run(insert())


def measure_likes(instance: Instance, *, likes: int, connections: int, bare: float) -> list[Figure]:
    """Everybody likes the same video at once."""
    video_id = instance.video_ids[0]
    path = f"/v1/videos/{video_id}/like"
    # One like each before the clock starts, so that pools and plans are there.
    warm = f"/v1/videos/{instance.video_ids[1]}/like"
    write(
        instance.port,
        [render_request("PUT", warm, cookie=cookie) for cookie in instance.cookies[:200]],
        connections=connections,
    )
    before_s = instance.spent_s()
    outcome = write(
        instance.port,
        [render_request("PUT", path, cookie=cookie) for cookie in instance.cookies[:likes]],
        connections=connections,
    )
    spent_s = {part: end_s - before_s[part] for part, end_s in instance.spent_s().items()}
    shown, lag_s = wait_for_count(instance, video_id, outcome.count_good())
    return [
        Figure(
            name=f"{likes} likes of one video from {connections} clients at once: p99",
            target=f"≤ {LIKE_MS_P99_MAX:.0f} ms",
            measured=f"{outcome.percentile_ms(0.99):.0f} ms",
            met=outcome.percentile_ms(0.99) <= LIKE_MS_P99_MAX,
            yardstick=f"p50 {outcome.percentile_ms(0.5):.0f} ms",
        ),
        Figure(
            name="the count shown in the end",
            target=f"{likes}",
            measured=f"{shown} after {lag_s:.1f} s ({render_statuses(outcome)})",
            met=shown == likes,
        ),
        Figure(
            name="likes a second",
            target="-",
            measured=f"{outcome.rate:.0f}",
            met=None,
            yardstick=f"the driver alone {bare:.0f}",
            ratio=outcome.rate / bare,
        ),
        Figure(
            name="processor time of a like, all parts",
            target="-",
            measured=f"{1000 * sum(spent_s.values()) / likes:.2f} ms",
            met=None,
            yardstick=", ".join(
                f"{part} {1000 * part_s / likes:.2f}" for part, part_s in spent_s.items()
            ),
        ),
    ]


def wait_for_count(instance: Instance, video_id: UUID, expected: int) -> tuple[int, float]:
    """Read the video's page until its count is what was acknowledged."""
    began = time.monotonic()
    while True:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{instance.port}/v1/videos/{video_id}", timeout=5
        ) as page:
            shown = int(json.load(page)["item"]["like_count"])
        waited_s = time.monotonic() - began
        if shown == expected or waited_s > EXACT_WITHIN_S:
            return shown, waited_s
        time.sleep(0.1)


def measure_comments(instance: Instance, *, connections: int, bare: float) -> Figure:
    """Comments by different people on one video."""
    path = f"/v1/videos/{instance.video_ids[2]}/comments"
    body = json.dumps({"text": "The light at the end is my favourite part"}).encode()
    outcome = write(
        instance.port,
        [
            render_request(
                "POST", path, cookie=cookie, body=body, headers=f"Idempotency-Key: {new_id()}\r\n"
            )
            for cookie in instance.cookies[:COMMENTS]
        ],
        connections=connections,
    )
    return Figure(
        name=f"comments a second ({render_statuses(outcome)})",
        target="-",
        measured=f"{outcome.rate:.0f}, p99 {outcome.percentile_ms(0.99):.0f} ms",
        met=None,
        yardstick=f"the driver alone {bare:.0f}",
        ratio=outcome.rate / bare,
    )


def measure_beacons(instance: Instance, *, connections: int) -> Figure:
    """Watch events in batches, as pages send them."""
    requests = []
    for number in range(BEACON_BATCHES):
        events = [
            {
                "id": str(new_id()),
                "video_id": str(instance.video_ids[(number + n) % VIDEOS]),
                "kind": "watch",
                "watch_ms": 4000 + n,
                "loops": 0,
            }
            for n in range(BATCH)
        ]
        cookie = instance.cookies[number % len(instance.cookies)]
        body = json.dumps({"events": events}).encode()
        requests.append(render_request("POST", "/v1/beacons", cookie=cookie, body=body))
    before_s = instance.spent_s()["servers"]
    outcome = write(instance.port, requests, connections=connections)
    spent_s = instance.spent_s()["servers"] - before_s
    per_core = outcome.count_good() * BATCH / spent_s
    return Figure(
        name=f"beacons a second of a server's core, {BATCH} a batch ({render_statuses(outcome)})",
        target=f"≥ {BEACONS_PER_CORE_MIN:.0f}",
        measured=f"{per_core:.0f}",
        met=per_core >= BEACONS_PER_CORE_MIN,
        yardstick=f"{outcome.rate * BATCH:.0f} a second as measured",
    )


def render_statuses(outcome: Outcome) -> str:
    """Say how many answers of each status there were."""
    return ", ".join(f"{count} of {status}" for status, count in sorted(outcome.statuses.items()))


if __name__ == "__main__":
    main()
