"""Clients that mean harm, or behave as if they did: each opens one connection and misuses it.

HTTP/2 is written by hand (RFC 9113, RFC 7541): no library sends what these send.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
HEADERS, RST_STREAM, CONTINUATION = 1, 3, 9
END_STREAM, END_HEADERS = 1, 4
PAUSE_S = 0.005
"""Between strikes, so that the other side's end is seen: Envoy closes 0.2 s after deciding to."""
# GET, /, http by their indexes in the static table, then ":authority: x" without indexing.
REQUEST = bytes.fromhex("828486") + b"\x01\x01x"
SLOW_BODY = b"POST /v1/me HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"
SLOW_HEADERS = b"GET / HTTP/1.1\r\nhost: x\r\nslowly: "
LARGE_READ = b"GET /media/aa/clip.mp4 HTTP/1.1\r\nhost: x\r\n\r\n"

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def crowding(port: int, count: int, opening: bytes) -> AsyncIterator[list[Stream]]:
    """Open many connections, say the same on each, and then neither speak nor read."""
    streams: list[Stream] = []
    try:
        for _ in range(count):
            streams.append(await connect(port))
            streams[-1][1].write(opening)
        yield streams
    finally:
        for _, writer in streams:
            writer.transport.abort()


async def connect(port: int) -> Stream:
    """Connect with small buffers, so that not reading is felt by the other side at once."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=connection, limit=4096)


async def reset_rapidly(port: int, *, count: int) -> int:
    """Ask and take it back at once, on one connection; return how often before it was cut."""

    def strike(number: int) -> bytes:
        stream = 2 * number + 1
        return frame(HEADERS, END_STREAM | END_HEADERS, stream, REQUEST) + frame(
            RST_STREAM, 0, stream, bytes.fromhex("00000008")
        )

    return await _strike(port, [strike(number) for number in range(count)])


async def continue_for_ever(port: int, *, count: int) -> int:
    """Send headers that never end, 16 KB at a time; return how many before it was cut."""
    field = b"\x00\x01a\x7f\x80\x01" + b"b" * 255
    part = field * 60
    strikes = [frame(HEADERS, END_STREAM, 1, REQUEST)]
    strikes += [frame(CONTINUATION, 0, 1, part) for _ in range(count)]
    return await _strike(port, strikes)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Write one HTTP/2 frame."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + payload


async def _strike(port: int, strikes: list[bytes]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    ended = asyncio.create_task(reader.read(-1))
    writer.write(PREFACE)
    done = 0
    with contextlib.suppress(OSError):
        for strike in strikes:
            writer.write(strike)
            await writer.drain()
            await asyncio.sleep(PAUSE_S)
            if ended.done():
                break
            done += 1
    ended.cancel()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await ended
    writer.transport.abort()
    return done
