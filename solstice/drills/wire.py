"""HTTP/1.1 on the wire, as cheap as Python allows: the generator must not be the bottleneck.

One `asyncio.Protocol` a connection, keep-alive, one request at a time, answers by content length
or in chunks.  It reads what our edge and the balancers it is compared with send, and nothing more
exotic; anything else ends the connection and counts as a failure.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

HEAD_BYTES_MAX = 65_536


class BadAnswer(ConnectionError):
    """The peer sent something that is not the HTTP we understand, or hung up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body only if it was asked for."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


def render_request(
    method: str, path: str, *, host: str, headers: Mapping[str, str], body: bytes = b""
) -> bytes:
    """Render a whole request."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_open = False
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        # uvloop's transports are no subclasses of asyncio's; a stream is what was asked for.
        self.transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whoever waits."""
        self.is_open = False
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(BadAnswer(str(exc or "the peer closed the connection")))

    def data_received(self, data: bytes) -> None:
        """Collect until an answer is whole."""
        self._buffer += data
        if self._waiting is None or self._waiting.done():
            return
        try:
            answer = _parse(self._buffer)
        except (BadAnswer, ValueError) as error:
            self.close()
            self._waiting.set_exception(BadAnswer(str(error)))
            return
        if answer is not None:
            self._buffer.clear()
            if answer.headers.get(b"connection", b"").lower() == b"close":
                self.close()
            self._waiting.set_result(answer)

    async def request(self, raw: bytes) -> Answer:
        """Send one request and wait for its answer.

        Errors: BadAnswer when the connection breaks.
        """
        if not self.is_open or self.transport is None:
            raise BadAnswer("not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._buffer.clear()
        self.transport.write(raw)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        if self.transport:
            self.transport.abort()


def _parse(buffer: bytearray) -> Answer | None:
    """Read one answer from the front of the buffer; None while it is not whole."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > HEAD_BYTES_MAX:
            raise BadAnswer("a head without end")
        return None
    lines = bytes(buffer[:end]).split(b"\r\n")
    status = int(lines[0].split(b" ", 2)[1])
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    rest = memoryview(buffer)[end + 4 :]
    try:
        if b"content-length" in headers:
            length = int(headers[b"content-length"])
            return Answer(status, headers, bytes(rest[:length])) if len(rest) >= length else None
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = _dechunk(bytes(rest))
            return None if body is None else Answer(status, headers, body)
        return Answer(status, headers, b"")
    finally:
        rest.release()


def _dechunk(data: bytes) -> bytes | None:
    """Join the chunks; None while the last one is missing."""
    body, at = bytearray(), 0
    while True:
        line_end = data.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(data[at:line_end].split(b";")[0], 16)
        if size == 0:
            return bytes(body) if data.find(b"\r\n", line_end + 2) >= 0 else None
        if len(data) < line_end + 2 + size + 2:
            return None
        body += data[line_end + 2 : line_end + 2 + size]
        at = line_end + 2 + size + 2


class Pool:
    """Keep-alive connections to one address, at most `connections_max` at once."""

    def __init__(self, host: str, port: int, *, connections_max: int = 1024) -> None:
        self.host = host
        self.port = port
        self.opened_count = 0
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(connections_max)

    async def request(self, raw: bytes) -> Answer:
        """Send on an idle connection, or a new one; a broken one is never used again.

        Errors: OSError (BadAnswer included) when it cannot be reached or breaks.
        """
        async with self._places:
            connection = self._take_idle() or await self._open()
            try:
                answer = await connection.request(raw)
            except BaseException:
                connection.close()
                raise
            if connection.is_open:
                self._idle.append(connection)
            return answer

    def close(self) -> None:
        """Hang up everywhere."""
        while self._idle:
            self._idle.pop().close()

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _open(self) -> Connection:
        self.opened_count += 1
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self.host, self.port)
        return connection
