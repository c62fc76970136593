"""A stand-in for the edge of a busy place: passes HTTP on, refuses what it is told to, counts.

It stands between a real browser and the really served platform, so that what the app does about
refusals is seen from outside, the service worker's requests and beacons included.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from solstice.admission.refusal import is_opened_by_a_person
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
STALL_S_MAX = 60.0
LEVEL = "x-solstice-level"
BODY = b'{"type":"/problems/busy","title":"Busy","status":429,"detail":"Busy right now."}'


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request as it reached the edge."""

    method: str
    path: str
    status: int
    at_s: float
    key: str | None


@dataclass
class BusyEdge:
    """What is refused at the moment, and everything that has come so far."""

    url: str = ""
    retry_after_s: int = 1
    level: int | None = None
    """What answers say of the load (`x-solstice-level`); as the servers say it when None."""
    refuses: Callable[[str, str], bool] = lambda _method, _path: False
    stalls: Callable[[str], bool] = lambda _path: False
    """Of which answers only the first third comes, and then nothing."""
    released: threading.Event = field(default_factory=threading.Event)
    attempts: list[Attempt] = field(default_factory=list)

    def seen(self, method: str, part: str) -> list[Attempt]:
        """List the attempts of a method whose path holds `part`, the oldest first."""
        held = list(self.attempts)
        return [each for each in held if each.method == method and part in each.path]


def refuse_the_api(_method: str, path: str) -> bool:
    """Refuse every call: total overload, while pages and films still come."""
    return path.startswith("/v1/")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, edge: BusyEdge, client: httpx.Client) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.edge = edge
        self.client = client
        edge.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _pass(self) -> None:
        """Answer one request: refused, or as the platform answers it."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        edge = self.server.edge
        if edge.refuses(self.command, self.path):
            self._refuse()
            return
        asked = {name.lower(): value for name, value in self.headers.items()}
        asked["accept-encoding"] = "identity"
        answer = self.server.client.request(self.command, self.path, headers=asked, content=body)
        kept = [(k, v) for k, v in answer.headers.multi_items() if k.lower() not in HOP]
        self._say(answer.status_code, kept, answer.content)

    def _refuse(self) -> None:
        """Say no as the platform does: to a program, or to a person who opened an address."""
        wait_s = self.server.edge.retry_after_s
        said = [("retry-after", str(wait_s)), ("x-solstice-shed", "1")]
        heard = {name.lower().encode(): value.encode() for name, value in self.headers.items()}
        if is_opened_by_a_person(self.command, heard):
            page = render_waiting_page("Busy right now", wait_s=wait_s).encode()
            self._say(429, [*said, *WAITING_PAGE_HEADERS.items()], page)
        else:
            self._say(429, [*said, ("content-type", "application/problem+json")], BODY)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass  # noqa: N815

    def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        edge = self.server.edge
        key = self.headers.get("idempotency-key")
        edge.attempts.append(
            Attempt(
                method=self.command, path=self.path, status=status, at_s=time.monotonic(), key=key
            )
        )
        if edge.level is not None:
            headers = [each for each in headers if each[0].lower() != LEVEL]
            headers.append((LEVEL, str(edge.level)))
        has_body = status not in {204, 304}
        self.send_response(status)
        for name, value in [*headers, *([("content-length", str(len(body)))] if has_body else [])]:
            self.send_header(name, value)
        self.end_headers()
        if has_body and self.command != "HEAD":
            if edge.stalls(self.path):
                self.wfile.write(body[: len(body) // 3])
                self.wfile.flush()
                edge.released.wait(STALL_S_MAX)
                self.close_connection = True
                return
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the attempts are the log."""


@contextmanager
def standing_before(platform_url: str) -> Iterator[BusyEdge]:
    """Listen on a port of its own and pass everything on to the platform."""
    edge = BusyEdge()
    with httpx.Client(base_url=platform_url, timeout=30) as client:
        server = _Server(edge, client)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield edge
        finally:
            edge.released.set()
            server.shutdown()
            server.server_close()
            serving.join()
