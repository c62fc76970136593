"""The media process: bytes of published files, exactly, and nothing else on this machine."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import psutil
import pytest

from solstice.kit.objects import Objects, ObjectSettings
from solstice.kit.serving import serve_until_stopped
from solstice.media import PATIENCE_S, MediaApp, build_media_app
from tests.conftest import free_port

NAME = "renditions/0190/720-0123456789abcdef.mp4"
DATA = os.urandom(700_001)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one file of each kind, and some that must stay hidden."""
    directory = tmp_path_factory.mktemp("store")
    for name in (
        NAME,
        "posters/0190/1-ab.jpg",
        "posters/0190/1-ab.webp",
        "captions/0190/en-ab.vtt",
        "avatars/ab.webp",
        "originals/0190/secret.mp4",
        "uploads/0190/secret.mp4",
        "renditions/0190/evil.html",
        "renditions/0190/.hidden.mp4",
        "renditions/0190/half.mp4.partial",
    ):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(DATA)
    (directory / "secret.key").write_bytes(b"secret")
    (directory / "renditions/0190/link.mp4").symlink_to(directory / "secret.key")
    (directory / "renditions/0190/folder.mp4").mkdir()
    os.mkfifo(directory / "renditions/0190/pipe.mp4")
    return directory


@pytest.fixture(scope="module")
def media(store: Path) -> MediaApp:
    return build_media_app(Objects(ObjectSettings(), directory=store))


@pytest.fixture
async def port(media: MediaApp) -> AsyncIterator[int]:
    """Where the application is served, as in the product."""
    async with _served(media) as port:
        yield port


@pytest.fixture
async def client(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@asynccontextmanager
async def _served(app: MediaApp, *, patience_s: float = PATIENCE_S) -> AsyncIterator[int]:
    port, stop = free_port(), asyncio.Event()
    task = asyncio.create_task(
        serve_until_stopped(app, host="127.0.0.1", port=port, until=stop, patience_s=patience_s)
    )
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.wait({task}, timeout=0.05)
            else:
                writer.close()
                break
    yield port
    stop.set()
    await task


def test_the_process_imports_nothing_that_bytes_do_not_need() -> None:
    """Without the framework, the driver and the features it is half as large."""
    needless = {"litestar", "psycopg", "numpy", "solstice.videos", "solstice.settings"}
    asked = f"import sys, solstice.media; print({needless} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "set()\n"


async def test_a_file_comes_whole_and_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    """Its name ends in a hash, so it never changes."""
    answer = await client.get(f"/media/{NAME}")
    assert answer.status_code == 200
    assert answer.content == DATA
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"] == '"720-0123456789abcdef"'


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-299999", 100, 300_000),
        ("bytes=700000-", 700_000, 700_001),
        ("bytes=-5", 699_996, 700_001),
    ],
)
async def test_a_range_is_exactly_those_bytes(
    client: httpx.AsyncClient, asked: str, start: int, end: int
) -> None:
    """Compared byte by byte."""
    answer = await client.get(f"/media/{NAME}", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == DATA[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/700001"


async def test_a_range_past_the_end_is_refused(client: httpx.AsyncClient) -> None:
    """With the real size, as RFC 9110 asks."""
    answer = await client.get(f"/media/{NAME}", headers={"range": "bytes=700001-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */700001"


async def test_a_resumed_download_of_another_file_starts_over(client: httpx.AsyncClient) -> None:
    """If-Range with our tag continues, with any other sends the whole."""
    headers = {"range": "bytes=5-9", "if-range": '"720-0123456789abcdef"'}
    assert (await client.get(f"/media/{NAME}", headers=headers)).status_code == 206
    for stale in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = await client.get(f"/media/{NAME}", headers={**headers, "if-range": stale})
        assert (answer.status_code, len(answer.content)) == (200, len(DATA))


async def test_who_has_the_file_is_not_sent_it_again(client: httpx.AsyncClient) -> None:
    """304 to its own tag."""
    headers = {"if-none-match": '"x", "720-0123456789abcdef"'}
    answer = await client.get(f"/media/{NAME}", headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_head_tells_the_size_without_the_bytes(client: httpx.AsyncClient) -> None:
    """Players ask first."""
    answer = await client.head(f"/media/{NAME}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "700001"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("posters/0190/1-ab.jpg", "image/jpeg"),
        ("posters/0190/1-ab.webp", "image/webp"),
        ("captions/0190/en-ab.vtt", "text/vtt; charset=utf-8"),
        ("avatars/ab.webp", "image/webp"),
    ],
)
async def test_each_kind_has_its_type(client: httpx.AsyncClient, name: str, kind: str) -> None:
    """From a short list, by the ending we gave the name."""
    assert (await client.get(f"/media/{name}")).headers["content-type"] == kind


@pytest.mark.parametrize(
    "path",
    [
        "/media/originals/0190/secret.mp4",
        "/media/uploads/0190/secret.mp4",
        "/media/secret.key",
        "/media/renditions/../originals/0190/secret.mp4",
        "/media/renditions/%2e%2e/originals/0190/secret.mp4",
        "/media/renditions/0190/..%2f..%2foriginals/0190/secret.mp4",
        "/media//etc/passwd",
        "/media/renditions//etc/passwd.mp4",
        "/media/renditions/0190/evil.html",
        "/media/renditions/0190/.hidden.mp4",
        "/media/renditions/0190/half.mp4.partial",
        "/media/renditions/0190/link.mp4",
        "/media/renditions/0190/folder.mp4",
        "/media/renditions/0190/pipe.mp4",
        "/media/renditions/0190/nothing.mp4",
        "/media/renditions/0190/a\x00.mp4",
        "/media/renditions/0190/a%0a.mp4",
        "/media/renditions/" + "a" * 300 + ".mp4",
        "/media",
        "/",
    ],
)
async def test_nothing_else_can_be_named(port: int, path: str) -> None:
    """404 and no byte, whatever the spelling; written to the socket as it stands."""
    for spelled in {quote(path, safe="/%"), quote(unquote(path))}:
        head, body = await _ask_plainly(port, f"GET {spelled} HTTP/1.1")
        assert b" 404 " in head.splitlines()[0]
        assert body == b""


@pytest.mark.parametrize("name", ["range", "if-range", "if-none-match"])
async def test_a_header_that_is_no_text_is_no_header(port: int, name: str) -> None:
    """The whole file, and no failure."""
    head, body = await _ask_plainly(
        port, f"GET /media/{NAME} HTTP/1.1", f"{name}: \xff\xfe".encode("latin-1")
    )
    assert b" 200 " in head.splitlines()[0]
    assert body == DATA


async def _ask_plainly(port: int, *lines: str | bytes) -> tuple[bytes, bytes]:
    """Ask with exactly these lines, and read to the end; returns head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    writer.write(b"\r\n".join([*raw, b"Host: x", b"Connection: close", b"", b""]))
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


async def test_only_reading_is_offered(client: httpx.AsyncClient) -> None:
    """No other method does anything."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = await client.request(method, f"/media/{NAME}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_it_tells_its_health_and_its_figures(client: httpx.AsyncClient) -> None:
    """Like every process."""
    assert (await client.get("/healthz/live")).text == "live"
    assert (await client.get("/healthz/ready")).text == "ready"
    await client.get(f"/media/{NAME}")
    figures = (await client.get("/metrics")).text
    assert 'solstice_requests_total{method="GET",route="/media",status="200"}' in figures


async def test_a_file_out_of_the_page_cache_is_read_as_well(
    client: httpx.AsyncClient, store: Path
) -> None:
    """Correctly; the kernel is asked to forget the file first."""
    path = store / "renditions/0190/360-cold.mp4"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    assert (await client.get("/media/renditions/0190/360-cold.mp4")).content == DATA


async def test_a_slow_reader_costs_little_memory(store: Path, media: MediaApp) -> None:
    """Twenty readers of 64 MiB who take nothing: what they asked for is not piled up for them."""
    big = store / "renditions/0190/1080-big.mp4"
    with big.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    async with _served(media) as port:
        before = psutil.Process().memory_info().rss
        readers = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for reader in readers:
            reader.sendall(b"GET /media/renditions/0190/1080-big.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(30):
                answer = await client.get(f"/media/{NAME}")
                assert answer.content == DATA
        grown = psutil.Process().memory_info().rss - before
        for reader in readers:
            reader.close()
    assert grown < 100 * 1024 * 1024


async def test_a_reader_who_takes_nothing_is_given_up(store: Path, media: MediaApp) -> None:
    """The connection ends, so that nobody can hold all there are; here after half a second."""
    big = store / "renditions/0190/1080-held.mp4"
    with big.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    async with _served(media, patience_s=0.5) as port:
        idle = socket.create_connection(("127.0.0.1", port))
        idle.sendall(b"GET /media/renditions/0190/1080-held.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30):
            while True:
                if not _is_connected(port):
                    break
                await asyncio.sleep(0.05)
        idle.close()


def _is_connected(port: int) -> bool:
    """Whether the server's end of any connection is still established."""
    return any(
        connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == port
        for connection in psutil.Process().net_connections("tcp")
    )


async def test_a_bucket_is_read_through_us(store: Path) -> None:
    """The same bytes and the same answers, where the objects lie on no disk of ours."""
    app = build_media_app(Objects(ObjectSettings(url=f"file://{store}"), directory=store))
    async with (
        _served(app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        answer = await client.get(f"/media/{NAME}", headers={"range": "bytes=100-299999"})
        assert (answer.status_code, answer.content) == (206, DATA[100:300_000])
        assert (await client.get(f"/media/{NAME}")).content == DATA
        assert (await client.get("/media/renditions/0190/nothing.mp4")).status_code == 404
