"""A full disk: a clear refusal, nothing corrupted, and everything goes on once there is space.

The disk is taken away from a running process with a limit on the size of its files, which the
kernel answers like a full disk (tests/acceptance/test_full_disk.py fills a real one).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import psycopg
import pytest

from solstice.kit.database import DatabaseSettings
from solstice.settings import Settings
from tests.videos.server import Server
from tests.videos.workshop import Workshop, make_plain_clip, make_settings, opened

TUS = {"tus-resumable": "1.0.0"}
SIZE_BYTES = 3_000_000


@pytest.fixture(scope="module")
def own_settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_settings(dsn, tmp_path_factory.mktemp("full"))


@pytest.fixture
async def server(own_settings: Settings) -> AsyncIterator[Server]:
    server = Server(own_settings)
    await server.start()
    yield server
    server.kill()


@pytest.fixture
async def worker(own_settings: Settings) -> AsyncIterator[Server]:
    worker = Server(own_settings, command="work")
    await worker.start()
    yield worker
    worker.kill()


async def _until(condition: Callable[[], Awaitable[Any]], *, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not await condition():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), timeout=0.1)


async def test_an_upload_onto_a_full_disk_is_told_so_and_goes_on_later(
    server: Server, own_settings: Settings
) -> None:
    """507 with a sentence and Retry-After; what was acknowledged before is the truth."""
    data = os.urandom(SIZE_BYTES)
    headers = {**TUS, "authorization": f"Bearer {await server.sign_up()}"}
    bytes_type = {"content-type": "application/offset+octet-stream"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers, timeout=30) as client:
        begun = await client.post("/v1/uploads", headers={"upload-length": str(len(data))})
        where = begun.headers["location"]
        first = await client.patch(
            where, headers={**bytes_type, "upload-offset": "0"}, content=data[:1_000_000]
        )
        assert first.status_code == 204, first.text
        server.take_disk_away(file_bytes_max=100_000)
        rest = {**bytes_type, "upload-offset": "1000000"}
        refused = await client.patch(where, headers=rest, content=data[1_000_000:])
        assert refused.status_code == 507
        assert "disk is full" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) >= 1
        assert (await client.head(where)).headers["upload-offset"] == "1000000"
        server.give_disk_back()
        done = await client.patch(where, headers=rest, content=data[1_000_000:])
        assert done.status_code == 204
    stored = b""
    with psycopg.connect(own_settings.of(DatabaseSettings).dsn) as conn:
        for (name,) in conn.execute("SELECT object FROM upload_parts ORDER BY offset_bytes"):
            stored += (own_settings.objects_dir / name).read_bytes()
        conn.execute("UPDATE videos SET deleted_at = now()")
    assert stored == data
    assert not list(own_settings.objects_dir.rglob("*.partial"))


async def test_what_would_eat_into_the_reserve_is_refused_before_the_first_byte(
    dsn: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The database on the same disk needs room to go on."""
    settings = make_settings(
        dsn,
        tmp_path_factory.mktemp("reserve"),
        SOLSTICE_OBJECTS_DISK_RESERVE_BYTES=str(1 << 60),
    )
    server = Server(settings, more={"SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": str(1 << 60)})
    await server.start()
    try:
        headers = {
            **TUS,
            "authorization": f"Bearer {await server.sign_up()}",
            "upload-length": "1000",
        }
        async with httpx.AsyncClient(base_url=server.address) as client:
            answer = await client.post("/v1/uploads", headers=headers)
        assert answer.status_code == 507
    finally:
        server.kill()


async def test_a_transcode_on_a_full_disk_waits_and_is_not_refused(
    worker: Server, own_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No attempt is counted; once there is space the video goes live by itself."""
    worker.take_disk_away(file_bytes_max=10_000)
    data = make_plain_clip(tmp_path_factory.mktemp("clips") / "plain.mp4")
    async with opened(own_settings) as resources:
        workshop = await Workshop.open(resources)
        video_id = await workshop.upload(data)

        async def was_given_back() -> bool:
            row = await workshop.video(video_id)
            return row["generation"] >= 1 and row["state"] == "received"

        async def is_live() -> bool:
            return (await workshop.video(video_id))["state"] == "live"

        await _until(was_given_back)
        assert (await workshop.video(video_id))["attempts"] == 0
        worker.give_disk_back()
        await workshop.change("UPDATE videos SET lease_until = NULL WHERE id = %s", video_id)
        await _until(is_live)
        assert await workshop.original(video_id) == data
