"""Objects are on disk before they are acknowledged, and their names cannot leave the store."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from solstice.kit.errors import StorageFull
from solstice.kit.objects import Objects, ObjectSettings


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An empty store in a directory."""
    return Objects(ObjectSettings(disk_reserve_bytes=0), directory=tmp_path / "objects")


@pytest.fixture
def file_size_limit_1_mib() -> Iterator[None]:
    """A disk that ends after 1 MiB, as far as this process can tell (EFBIG instead of ENOSPC)."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


async def test_what_was_put_is_read_back(objects: Objects) -> None:
    """Whole, streamed, by size and in the listing."""
    await objects.put_bytes("uploads/a/0", b"x" * 3_000_000)
    assert await objects.read("uploads/a/0") == b"x" * 3_000_000
    assert b"".join([chunk async for chunk in objects.stream("uploads/a/0")]) == b"x" * 3_000_000
    assert await objects.size_bytes("uploads/a/0") == 3_000_000
    listed = [item async for item in objects.list_objects("uploads")]
    assert [(item.name, item.size_bytes) for item in listed] == [("uploads/a/0", 3_000_000)]


async def test_putting_again_replaces_at_once(objects: Objects) -> None:
    """A repeated write is safe: a reader sees the old bytes or the new ones."""
    await objects.put_bytes("a", b"old")
    await objects.put_bytes("a", b"new")
    assert await objects.read("a") == b"new"


async def test_a_file_is_stored_and_fetched(objects: Objects, tmp_path: Path) -> None:
    """Originals and renditions take this way."""
    source = tmp_path / "source"
    source.write_bytes(b"clip" * 1000)
    await objects.put_file("originals/v/1", source)
    await objects.fetch_into(tmp_path / "back", "originals/v/1")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    assert source.exists()


async def test_objects_are_joined_into_one_file(objects: Objects, tmp_path: Path) -> None:
    """As the parts of an upload are."""
    for number in range(3):
        await objects.put_bytes(f"uploads/v/{number}", bytes([number]) * 100_000)
    await objects.fetch_into(tmp_path / "whole", *(f"uploads/v/{number}" for number in range(3)))
    assert (tmp_path / "whole").read_bytes() == b"".join(bytes([n]) * 100_000 for n in range(3))


async def test_objects_may_lie_on_a_disk_of_their_own(objects: Objects) -> None:
    """An operator mounts a large one there; the kernel then copies in another way."""
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        source, back = Path(elsewhere) / "source", Path(elsewhere) / "back"
        source.write_bytes(b"clip" * 100_000)
        await objects.put_file("originals/v/1", source)
        await objects.fetch_into(back, "originals/v/1")
        assert back.read_bytes() == source.read_bytes()


async def test_deleting_twice_is_no_error(objects: Objects) -> None:
    """A job that runs again must not fail where it succeeded."""
    await objects.put_bytes("a", b"x")
    await objects.delete("a")
    await objects.delete("a")
    assert await objects.size_bytes("a") is None


@pytest.mark.parametrize(
    "name", ["../a", "/etc/passwd", "a/../b", "", "a//b", ".hidden", "a/.b", "a\n", "a/b\0", "ä"]
)
async def test_a_name_cannot_leave_the_store(objects: Objects, name: str) -> None:
    """Names are ours; one that is not is a bug and is refused before it reaches the disk."""
    with pytest.raises(ValueError, match="not an object name"):
        await objects.put_bytes(name, b"x")


@pytest.mark.usefixtures("file_size_limit_1_mib")
async def test_a_full_disk_is_a_clear_refusal_and_leaves_nothing(
    objects: Objects, tmp_path: Path
) -> None:
    """507 for the client; no half object, no temporary file."""
    with pytest.raises(StorageFull):
        await objects.put_bytes("big", b"x" * (2 << 20))
    assert await objects.size_bytes("big") is None
    assert not list((tmp_path / "objects").rglob("*.partial"))


async def test_the_reserve_is_kept_free(tmp_path: Path) -> None:
    """Uploads stop before the database cannot write any more."""
    store = Objects(ObjectSettings(disk_reserve_bytes=1 << 62), directory=tmp_path)
    with pytest.raises(StorageFull):
        store.require_space(1)


async def test_only_old_partials_are_swept(objects: Objects, tmp_path: Path) -> None:
    """A writer at work is left alone; one that was killed is cleaned up after."""
    partial = tmp_path / "objects" / "a.123.partial"
    partial.write_bytes(b"half")
    made_at_s = partial.stat().st_mtime
    assert objects.remove_partials(older_than_s=60, now_s=made_at_s + 30) == 0
    assert objects.remove_partials(older_than_s=60, now_s=made_at_s + 90) == 1
    assert not partial.exists()
