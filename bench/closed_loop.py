"""A closed loop of writers: so many keep-alive connections, each asks again when answered.

Our own few lines on asyncio protocols: a general HTTP client spends more processor time on a
request than the server under test does on its answer, and would measure itself.
"""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(kw_only=True)
class Outcome:
    """What the writers saw."""

    took_s: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    """How many answers of each status; 0 for a request that got none."""
    reconnects: int = 0
    """How often the other side closed a connection after an answer; a browser opens another."""
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_ms) / self.took_s

    def percentile_ms(self, share: float) -> float:
        """Tell a percentile of the latencies."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def count_good(self) -> int:
        """Count answers that were 2xx."""
        return sum(count for status, count in self.statuses.items() if status // 100 == 2)


def render_request(
    method: str, path: str, *, cookie: str, body: bytes = b"", headers: str = ""
) -> bytes:
    """Render a request as a same-origin page would send it."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
        f"Cookie: {cookie}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n"
    ).encode() + body


def write(port: int, requests: Iterable[bytes], *, connections: int) -> Outcome:
    """Send every request once, over so many connections at once."""
    return asyncio.run(_write(port, iter(requests), connections=connections))


class _Writer(asyncio.Protocol):
    """One connection at a time, one request at a time."""

    def __init__(self, port: int, requests: Iterator[bytes], outcome: Outcome) -> None:
        self.port = port
        self.requests = requests
        self.outcome = outcome
        self.is_waiting = False
        self.connecting: asyncio.Task[None] | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.asked_s = 0.0
        self.transport: asyncio.Transport | None = None

    async def connect(self) -> None:
        """Open a connection; what is asked next goes over it."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol
        self.buffer = b""
        if self.is_waiting:
            self.outcome.statuses[0] = self.outcome.statuses.get(0, 0) + 1
            self.is_waiting = False
        if not self.over.done():
            self.connecting = asyncio.create_task(self.go_on())

    async def go_on(self) -> None:
        """Connect anew and ask what comes next."""
        self.outcome.reconnects += 1
        await self.connect()
        self.ask()

    def ask(self) -> None:
        """Send the next request, or end."""
        assert self.transport
        request = next(self.requests, None)
        if request is None:
            self.over.set_result(None)
            self.transport.close()
            return
        self.asked_s = time.perf_counter()
        self.is_waiting = True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        assert self.transport
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not _is_whole(head, body):
            return
        self.outcome.latencies_ms.append((time.perf_counter() - self.asked_s) * 1000)
        status = int(head[9:12])
        self.outcome.statuses[status] = self.outcome.statuses.get(status, 0) + 1
        self.buffer = b""
        self.is_waiting = False
        if b"connection: close" in head.lower():
            self.transport.close()
        else:
            self.ask()


def _is_whole(head: bytes, body: bytes) -> bool:
    if head[9:12] == b"204":
        return True
    if length := _LENGTH.search(head):
        return len(body) >= int(length[1])
    return body.endswith(b"0\r\n\r\n")


async def _write(port: int, requests: Iterator[bytes], *, connections: int) -> Outcome:
    outcome = Outcome()
    writers = [_Writer(port, requests, outcome) for _ in range(connections)]
    for writer in writers:
        await writer.connect()
    began = time.perf_counter()
    for writer in writers:
        writer.ask()
    await asyncio.gather(*(writer.over for writer in writers))
    outcome.took_s = time.perf_counter() - began
    return outcome
