"""A real Envoy between a test and stand-in servers that say what reached them."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from solstice.edge.admin import is_serving
from solstice.edge.publish import envoy_command, publish
from solstice.edge.topology import EdgeTopology, Endpoint

BLOB = bytes(range(256)) * 4096
START_S_MAX = 15.0


def free_ports(count: int) -> list[int]:
    """Find ports nobody listens on right now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class StandIn(BaseHTTPRequestHandler):
    """Echoes what it was asked as JSON; serves ranges of `BLOB` below /media/."""

    protocol_version = "HTTP/1.1"
    server: "StandInServer"

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Answer according to the path."""
        if self.path == "/healthz/ready":
            self._answer(200, b"ready", {"content-type": "text/plain"})
            return
        self.server.seen.append(f"{self.command} {self.path}")
        if self.path.startswith("/media/"):
            self._answer_range()
        elif self.path.startswith("/status/"):
            self._answer(int(self.path.rsplit("/", 1)[1]), b"{}", {})
        elif self.path.split("?", 1)[0] == "/drop":
            self.close_connection = True
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            document = {"path": self.path, "headers": headers, "padding": "x" * 2000}
            body = json.dumps(document).encode()
            self._answer(200, body, {"content-type": "application/json", "etag": '"v1"'})

    do_HEAD = do_GET  # noqa: N815  the library's names

    def do_POST(self) -> None:
        """Count the bytes of the body."""
        self.server.seen.append(f"{self.command} {self.path}")
        if self.path == "/drop":
            self.close_connection = True
            return
        if self.path == "/early":
            self._answer(413, b"{}", {"connection": "close"})
            self.close_connection = True
            return
        rest = int(self.headers["content-length"])
        while rest:
            rest -= len(self.rfile.read(min(rest, 65536)))
        self._answer(200, self.headers["content-length"].encode(), {})

    do_PATCH = do_POST  # noqa: N815  the library's names
    do_PUT = do_POST  # noqa: N815  the library's names

    def _answer_range(self) -> None:
        first, last = self.headers["range"].removeprefix("bytes=").split("-")
        part = BLOB[int(first) : int(last) + 1]
        headers = {
            "content-type": "video/mp4",
            "content-range": f"bytes {first}-{last}/{len(BLOB)}",
        }
        self._answer(206, part, headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class StandInServer(ThreadingHTTPServer):
    """A stand-in on a free port; `seen` is what reached it, health checks left out."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StandIn)
        self.seen: list[str] = []
        self.endpoint = Endpoint(host="127.0.0.1", port=self.server_address[1])
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_arguments: Any) -> None:
        """Connections that the edge cuts are part of the tests."""

    def end(self) -> None:
        """Stop answering for good."""
        self.shutdown()
        self.server_close()


@contextmanager
def running_envoy(topology: EdgeTopology, *, directory: Path) -> Iterator[Path]:
    """Publish and run a real Envoy until the block ends; yields its directory."""
    publish(topology, directory=directory)
    with (directory / "envoy.log").open("wb") as log:
        process = subprocess.Popen(
            envoy_command(worker_count=1), cwd=directory, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + START_S_MAX
        while not is_serving(directory):
            if time.monotonic() > deadline or process.poll() is not None:
                raise AssertionError((directory / "envoy.log").read_text())
            time.sleep(0.02)
        yield directory
    finally:
        process.terminate()
        process.wait(timeout=10)
