"""The generator keeps its schedule, counts from it, and behaves as the client it stands for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from solstice.drills.load import OURS, STOCK, Generator, Manners
from solstice.drills.schedule import Event
from solstice.drills.wire import Pool, render_request

Behaviour = Callable[[int], Awaitable[bytes]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 429 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 503 Broken\r\ncontent-length: 0\r\n\r\n"
EVENTS = [Event(at_s=k / 200, action="feed", person=0) for k in range(40)]


@asynccontextmanager
async def place(behaviour: Behaviour) -> AsyncIterator[Pool]:
    """A server whose n-th answer the test decides."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                count += 1
                writer.write(await behaviour(count))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = Pool("127.0.0.1", server.sockets[0].getsockname()[1])
    yield pool
    pool.close()
    server.close()


def request(_event: Event) -> bytes:
    """Ask for the same thing each time."""
    return render_request("GET", "/", host="x", headers={})


async def test_a_healthy_place_serves_every_action_once() -> None:
    """One attempt for one action."""

    async def answer(_number: int) -> bytes:
        return OK

    async with place(answer) as pool:
        record = await Generator(pool, render=request).run(EVENTS)
    assert record.share_good(from_s=0, to_s=1) == 1.0
    assert record.attempts_per_action(from_s=0, to_s=1) == 1.0
    assert record.statuses == {200: 40}


async def test_latency_counts_from_the_schedule_and_not_from_the_sending() -> None:
    """A place that serves one at a time looks as slow as it is to the last in line."""
    turn = asyncio.Lock()

    async def answer(_number: int) -> bytes:
        async with turn:
            await asyncio.sleep(0.01)
        return OK

    async with place(answer) as pool:
        record = await Generator(pool, render=request).run(EVENTS)
    # 40 requests due over 0.2 s need 0.4 s: the last one waits for about 0.2 s.
    assert record.latency_ms(99, from_s=0, to_s=1) > 150


async def test_clients_without_manners_multiply_the_load() -> None:
    """Three tries for each refused action: what keeps an overload alive."""

    async def answer(_number: int) -> bytes:
        return BROKEN

    async with place(answer) as pool:
        manners = Manners(pause_base_s=0.001)
        record = await Generator(pool, render=request, manners=manners).run(EVENTS)
    assert record.attempts_per_action(from_s=0, to_s=1) == STOCK.tries_max
    assert record.share_good(from_s=0, to_s=1) == 0.0


async def test_our_clients_take_a_refusal_for_an_answer() -> None:
    """Busy means slow down, not try again."""

    async def answer(_number: int) -> bytes:
        return BUSY

    async with place(answer) as pool:
        record = await Generator(pool, render=request, manners=OURS).run(EVENTS)
    assert record.attempts_per_action(from_s=0, to_s=1) == 1.0
    assert sum(row.refused for row in record.seconds["feed"]) == len(EVENTS)


async def test_an_answer_after_the_clients_patience_is_a_failure() -> None:
    """However good it would have been."""

    async def answer(_number: int) -> bytes:
        await asyncio.sleep(0.3)
        return OK

    async with place(answer) as pool:
        manners = Manners(patience_s=0.05, tries_max=1)
        record = await Generator(pool, render=request, manners=manners).run(EVENTS[:5])
    assert record.share_good(from_s=0, to_s=1) == 0.0
    assert record.statuses == {0: 5}
