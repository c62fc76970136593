"""The stock tus-js-client against a real server process: breaks, kills, and every byte arrives."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from solstice.kit.database import DatabaseSettings
from solstice.settings import Settings
from tests.videos.server import ROOT, Server
from tests.videos.workshop import make_settings

SIZE_BYTES = 48 * 1024 * 1024 + 4321

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def modules() -> None:
    """Have the client installed from the lock file."""
    if not (ROOT / "node_modules" / "tus-js-client").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],  # noqa: S607
            cwd=ROOT,
            check=True,
            timeout=300,
        )


@pytest.fixture(scope="module")
def own_settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_settings(dsn, tmp_path_factory.mktemp("tus"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "clip.mp4"
    path.write_bytes(os.urandom(SIZE_BYTES))
    return path


@pytest.fixture
async def server(own_settings: Settings) -> AsyncIterator[Server]:
    server = Server(own_settings)
    await server.start()
    yield server
    server.kill()


@asynccontextmanager
async def tus_client(
    server: Server, file: Path, *more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the stock client on a file."""
    process = await asyncio.create_subprocess_exec(
        *("node", str(Path(__file__).with_name("tus_client.cjs"))),
        *(f"{server.address}/v1/uploads", await server.sign_up(), str(file), *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(120):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[list[str]]:
    assert process.stdout is not None
    assert process.stderr is not None
    async for line in process.stdout:
        yield line.decode().split()
    assert await process.wait() == 0, (await process.stderr.read()).decode()


def _received(settings: Settings, url: str) -> str:
    """Hash what the server holds of an upload that it calls received."""
    digest = hashlib.sha256()
    with psycopg.connect(settings.of(DatabaseSettings).dsn) as conn:
        video_id = url.rsplit("/", 1)[1]
        row = conn.execute("SELECT state FROM videos WHERE id = %s", [video_id]).fetchone()
        assert row == ("received",)
        for (name,) in conn.execute(
            "SELECT object FROM upload_parts WHERE video_id = %s ORDER BY offset_bytes",
            [video_id],
        ):
            digest.update((settings.objects_dir / name).read_bytes())
    return digest.hexdigest()


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def test_an_upload_given_up_in_the_middle_goes_on_where_it_stopped(
    server: Server, file: Path, own_settings: Settings
) -> None:
    """The second half is not sent from zero, and the file arrives byte for byte."""
    first_after_pause, url = None, ""
    async with tus_client(server, file, "--pause-at", "0.5") as client:
        is_paused = False
        async for word, *rest in _lines(client):
            if word == "paused":
                is_paused = True
            elif word == "sent" and is_paused and first_after_pause is None:
                first_after_pause = int(rest[0])
            elif word == "done":
                url = rest[0]
    assert first_after_pause is not None
    assert first_after_pause > SIZE_BYTES / 4
    assert _received(own_settings, url) == _hash(file)


async def test_an_upload_survives_a_killed_server(
    server: Server, file: Path, own_settings: Settings
) -> None:
    """SIGKILL in the middle, a new process on the same address: the client ends well by itself."""
    url, kills = "", 0
    async with tus_client(server, file) as client:
        async for word, *rest in _lines(client):
            if word == "sent" and kills < 2 and int(rest[0]) > SIZE_BYTES * (kills + 1) / 4:
                kills += 1
                server.kill()
                await server.start()
            elif word == "done":
                url = rest[0]
    assert kills == 2
    assert _received(own_settings, url) == _hash(file)
