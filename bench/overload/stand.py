"""The stand: some servers and one balancer on one core, the generator on the other.

Every set-up gets the same servers started the same way; with `has_admission` they guard
themselves, without it they trust their balancer.  Each run has processes of its own, so nothing
of a collapse is left for the next one.
"""

import asyncio
import contextlib
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.overload.balancers import Setup, wait_serving
from solstice.drills.load import STOCK, Generator, Manners, Render
from solstice.drills.record import Record
from solstice.drills.schedule import Event, Rate, make_schedule
from solstice.drills.wire import Pool, render_request

SERVER_CORE, LOAD_CORE = 0, 1
SERVERS = 4
SLOT_CAPACITY_PER_S = 50.0
PEOPLE = 400
CONNECTIONS_MAX = 6000
"""Two seconds of patience at 2,000 a second hold 4,000 connections; then the retries."""

ASKS: dict[str, tuple[str, str]] = {
    "feed": ("GET", "/v1/feed/for-you"),
    "like": ("PUT", "/v1/videos/1/like"),
    "comments": ("GET", "/v1/videos/1/comments"),
    "upload": ("PATCH", "/v1/uploads/1"),
    "beacons": ("POST", "/v1/beacons"),
}
"""One action of each class."""

MIX = {"feed": 0.5, "like": 0.1, "comments": 0.2, "upload": 0.05, "beacons": 0.15}


@dataclass(kw_only=True)
class Stand:
    """What is running."""

    port: int
    balancer: subprocess.Popen[bytes]
    servers: list[subprocess.Popen[bytes]]
    server_ports: list[int]
    folder: Path
    """The balancer's own, with its configuration."""

    def list_dead(self) -> list[int]:
        """Pids of what ended though nobody asked it to."""
        return [p.pid for p in (self.balancer, *self.servers) if p.poll() is not None]


@contextlib.contextmanager
def standing(
    setup: Setup,
    *,
    count: int = SERVERS,
    fronts: Mapping[int, int] | None = None,
    running: Sequence[int] = (),
) -> Iterator[Stand]:
    """Run slot servers and a balancer before them.

    `fronts` puts another port before a server's own (a fault proxy); `running` are ports of
    servers that run already, instead of new ones.
    """
    folder = Path(tempfile.mkdtemp(prefix="solstice-overload-"))
    server_ports = list(running or fronts or ())
    server_ports += free_ports(max(0, count - len(server_ports)) if not running else 0)
    started: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if not running:
            for number, port in enumerate(server_ports):
                log = folder / f"server-{number}.log"
                started.append(start_place(port, has_admission=setup.has_admission, log=log))
                stack.callback(end, started[-1])
            for port in server_ports:
                wait_serving(port)
        balancer_folder = folder / "balancer"
        balancer_folder.mkdir()
        seen = [(fronts or {}).get(port, port) for port in server_ports]
        port = free_port_pair()
        with on_core(SERVER_CORE):
            balancer = setup.start(seen, port, balancer_folder)
        stack.callback(end, balancer)
        wait_serving(port)
        if setup.assist:
            with on_core(SERVER_CORE):
                stack.callback(end, setup.assist(balancer_folder))
        yield Stand(
            port=port,
            balancer=balancer,
            servers=started,
            server_ports=server_ports,
            folder=balancer_folder,
        )


def start_place(port: int, *, has_admission: bool, log: Path) -> subprocess.Popen[bytes]:
    """Start one slot server on the servers' core."""
    command = [sys.executable, "-m", "bench.overload.place", "--port", str(port)]
    with on_core(SERVER_CORE), log.open("ab") as output:
        return subprocess.Popen(
            [*command, *(["--admission"] if has_admission else [])], stdout=output, stderr=output
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, and what it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        for left in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
    if process.poll() is None:
        process.kill()
        process.wait(5)


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Let what is started here run on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def render_slots(event: Event) -> bytes:
    """Render an action's request, as the person it belongs to."""
    method, path = ASKS[event.action]
    return render_request(
        method, path, host="127.0.0.1", headers={"cookie": f"solstice_session=p{event.person}"}
    )


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What a run saw, and what it cost the generator."""

    record: Record
    generator_share: float
    """Of one core."""


def draw(
    rate: Rate, *, duration_s: float, seed: int, mix: Mapping[str, float] = MIX
) -> list[Event]:
    """Draw a schedule for the people of the bench."""
    return make_schedule(rate=rate, duration_s=duration_s, mix=mix, people=PEOPLE, seed=seed)


async def offer(
    port: int,
    schedule: list[Event],
    *,
    seed: int,
    manners: Manners = STOCK,
    render: Render = render_slots,
) -> Offered:
    """Offer a schedule to a balancer, as people without manners unless said otherwise."""
    pool = Pool("127.0.0.1", port, connections_max=CONNECTIONS_MAX)
    began_s, used_s = time.perf_counter(), time.process_time()
    gc.collect()
    gc.disable()  # a full collection takes 30 ms, in which nobody's request is sent
    try:
        generator = Generator(pool, render=render, manners=manners, seed=seed)
        record = await generator.run(schedule)
    finally:
        gc.enable()
        pool.close()
    share = (time.process_time() - used_s) / (time.perf_counter() - began_s)
    return Offered(record=record, generator_share=share)


def cpu_s(*pids: int) -> float:
    """Processor time some processes have used, children included."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def free_ports(count: int) -> list[int]:
    """Find ports nobody listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def free_port_pair() -> int:
    """Find a port whose neighbour is free too: the edge's metrics."""
    while True:
        (port,) = free_ports(1)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port + 1))
            return port


async def settle(pause_s: float = 0.5) -> None:
    """Let the machine come to rest between two runs."""
    await asyncio.sleep(pause_s)
