"""How fast the media process serves 1 MiB ranges from the page cache, on one core.

    python -m bench.media [--short] [--seconds 5]

The process under test runs on core 0, the load (16 connections, plain sockets) on core 1.
Beside it, as the machine's own yardstick from the same run: one process that answers the same
requests with `sendfile` and nothing else, the least any server could do in Python.
"""

import argparse
import contextlib
import multiprocessing
import os
import re
import select
import socket
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench.asking import parse
from bench.table import Figure, print_figures

MIB = 1024 * 1024
FILE_BYTES = 8 * MIB
CONNECTIONS = 16
NAME = "renditions/bench/720-0123456789abcdef.mp4"
GB_PER_S_MIN = 1.5


def serve_ours(directory: str, port: int) -> None:
    """Be the media process."""
    os.sched_setaffinity(0, {0})
    from solstice.kit.objects import Objects, ObjectSettings
    from solstice.kit.serving import serve_app
    from solstice.media import PATIENCE_S, build_media_app

    objects = Objects(ObjectSettings(), directory=Path(directory))
    app = build_media_app(objects)
    serve_app(app, host="127.0.0.1", port=port, setting="PORT", patience_s=PATIENCE_S)


def serve_bare(directory: str, port: int) -> None:
    """Be the yardstick: one thread per connection, a fixed parse, sendfile."""
    os.sched_setaffinity(0, {0})
    path = Path(directory) / NAME
    with socket.create_server(("127.0.0.1", port), backlog=64) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_answer_bare, args=(connection, path), daemon=True).start()


def _answer_bare(connection: socket.socket, path: Path) -> None:
    with contextlib.suppress(ConnectionError), connection, path.open("rb") as file:
        while request := connection.recv(4096):
            found = re.search(rb"bytes=(\d+)-(\d+)", request)
            assert found is not None
            start, end = int(found[1]), int(found[2]) + 1
            head = b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n\r\n" % (end - start)
            connection.sendall(head)
            connection.sendfile(file, start, end - start)


def measure(port: int, seconds: float) -> float:
    """Read ranges over CONNECTIONS sockets for so long; returns bytes a second."""
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    began = time.perf_counter()
    readers = [_Reader(port, index) for index in range(CONNECTIONS)]
    poll = select.epoll()
    by_descriptor = {reader.socket.fileno(): reader for reader in readers}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    while time.perf_counter() - began < seconds:
        for descriptor, _ in poll.poll(1.0):
            by_descriptor[descriptor].take()
    took_s = time.perf_counter() - began
    return sum(reader.read_bytes for reader in readers) / took_s


class _Reader:
    """One connection that asks for one range after the other."""

    buffer = memoryview(bytearray(MIB))

    def __init__(self, port: int, index: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.at, self.left, self.read_bytes = index % (FILE_BYTES // MIB), 0, 0
        self._ask()

    def _ask(self) -> None:
        start = self.at * MIB
        self.at = (self.at + 1) % (FILE_BYTES // MIB)
        self.socket.sendall(
            b"GET /media/%s HTTP/1.1\r\nHost: x\r\nRange: bytes=%d-%d\r\n\r\n"
            % (NAME.encode(), start, start + MIB - 1)
        )
        self.left = -1

    def take(self) -> None:
        count = self.socket.recv_into(self.buffer)
        if count == 0:
            raise ConnectionError("the server closed a connection")
        if self.left < 0:
            head, found, _ = bytes(self.buffer[: min(count, 2048)]).partition(b"\r\n\r\n")
            assert found, "an incomplete head"
            assert b" 206 " in head.splitlines()[0], head
            self.left = MIB + len(head) + 4
        self.left -= count
        self.read_bytes += count
        if self.left == 0:
            self._ask()


def run(serve: object, directory: str, seconds: float) -> tuple[float, float]:
    """Start a server process, measure, end it; returns GB a second, and that by CPU-second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(directory, port))
    process.start()
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        measure(port, 0.5)
        server = psutil.Process(process.pid)
        before_s = sum(server.cpu_times()[:2])
        rate = measure(port, seconds) / 1e9
        return rate, rate * seconds / (sum(server.cpu_times()[:2]) - before_s)
    finally:
        process.terminate()
        process.join(10)


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds: float = parse(parser, seconds=1.0).seconds
    with tempfile.TemporaryDirectory(prefix="solstice-media-") as directory:
        path = Path(directory) / NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(os.urandom(FILE_BYTES))
        ours, ours_by_cpu = run(serve_ours, directory, seconds)
        bare, bare_by_cpu = run(serve_bare, directory, seconds)
    figures = [
        Figure(
            name="1 MiB ranges from the page cache, one core",
            target=f">= {GB_PER_S_MIN} GB/s",
            measured=f"{ours:.2f} GB/s",
            met=ours >= GB_PER_S_MIN,
            yardstick=f"bare sendfile in Python: {bare:.2f} GB/s",
            ratio=ours / bare,
        ),
        Figure(
            name="the same for each CPU-second of the process",
            target="-",
            measured=f"{ours_by_cpu:.2f} GB",
            met=None,
            yardstick=f"bare sendfile in Python: {bare_by_cpu:.2f} GB",
            ratio=ours_by_cpu / bare_by_cpu,
        ),
    ]
    raise SystemExit(0 if print_figures("Media process", figures) else 1)


if __name__ == "__main__":
    main()
