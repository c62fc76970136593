"""Whatever one kind of client does to the edge, the others notice nothing, and memory is bounded.

The loads are small here; `bench/hostile.py` brings as many as the machine allows.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from solstice.doctor import raise_open_files
from solstice.edge.admin import ask_admin
from solstice.edge.clusters import LIMITS, MEDIA
from solstice.edge.configuration import HEAP_BYTES_MAX
from solstice.edge.topology import EdgeTopology, Endpoint
from solstice.kit.objects import Objects, ObjectSettings
from solstice.kit.serving import serve_until_stopped
from solstice.media import AT_ONCE, build_media_app
from tests.edge.crowd import Crowd, running_crowd
from tests.edge.hostile import (
    LARGE_READ,
    SLOW_BODY,
    SLOW_HEADERS,
    continue_for_ever,
    crowding,
    reset_rapidly,
)
from tests.edge.stage import free_ports, running_envoy

pytestmark = pytest.mark.acceptance
CUT_S_MAX = 20.0
FILM = "renditions/0190/1080-0123456789abcdef.mp4"
HELD, _, _ = LIMITS[MEDIA]


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
    return await read_gauge(crowd.directory, "server.memory_allocated")


async def read_gauge(directory: Path, name: str) -> int:
    text = await asyncio.to_thread(ask_admin, directory, f"/stats?filter=^{name}$")
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


async def test_media_that_nobody_takes_leaves_the_process_room_for_its_health(
    tmp_path: Path,
) -> None:
    """More readers than it has slots: whoever watches it must not take it for hung."""
    raise_open_files()  # three for each reader, all in this process
    film = tmp_path / "objects" / FILM
    film.parent.mkdir(parents=True)
    with film.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    app = build_media_app(Objects(ObjectSettings(), directory=tmp_path / "objects"))
    port, metrics_port, media_port = free_ports(3)
    media, stop = Endpoint(host="127.0.0.1", port=media_port), asyncio.Event()
    serving = asyncio.create_task(
        serve_until_stopped(app, host="127.0.0.1", port=media_port, until=stop, at_once=AT_ONCE)
    )
    topology = EdgeTopology(servers=(media,), media=(media,), port=port, metrics_port=metrics_port)
    edge = running_envoy(topology, directory=tmp_path / "edge")
    directory = await asyncio.to_thread(edge.__enter__)
    try:
        async with crowding(
            port, HELD + 100, f"GET /media/{FILM} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
        ):
            async with asyncio.timeout(CUT_S_MAX):
                while await read_gauge(directory, "cluster.media.upstream_rq_active") < HELD:  # noqa: ASYNC110  Envoy's
                    await asyncio.sleep(0.02)
            async with httpx.AsyncClient(timeout=5) as watcher:
                health = await watcher.get(f"http://{media.address}/healthz/live")
    finally:
        await asyncio.to_thread(edge.__exit__, None, None, None)
        stop.set()
        await serving
    assert health.text == "live"


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
