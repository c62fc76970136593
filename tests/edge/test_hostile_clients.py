"""Whatever one kind of client does to the edge, the others notice nothing, and memory is bounded.

The loads are small here; `bench/hostile.py` brings as many as the machine allows.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solstice.edge.admin import ask_admin
from solstice.edge.configuration import HEAP_BYTES_MAX
from tests.edge.crowd import Crowd, running_crowd
from tests.edge.hostile import (
    LARGE_READ,
    SLOW_BODY,
    SLOW_HEADERS,
    continue_for_ever,
    crowding,
    reset_rapidly,
)

pytestmark = pytest.mark.acceptance
CUT_S_MAX = 20.0


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    """Two servers, media and an edge."""
    async with running_crowd(tmp_path, size=2) as crowd:
        yield crowd


async def assert_others_are_served(crowd: Crowd) -> None:
    """Reads and writes of somebody else get their answers."""
    assert await crowd.ask_many(100, rate=100) == {200: 100}
    assert await crowd.ask("POST") == 200


async def read_heap_bytes(crowd: Crowd) -> int:
    text = await asyncio.to_thread(
        ask_admin, crowd.directory, "/stats?filter=^server.memory_allocated$"
    )
    return int((text or ":0").split(":")[1])


async def test_thousands_who_say_nothing_cost_nobody_anything(crowd: Crowd) -> None:
    """An open connection is cheap: some kilobytes each, and the next one finds room."""
    before = await read_heap_bytes(crowd)
    async with crowding(crowd.topology.port, 2000, b""):
        await assert_others_are_served(crowd)
        assert await read_heap_bytes(crowd) - before < 2000 * 32 * 1024


async def test_bodies_that_dribble_in_hold_no_server(crowd: Crowd) -> None:
    """More of them than both servers have slots: nothing reaches a server before it is whole."""
    seen = [server.seen for server in crowd.servers]
    async with crowding(crowd.topology.port, 400, SLOW_BODY):
        await asyncio.sleep(0)
        assert [server.seen for server in crowd.servers] == seen
        await assert_others_are_served(crowd)


async def test_headers_that_dribble_in_are_cut_off(crowd: Crowd) -> None:
    """Slow loris: five seconds, however many there are."""
    async with crowding(crowd.topology.port, 400, SLOW_HEADERS) as streams:
        await assert_others_are_served(crowd)
        async with asyncio.timeout(CUT_S_MAX):
            for reader, _ in streams:
                await reader.read(-1)


async def test_readers_that_never_read_are_bounded(crowd: Crowd) -> None:
    """Each asks for megabytes and takes nothing: the edge keeps a piece, never the whole."""
    async with crowding(crowd.topology.port, 200, LARGE_READ):
        await assert_others_are_served(crowd)
        assert await read_heap_bytes(crowd) < HEAP_BYTES_MAX // 2


async def test_rapid_resets_end_their_connection(crowd: Crowd) -> None:
    """CVE-2023-44487: asking and taking back costs the asker nothing, so it is cut short."""
    assert await reset_rapidly(crowd.topology.port, count=2000) < 1000
    await assert_others_are_served(crowd)


async def test_headers_without_end_are_not_kept(crowd: Crowd) -> None:
    """CVE-2024-27919: 8 MB in CONTINUATION frames; what is beyond the limit is thrown away."""
    before = await read_heap_bytes(crowd)
    sent = await continue_for_ever(crowd.topology.port, count=500)
    assert await read_heap_bytes(crowd) - before < 1024 * 1024
    assert sent
    await assert_others_are_served(crowd)
