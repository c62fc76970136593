"""The sweep: finishes what deaths left behind, and never takes what somebody still needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solstice.kit.ids import new_id
from solstice.settings import Settings
from solstice.videos import processing_queries
from solstice.videos.jobs import nudge
from solstice.videos.processing import process_next
from solstice.videos.removal import remove_video_objects
from solstice.videos.sweep import sweep
from tests.videos.workshop import Workshop, make_plain_clip, make_settings, opened


@pytest.fixture(scope="module")
def own_settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_settings(dsn, tmp_path_factory.mktemp("workshop"))


@pytest.fixture
async def workshop(own_settings: Settings) -> AsyncIterator[Workshop]:
    async with opened(own_settings) as resources:
        yield await Workshop.open(resources)


@pytest.fixture(scope="module")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_plain_clip(tmp_path_factory.mktemp("clips") / "plain.mp4")


async def test_an_object_nobody_names_goes_at_the_second_look(workshop: Workshop) -> None:
    """The first look only remembers it: whoever stored it may be about to name it."""
    name = f"renditions/{new_id()}/720-abc.mp4"
    await workshop.resources.objects.put_bytes(name, b"x")
    await sweep(workshop.resources)
    assert name in await workshop.object_names()
    await sweep(workshop.resources)
    assert name not in await workshop.object_names()
    assert not await workshop.rows("SELECT FROM orphan_objects")


async def test_an_object_named_between_two_looks_stays(workshop: Workshop) -> None:
    """A slow worker loses nothing."""
    video_id = await workshop.upload(b"abc")
    name = f"originals/{video_id}/{'a' * 64}"
    await workshop.resources.objects.put_bytes(name, b"abc")
    await sweep(workshop.resources)
    await workshop.change("UPDATE videos SET original_object = %s WHERE id = %s", name, video_id)
    for _ in range(3):
        await sweep(workshop.resources)
    assert name in await workshop.object_names()
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE id = %s", video_id)


async def test_what_a_worker_with_a_lease_stored_is_its_own(workshop: Workshop) -> None:
    """However many looks: it names its files when it publishes."""
    video_id = await workshop.upload(b"abc")
    async with workshop.resources.database.transaction() as conn:
        assert await processing_queries.take(conn, lease_s=60.0)
    name = f"renditions/{video_id}/720-abc.mp4"
    await workshop.resources.objects.put_bytes(name, b"x")
    for _ in range(3):
        await sweep(workshop.resources)
    assert name in await workshop.object_names()
    await workshop.change("UPDATE videos SET lease_until = NULL WHERE id = %s", video_id)
    for _ in range(2):
        await sweep(workshop.resources)
    assert name not in await workshop.object_names()
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE id = %s", video_id)


async def test_nothing_a_row_names_is_ever_swept(workshop: Workshop, plain_clip: bytes) -> None:
    """A live video and an unfinished upload keep every byte."""
    live_id = await workshop.upload(plain_clip)
    while await process_next(workshop.resources):
        pass
    waiting_id = await workshop.upload(b"abcdef")
    names = {
        name
        for name in await workshop.object_names()
        if str(live_id) in name or str(waiting_id) in name
    }
    for _ in range(3):
        await sweep(workshop.resources)
    assert names <= await workshop.object_names()
    assert await workshop.original(live_id) == plain_clip
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE id = %s", waiting_id)


async def test_objects_of_others_are_not_the_sweeps_business(workshop: Workshop) -> None:
    """Avatars, and names that no video has."""
    for name in ("avatars/x.webp", "renditions/stray.mp4", "backups/important"):
        await workshop.resources.objects.put_bytes(name, b"x")
    for _ in range(3):
        await sweep(workshop.resources)
    assert {"avatars/x.webp", "renditions/stray.mp4", "backups/important"} <= (
        await workshop.object_names()
    )


async def test_a_deleted_video_leaves_no_byte(workshop: Workshop, plain_clip: bytes) -> None:
    """Original, renditions, covers, captions: by the job, or by the sweep if the job died."""
    by_job, by_sweep = await workshop.upload(plain_clip), await workshop.upload(plain_clip)
    while await process_next(workshop.resources):
        pass
    await remove_video_objects(workshop.resources, by_job)
    assert await workshop.original(by_job) == plain_clip  # not deleted: nothing is removed
    await workshop.change(
        "UPDATE videos SET deleted_at = now() WHERE id = ANY(%s)", [by_job, by_sweep]
    )
    await remove_video_objects(workshop.resources, by_job)
    assert not [name for name in await workshop.object_names() if str(by_job) in name]
    await sweep(workshop.resources)
    assert not [name for name in await workshop.object_names() if str(by_sweep) in name]
    row = await workshop.video(by_sweep)
    assert row["objects_removed_at"] is not None
    assert row["original_object"] is None


async def test_an_upload_nobody_continues_expires_after_a_week(workshop: Workshop) -> None:
    """Not a day before; its bytes go with it."""
    old, fresh = new_id(), new_id()
    for video_id, age in ((old, "7 days 1 hour"), (fresh, "6 days")):
        name = f"uploads/{video_id}/0-x"
        await workshop.resources.objects.put_bytes(name, b"abc")
        await workshop.change(
            """
            WITH v AS (
                INSERT INTO videos (id, creator_id, size_bytes, received_bytes, updated_at)
                VALUES (%s, %s, 10, 3, now() - %s::interval) RETURNING id
            )
            INSERT INTO upload_parts SELECT id, 0, 3, %s FROM v
            """,
            video_id,
            workshop.creator.id,
            age,
            name,
        )
    await sweep(workshop.resources)
    assert (await workshop.video(old))["deleted_at"] is not None
    assert (await workshop.video(fresh))["deleted_at"] is None
    names = await workshop.object_names()
    assert (f"uploads/{old}/0-x" in names, f"uploads/{fresh}/0-x" in names) == (False, True)


async def test_half_written_files_and_scratch_of_the_dead_go(workshop: Workshop) -> None:
    """They were never acknowledged."""
    directory = workshop.resources.objects.directory
    assert directory is not None
    partial = directory / "renditions" / "x.mp4.0.partial"
    partial.parent.mkdir(exist_ok=True)
    partial.write_bytes(b"half")
    _leave_scratch(workshop.resources.scratch_dir)
    swept = await sweep(workshop.resources)
    assert (swept.partial_count, swept.scratch_count) == (1, 1)
    assert not partial.exists()
    assert _is_empty(workshop.resources.scratch_dir)


def _leave_scratch(root: Path) -> None:
    (root / f"{new_id()}.1.0").mkdir(parents=True)


def _is_empty(root: Path) -> bool:
    return not list(root.iterdir())


async def test_videos_nobody_works_on_are_worked_on_again(workshop: Workshop) -> None:
    """The nudge wakes workers for an expired lease, and lets living ones be."""
    await workshop.change("DELETE FROM procrastinate_jobs")
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE state = 'received'")
    await workshop.upload(b"abc")
    await workshop.change("DELETE FROM procrastinate_jobs")
    async with workshop.resources.database.transaction() as conn:
        assert await processing_queries.take(conn, lease_s=60.0)
    await nudge(workshop.resources)
    assert not await workshop.rows("SELECT FROM procrastinate_jobs")
    await workshop.change("UPDATE videos SET lease_until = now() - interval '1 second'")
    await nudge(workshop.resources)
    assert await workshop.rows("SELECT FROM procrastinate_jobs WHERE task_name = 'videos.process'")
