"""The database is away for longer than a lease: nothing acknowledged is lost, work goes on."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest

from solstice.drills.fault_proxy import FaultProxy
from solstice.kit.postgres import LocalPostgres
from solstice.settings import Settings
from solstice.videos.processing import process_next
from tests.videos.server import Server
from tests.videos.workshop import Workshop, make_foreign_clip, make_settings, opened

TUS = {"tus-resumable": "1.0.0"}
AWAY_S = 5.0
"""Longer than the lease of 3 s that these tests use."""


@pytest.fixture
async def proxy(postgres: LocalPostgres) -> AsyncIterator[FaultProxy]:
    async with FaultProxy("127.0.0.1", postgres.port) as proxy:
        yield proxy


@pytest.fixture
def own_settings(
    postgres: LocalPostgres,
    dsn: str,
    proxy: FaultProxy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    assert dsn
    return make_settings(postgres.tcp_dsn, tmp_path_factory.mktemp("away"), via_port=proxy.port)


async def _stay_away(proxy: FaultProxy) -> None:
    proxy.set_fault(refuses=True, resets=True)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), timeout=AWAY_S)
    proxy.set_fault()


async def test_an_attempt_outlives_the_database(
    own_settings: Settings, proxy: FaultProxy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nobody took the video over meanwhile, so the work done still counts: one attempt, live."""
    clip = make_foreign_clip(tmp_path_factory.mktemp("clips") / "clip.avi", duration_s=8.0)
    async with opened(own_settings) as resources:
        workshop = await Workshop.open(resources)
        video_id = await workshop.upload(clip)
        working = asyncio.create_task(process_next(resources))
        async with asyncio.timeout(60):
            while (await workshop.video(video_id))["original_object"] is None:
                await asyncio.wait({working}, timeout=0.05)
        await _stay_away(proxy)
        assert await asyncio.wait_for(working, 120)
        row = await workshop.video(video_id)
        assert (row["state"], row["attempts"], row["generation"]) == ("live", 1, 1)
        assert await workshop.original(video_id) == clip


async def test_an_upload_hears_503_and_goes_on_from_the_truth(
    own_settings: Settings, proxy: FaultProxy
) -> None:
    """With Retry-After; the offset has not moved, and the piece is simply sent again."""
    data = os.urandom(2_000_000)
    server = Server(own_settings)
    await server.start()
    try:
        headers = {**TUS, "authorization": f"Bearer {await server.sign_up()}"}
        kind = {"content-type": "application/offset+octet-stream"}
        # An early refusal closes the connection on a body it does not read: never reuse one.
        once = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            base_url=server.address, headers=headers, timeout=30, limits=once
        ) as client:
            begun = await client.post("/v1/uploads", headers={"upload-length": "2000000"})
            where = begun.headers["location"]
            first = {**kind, "upload-offset": "0"}
            half = await client.patch(where, headers=first, content=data[:1_000_000])
            assert half.status_code == 204
            proxy.set_fault(refuses=True, resets=True)
            rest = {**kind, "upload-offset": "1000000"}
            away = await client.patch(where, headers=rest, content=data[1_000_000:])
            assert away.status_code == 503
            assert int(away.headers["retry-after"]) >= 1
            assert (await client.head(where)).status_code == 503
            proxy.set_fault()
            async with asyncio.timeout(30):
                while True:
                    asked = await client.head(where)
                    if asked.status_code == 200:
                        break
            assert asked.headers["upload-offset"] == "1000000"
            done = await client.patch(where, headers=rest, content=data[1_000_000:])
            assert (done.status_code, done.headers["upload-offset"]) == (204, "2000000")
    finally:
        server.kill()
