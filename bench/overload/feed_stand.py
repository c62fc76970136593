"""The real feed handler as a place: the whole served application, its database, its people.

Ten times their capacity must be within what the generator can offer.  So every page is the dearest
there is: its viewer is read from the database first (memory for viewers is set to nothing), as in
the first minute after a crowd arrived from somewhere else.  And two servers share a part of one
core (a cgroup's quota), chosen from what one server does on a whole core, measured first.  A small
part alone will not do: a twenty-fifth of a core stands still for 24 ms of every 25, which is late
whatever one does.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.feed import running_postgres, sign_in
from bench.feed_data import fill
from bench.load import press_with_ours
from bench.overload.balancers import wait_serving
from bench.overload.stand import PEOPLE, SERVER_CORE, end, free_ports, on_core
from solstice.drills.faults import can_slow, slowed
from solstice.drills.schedule import Event
from solstice.drills.wire import render_request
from solstice.kit.remedies import OperatorError

COUNT = 2
VIDEOS = 20_000
WANTED_PER_S = 200.0
"""As many as before slots.  At 300 the generator, which shares its core with PostgreSQL, was 20 to
40 ms late, and at ten times the edge was short of its own core."""
OPEN_SHARE = 0.8
"""Of what a crowd gets that asks anew as soon as it is answered: that one never comes unevenly, and
its viewers are read sixteen at a time."""
QUOTA_US = 1000
"""The least the kernel grants; a shorter stand-still than that needs a longer part."""
FOR_YOU = "/v1/feed/for-you"


@dataclass(frozen=True, kw_only=True)
class FeedStand:
    """Two pairs of servers that run for the whole measurement."""

    guarded: tuple[int, ...]
    trusting: tuple[int, ...]
    guarded_pids: tuple[int, ...]
    capacity_per_s: float
    render: Callable[[Event], bytes]


@contextlib.contextmanager
def feed_standing() -> Iterator[FeedStand]:
    """Fill a database, start both pairs, warm them, slow them down, measure what they can do.

    Errors: OperatorError where processes cannot be slowed down.
    """
    if not can_slow():
        raise OperatorError(
            "The servers cannot be slowed down here, and at full speed ten times is out of reach.",
            remedy="Run it where cgroups (version 1, cpu) may be written, as root.",
        )
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="solstice-feed-")))
        folder.chmod(0o755)
        dsn = stack.enter_context(running_postgres(folder))
        people = fill(dsn, videos=VIDEOS, accounts=PEOPLE)
        cookies = sign_in(folder / "state", people)
        pairs: dict[bool, tuple[list[int], list[int]]] = {}
        for has_admission in (True, False):
            ports = free_ports(COUNT)
            places = [_start(folder, dsn, port, has_admission=has_admission) for port in ports]
            for place in places:
                stack.callback(end, place)
            pairs[has_admission] = (ports, [place.pid for place in places])
        for ports, _ in pairs.values():
            for port in ports:
                wait_serving(port, within_s=60)
                press_with_ours(port, FOR_YOU, cookies, seconds=2)
        whole = press_with_ours(pairs[False][0][0], FOR_YOU, cookies, seconds=3).rate
        period_us = int(QUOTA_US * whole / WANTED_PER_S)
        for _, pids in pairs.values():
            stack.enter_context(slowed(*pids, share=QUOTA_US / period_us, period_us=period_us))
        slow = OPEN_SHARE * _press_all(pairs[False][0], cookies)
        print(
            f"  a feed server does {whole:.0f}/s on a whole core; both together get "
            f"{QUOTA_US} of every {period_us} µs and do {slow:.0f}/s",
            flush=True,
        )
        yield FeedStand(
            guarded=tuple(pairs[True][0]),
            trusting=tuple(pairs[False][0]),
            guarded_pids=tuple(pairs[True][1]),
            capacity_per_s=slow,
            render=_renderer(cookies),
        )


def _press_all(ports: list[int], cookies: list[str]) -> float:
    """Press all servers at once, since they share what they have; pages a second of all."""
    with ThreadPoolExecutor(len(ports)) as pool:
        pressed = pool.map(
            lambda port: press_with_ours(port, FOR_YOU, cookies, seconds=3).rate, ports
        )
        return sum(pressed)


def wait_drained(ports: tuple[int, ...], *, within_s: float = 30.0) -> None:
    """Wait until servers that were drowned answer at once again."""
    deadline_s = time.monotonic() + within_s
    for port in ports:
        while time.monotonic() < deadline_s:
            began_s = time.monotonic()
            with contextlib.suppress(TimeoutError):
                wait_serving(port, within_s=5)
                if time.monotonic() - began_s < 0.1:
                    break


def _start(folder: Path, dsn: str, port: int, *, has_admission: bool) -> subprocess.Popen[bytes]:
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "SOLSTICE_STATE_DIR": str(folder / "state"),
        "SOLSTICE_DATABASE_DSN": dsn,
        "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
        "SOLSTICE_LOG_LEVEL": "error",
        "SOLSTICE_FEED_VIEWERS_BYTES_MAX": "1",
    }
    command = [sys.executable, "-m", "bench.overload.place", "--shape", "feed"]
    command += ["--port", str(port), *(["--admission"] if has_admission else [])]
    with on_core(SERVER_CORE), (folder / f"feed-{port}.log").open("ab") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def _renderer(cookies: list[str]) -> Callable[[Event], bytes]:
    requests = [
        render_request("GET", FOR_YOU, host="127.0.0.1", headers={"cookie": cookie})
        for cookie in cookies
    ]
    return lambda event: requests[event.person % len(requests)]
