"""A disk that is really full, under the whole instance: files, database, logs.

Needs root to mount a small disk of its own; without, tests/videos/test_storage_full.py still
covers uploads and transcodes.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.acceptance.instance import Instance, until
from tests.cast import PASSWORD
from tests.videos.workshop import make_plain_clip

pytestmark = [pytest.mark.acceptance, pytest.mark.drill]

DISK_MIB = 700
TUS = {"tus-resumable": "1.0.0"}
BYTES = {**TUS, "content-type": "application/offset+octet-stream"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk: run this one as root")
    place = tmp_path / "disk"
    place.mkdir()
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0755", "none", str(place)]
    subprocess.run(mount, check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S607


@pytest.fixture
def instance(disk: Path, tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(disk / "var", SOLSTICE_OBJECTS_DISK_RESERVE_BYTES="0")
    instance.output = tmp_path / "up.out"
    instance.start_and_wait()
    yield instance
    instance.end()
    assert instance.pids() == []


@pytest.fixture
def person(instance: Instance) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=instance.url, timeout=30) as client:
        body = {"name": f"ada{uuid4().hex[:8]}", "password": PASSWORD}
        answer = client.post("/v1/accounts", json=body)
        assert answer.status_code == 201, answer.text
        client.headers["authorization"] = f"Bearer {client.cookies['solstice_session']}"
        client.cookies.clear()
        yield client


def _fill(place: Path) -> Path:
    """Write until not one more byte fits."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * piece)
    return ballast


def _state(person: httpx.Client, video_id: str) -> str:
    try:
        answer = person.get(f"/v1/studio/videos/{video_id}")
    except httpx.HTTPError:
        return "unknown"
    return str(answer.json()["state"]) if answer.status_code == 200 else "unknown"


def _begin(person: httpx.Client, size_bytes: int) -> str:
    answer = person.post("/v1/uploads", headers={**TUS, "upload-length": str(size_bytes)})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def test_a_full_disk_refuses_loses_nothing_and_is_over_when_there_is_space(
    instance: Instance, person: httpx.Client, disk: Path, tmp_path: Path
) -> None:
    """Uploads hear 507, pages go on, acknowledged likes are there afterwards."""
    data = make_plain_clip(tmp_path / "clip.mp4", duration_s=4.0)
    live = _begin(person, len(data))
    assert (
        person.patch(live, headers={**BYTES, "upload-offset": "0"}, content=data).status_code == 204
    )
    live_id = live.rsplit("/", 1)[1]
    until(lambda: _state(person, live_id) == "live", within_s=90, explain=instance.explain)
    cut = len(data) // 2
    where = _begin(person, len(data))
    first = {**BYTES, "upload-offset": "0"}
    assert person.patch(where, headers=first, content=data[:cut]).status_code == 204

    ballast = _fill(disk)
    rest = {**BYTES, "upload-offset": str(cut)}
    refused = person.patch(where, headers=rest, content=data[cut:])
    assert refused.status_code == 507, refused.text
    assert "disk is full" in refused.json()["detail"]
    new = person.post("/v1/uploads", headers={**TUS, "upload-length": "1000000"})
    assert new.status_code == 507, new.text
    liked = person.put(f"/v1/videos/{live_id}/like")
    assert liked.status_code in {204, 503, 507}, liked.text
    assert person.get("/v1/limits").status_code == 200
    assert person.get("/", headers={"accept": "text/html"}).status_code == 200

    ballast.unlink()

    def goes_on() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            answer = person.head(where, headers=TUS)
            if answer.status_code == 200:
                assert int(answer.headers["upload-offset"]) == cut
                return person.patch(where, headers=rest, content=data[cut:]).status_code == 204
        return False

    until(goes_on, within_s=90, explain=instance.explain)
    video_id = where.rsplit("/", 1)[1]
    until(lambda: _state(person, video_id) == "live", within_s=120, explain=instance.explain)
    with psycopg.connect(instance.postgres.dsn) as conn:
        (original,) = conn.execute(
            "SELECT original_object FROM videos WHERE id = %s", [video_id]
        ).fetchone() or ("",)
        likes = conn.execute("SELECT count(*) FROM likes").fetchone()
    assert (instance.state_dir / "objects" / original).read_bytes() == data
    assert likes == (1 if liked.status_code == 204 else 0,)
    assert not list((instance.state_dir / "objects").rglob("*.partial"))
