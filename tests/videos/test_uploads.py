"""Uploading over tus 1.0.0: every acknowledged byte is kept, and nobody is told otherwise."""

import asyncio
import base64
import hashlib
import os
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from solstice.videos.errors import BadUploadMetadata
from solstice.videos.tus import decide_extension, parse_metadata
from tests.cast import Person
from tests.conftest import SignUp

TUS = {"tus-resumable": "1.0.0"}
BYTES = {"content-type": "application/offset+octet-stream"}


def metadata(**values: str) -> dict[str, str]:
    """Write Upload-Metadata."""
    pairs = [f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items()]
    return {"upload-metadata": ",".join(pairs)}


async def begin(person: Person, size_bytes: int, **headers: str) -> str:
    """Begin an upload; returns its address."""
    answer = await person.http.post(
        "/v1/uploads", headers={**TUS, "upload-length": str(size_bytes), **headers}
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def send(person: Person, where: str, offset: int, data: bytes) -> httpx.Response:
    """Send some bytes."""
    headers = {**TUS, **BYTES, "upload-offset": str(offset)}
    return await person.http.patch(where, headers=headers, content=data)


async def offset_of(person: Person, where: str) -> int:
    """Ask how far an upload is."""
    answer = await person.http.head(where, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def stored_bytes(dsn: str, state_dir: Path, where: str) -> bytes:
    """Read what is on disk of an upload, in the order the database says."""
    with psycopg.connect(dsn) as conn:
        rows = conn.execute(
            "SELECT object FROM upload_parts WHERE video_id = %s ORDER BY offset_bytes",
            [where.rsplit("/", 1)[1]],
        ).fetchall()
    return b"".join((state_dir / "objects" / name).read_bytes() for (name,) in rows)


def state_of(dsn: str, where: str) -> str:
    """Read the state of the video of an upload."""
    with psycopg.connect(dsn) as conn:
        row = conn.execute(
            "SELECT state FROM videos WHERE id = %s", [where.rsplit("/", 1)[1]]
        ).fetchone()
    assert row is not None
    return str(row[0])


async def test_a_client_learns_what_the_server_can_do(anonymous: Person) -> None:
    """OPTIONS tells version, extensions and the largest file, before anybody logs in."""
    answer = await anonymous.http.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert "creation" in answer.headers["tus-extension"].split(",")
    assert int(answer.headers["tus-max-size"]) == 512 * 1024 * 1024


async def test_an_upload_in_three_pieces_is_received_whole(
    sign_up: SignUp, dsn: str, state_dir: Path
) -> None:
    """The offset grows with each piece; with the last byte the video is received and queued."""
    ada = await sign_up("ada")
    data = os.urandom(300_000)
    where = await begin(ada, len(data))
    for start in range(0, len(data), 100_000):
        assert await offset_of(ada, where) == start
        answer = await send(ada, where, start, data[start : start + 100_000])
        assert answer.status_code == 204, answer.text
        assert answer.headers["upload-offset"] == str(start + 100_000)
    assert state_of(dsn, where) == "received"
    assert stored_bytes(dsn, state_dir, where) == data
    with psycopg.connect(dsn) as conn:
        jobs = conn.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'videos.process'"
        ).fetchone()
    assert jobs is not None
    assert jobs[0] >= 1


async def test_the_first_bytes_may_come_with_the_creation(
    sign_up: SignUp, dsn: str, state_dir: Path
) -> None:
    """creation-with-upload saves a round trip."""
    ada = await sign_up("ada")
    data = os.urandom(1000)
    answer = await ada.http.post(
        "/v1/uploads", headers={**TUS, **BYTES, "upload-length": "2000"}, content=data
    )
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "1000"
    assert stored_bytes(dsn, state_dir, answer.headers["location"]) == data


async def test_what_the_client_says_of_the_file_is_kept_but_its_name(
    sign_up: SignUp, dsn: str
) -> None:
    """Caption, hashtags and visibility; a hostile name reaches neither disk nor database."""
    ada = await sign_up("ada")
    wish = metadata(
        filename="../../etc/passwd\x00.MP4", caption="Low #Sun\x07", visibility="followers"
    )
    where = await begin(ada, 10, **wish)
    with psycopg.connect(dsn) as conn:
        row = conn.execute(
            "SELECT caption, hashtags, visibility, original_extension FROM videos WHERE id = %s",
            [where.rsplit("/", 1)[1]],
        ).fetchone()
    assert row == ("Low #Sun", ["sun"], "followers", "mp4")


async def test_a_repeat_with_the_same_key_finds_the_same_upload(sign_up: SignUp) -> None:
    """A lost answer makes no second upload; the key of another's upload is refused."""
    ada, bo = await sign_up("ada"), await sign_up("bo")
    key = {"idempotency-key": str(uuid4())}
    where = await begin(ada, 500, **key)
    await send(ada, where, 0, b"x" * 200)
    assert await begin(ada, 500, **key) == where
    assert await offset_of(ada, where) == 200
    for person, length in ((ada, "501"), (bo, "500")):
        answer = await person.http.post(
            "/v1/uploads", headers={**TUS, "upload-length": length, **key}
        )
        assert answer.status_code == 409


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"upload-length": "0"}, 400),
        ({"upload-length": "-1"}, 400),
        ({"upload-length": "1e9"}, 400),
        ({"upload-defer-length": "1"}, 400),
        ({"upload-length": str(512 * 1024 * 1024 + 1)}, 413),
        ({"upload-length": "9" * 18}, 413),
        ({"upload-length": "10", "upload-metadata": "caption %%%"}, 400),
        ({"upload-length": "10", "upload-metadata": "caption /w=="}, 400),
        ({"upload-length": "10", **metadata(visibility="everybody")}, 400),
        ({"upload-length": "10", **metadata(caption="x" * 2201)}, 400),
        ({"upload-length": "10", "idempotency-key": "no-uuid"}, 400),
        ({"upload-length": "10", "tus-resumable": "0.2.2"}, 412),
    ],
)
async def test_what_cannot_be_kept_is_refused_before_the_first_byte(
    sign_up: SignUp, headers: dict[str, str], status: int
) -> None:
    """With a problem document, and the version header tus asks for."""
    ada = await sign_up("ada")
    answer = await ada.http.post("/v1/uploads", headers={**TUS, **headers})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["tus-resumable"] == "1.0.0"


async def test_only_the_one_who_began_it_can_touch_an_upload(
    sign_up: SignUp, anonymous: Person
) -> None:
    """For others it does not exist."""
    ada, mallory = await sign_up("ada"), await sign_up("mallory")
    where = await begin(ada, 100)
    assert (await mallory.http.head(where, headers=TUS)).status_code == 404
    assert (await send(mallory, where, 0, b"evil")).status_code == 404
    assert (await mallory.http.delete(where, headers=TUS)).status_code == 404
    assert (await anonymous.http.head(where, headers=TUS)).status_code == 401
    assert (await send(anonymous, where, 0, b"evil")).status_code == 401
    assert await offset_of(ada, where) == 0


async def test_bytes_at_the_wrong_place_are_refused_and_change_nothing(sign_up: SignUp) -> None:
    """A client that lost count asks again; nothing is overwritten and nothing is skipped."""
    ada = await sign_up("ada")
    where = await begin(ada, 100)
    await send(ada, where, 0, b"x" * 40)
    for offset in (0, 39, 41, 100, 1000):
        assert (await send(ada, where, offset, b"y" * 10)).status_code == 409
    headers = {**TUS, "upload-offset": "40", "content-type": "application/octet-stream"}
    assert (await ada.http.patch(where, headers=headers, content=b"y")).status_code == 415
    no_offset = await ada.http.patch(where, headers={**TUS, **BYTES}, content=b"y")
    assert no_offset.status_code == 400
    assert await offset_of(ada, where) == 40


async def test_more_bytes_than_announced_are_refused(
    sign_up: SignUp, dsn: str, state_dir: Path
) -> None:
    """The limit was checked against the announced size, so that size is kept."""
    ada = await sign_up("ada")
    where = await begin(ada, 100)
    assert (await send(ada, where, 0, b"x" * 101)).status_code == 413
    assert await offset_of(ada, where) <= 100
    assert len(stored_bytes(dsn, state_dir, where)) <= 100
    assert state_of(dsn, where) == "uploading"


async def test_of_two_writers_at_one_place_one_wins(
    sign_up: SignUp, dsn: str, state_dir: Path
) -> None:
    """The other hears 409, its bytes are gone, and nothing is mixed."""
    ada = await sign_up("ada")
    where = await begin(ada, 50_000)
    pieces = [bytes([number]) * 50_000 for number in range(1, 6)]
    answers = await asyncio.gather(*(send(ada, where, 0, piece) for piece in pieces))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [204, 409, 409, 409, 409]
    assert stored_bytes(dsn, state_dir, where) in pieces
    folder = state_dir / "objects" / "uploads" / where.rsplit("/", 1)[1]
    assert len(list(folder.iterdir())) == 1


async def test_an_upload_given_up_is_gone(sign_up: SignUp, dsn: str) -> None:
    """Termination frees the place at once; a finished one is a video and stays."""
    ada = await sign_up("ada")
    where = await begin(ada, 100)
    await send(ada, where, 0, b"x" * 10)
    assert (await ada.http.delete(where, headers=TUS)).status_code == 204
    for answer in (
        await ada.http.head(where, headers=TUS),
        await send(ada, where, 10, b"x"),
        await ada.http.delete(where, headers=TUS),
    ):
        assert answer.status_code == 410
    finished = await begin(ada, 3)
    await send(ada, finished, 0, b"abc")
    assert (await ada.http.delete(finished, headers=TUS)).status_code == 409
    assert state_of(dsn, finished) == "received"


async def test_a_finished_upload_answers_a_late_repeat(sign_up: SignUp) -> None:
    """The answer to the last piece was lost: HEAD says that everything is there."""
    ada = await sign_up("ada")
    where = await begin(ada, 3)
    await send(ada, where, 0, b"abc")
    assert await offset_of(ada, where) == 3
    assert (await send(ada, where, 3, b"")).status_code == 204


async def test_unfinished_uploads_of_one_account_are_few(sign_up: SignUp) -> None:
    """Twenty at a time; giving one up makes room."""
    ada = await sign_up("ada")
    places = [await begin(ada, 10) for _ in range(20)]
    answer = await ada.http.post("/v1/uploads", headers={**TUS, "upload-length": "10"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    await ada.http.delete(places[0], headers=TUS)
    await begin(ada, 10)


async def test_an_upload_tells_until_when_it_is_kept(sign_up: SignUp) -> None:
    """A week after its last byte, in HTTP's own way of writing instants."""
    ada = await sign_up("ada")
    where = await begin(ada, 10)
    expires = (await ada.http.head(where, headers=TUS)).headers["upload-expires"]
    assert expires.endswith(" GMT")


@hypothesis_settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    data=st.binary(min_size=1, max_size=200),
    moves=st.lists(st.tuples(st.integers(0, 220), st.integers(0, 120)), max_size=12),
)
async def test_whatever_a_client_tries_what_was_acknowledged_is_a_prefix_of_the_file(
    sign_up: SignUp, dsn: str, state_dir: Path, data: bytes, moves: list[tuple[int, int]]
) -> None:
    """Any order of offsets and lengths: the offset never lies, goes back, or skips."""
    ada = await sign_up("ada")
    where = await begin(ada, len(data))
    known = 0
    for offset, length in [*moves, (known, len(data))]:
        answer = await send(ada, where, offset, data[offset : offset + length])
        if offset == known:
            assert answer.status_code == 204
            known = min(len(data), known + length)
        else:
            assert answer.status_code == 409
        assert await offset_of(ada, where) == known
    assert stored_bytes(dsn, state_dir, where) == data[:known]
    assert state_of(dsn, where) == ("received" if known == len(data) else "uploading")
    digest = hashlib.sha256(stored_bytes(dsn, state_dir, where)).digest()
    assert digest == hashlib.sha256(data[:known]).digest()
    if known < len(data):
        await ada.http.delete(where, headers=TUS)


@given(st.text(max_size=200))
def test_metadata_of_any_shape_is_read_or_refused(header: str) -> None:
    """Never anything else."""
    try:
        values = parse_metadata(header)
    except BadUploadMetadata:
        return
    assert all(isinstance(value, str) for value in values.values())


@pytest.mark.parametrize(
    ("filename", "extension"),
    [
        ("clip.MOV", "mov"),
        ("a/b\\c.webm", "webm"),
        ("page.html", "bin"),
        ("x.svg", "bin"),
        ("no extension", "bin"),
        ("evil.mp4\r\nSet-Cookie: a=b", "bin"),
    ],
)
def test_of_a_file_name_only_a_videos_extension_is_kept(filename: str, extension: str) -> None:
    """It becomes part of the name offered for the original's download, nothing else."""
    assert decide_extension(filename) == extension
