"""The wire client reads what balancers send, however it is cut, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from solstice.drills.wire import BadAnswer, Pool, render_request

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]
GET = render_request("GET", "/", host="x", headers={"cookie": "a=b"})


@asynccontextmanager
async def peer(pieces: list[bytes], *, hangs_up: bool = False) -> AsyncIterator[Pool]:
    """A server that answers every request with these pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if hangs_up:
                break
        writer.close()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    pool = Pool("127.0.0.1", server.sockets[0].getsockname()[1])
    yield pool
    pool.close()
    server.close()


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\nConte", b"nt-Length: 5\r\n\r\nhe", b"llo"],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"],
        [
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nh",
            b"e\r\n3\r\nllo\r\n0\r\n\r\n",
        ],
    ],
)
async def test_an_answer_is_read_however_it_is_cut(pieces: list[bytes]) -> None:
    """By length or in chunks."""
    async with peer(pieces) as pool, asyncio.timeout(5):
        answer = await pool.request(GET)
        assert (answer.status, answer.body) == (200, b"hello")


async def test_connections_are_kept() -> None:
    """A browser does not open one for each request, and neither do we."""
    async with peer([b"HTTP/1.1 204 No Content\r\n\r\n"]) as pool, asyncio.timeout(5):
        for _ in range(5):
            assert (await pool.request(GET)).status == 204
        assert pool.opened_count == 1


async def test_a_hang_up_is_a_failure_and_not_a_silence() -> None:
    """The generator counts it and goes on."""
    async with peer([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhe"], hangs_up=True) as pool:
        async with asyncio.timeout(5):
            with pytest.raises(BadAnswer):
                await pool.request(GET)


async def test_garbage_is_a_failure() -> None:
    """Whatever it is."""
    async with peer([b"\x16\x03\x01 what\r\n\r\n"]) as pool, asyncio.timeout(5):
        with pytest.raises(BadAnswer):
            await pool.request(GET)
