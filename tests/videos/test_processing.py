"""From received to live or refused, whoever dies on the way."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from solstice.kit.ids import new_id
from solstice.kit.resources import Resources
from solstice.settings import Settings
from solstice.videos import processing_queries
from solstice.videos.cards import list_cards
from solstice.videos.leases import Attempt, LeaseLost, end_dead_leases
from solstice.videos.probing import probe_video
from solstice.videos.processing import FAILED_CODE, process_next
from solstice.videos.redriving import list_stuck, redrive_video
from solstice.videos.rendering_settings import VideoLimits
from tests.samples import run_ffmpeg
from tests.videos.workshop import (
    Workshop,
    make_foreign_clip,
    make_plain_clip,
    make_settings,
    opened,
)


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


@pytest.fixture(scope="module")
def foreign_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_foreign_clip(tmp_path_factory.mktemp("clips") / "foreign.avi")


async def _events(workshop: Workshop, video_id: UUID) -> list[str]:
    rows = await workshop.rows(
        "SELECT kind FROM video_events WHERE video_id = %s ORDER BY id", video_id
    )
    return [kind for (kind,) in rows]


async def test_a_playable_clip_goes_live_as_it_is(
    workshop: Workshop, plain_clip: bytes, tmp_path: Path
) -> None:
    """Live, with cover and placeholder, the original kept whole, the parts gone."""
    video_id = await workshop.upload(plain_clip)
    assert await process_next(workshop.resources)
    row = await workshop.video(video_id)
    assert row["state"] == "live"
    assert row["ladder_done_at"] is not None
    assert row["lease_until"] is None
    assert (row["width"], row["height"]) == (360, 640)
    assert 1900 <= row["duration_ms"] <= 2200
    assert await workshop.original(video_id) == plain_clip
    assert not await workshop.rows("SELECT FROM upload_parts WHERE video_id = %s", video_id)
    assert not {name for name in await workshop.object_names() if f"uploads/{video_id}" in name}
    async with workshop.resources.database.reading() as conn:
        card = (await list_cards(conn, [video_id]))[video_id]
    assert card.placeholder is not None
    assert card.placeholder.startswith("data:image/webp;base64,")
    assert card.poster_url is not None
    assert card.poster_url.endswith(".jpg")
    names = {url.removeprefix("/media/") for url in (card.poster_url, card.renditions[0].url)}
    assert names <= await workshop.object_names()
    played = tmp_path / "played.mp4"
    await workshop.resources.objects.fetch_into(
        played, card.renditions[0].url.removeprefix("/media/")
    )
    assert (await probe_video(played, limits=VideoLimits())).codec == "h264"
    assert await _events(workshop, video_id) == ["live"]


async def test_a_creator_may_choose_among_stored_frames(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """They are there once the whole ladder is."""
    video_id = await workshop.upload(plain_clip)
    await process_next(workshop.resources)
    frames = await workshop.rows(
        "SELECT object, thumb_object FROM poster_frames WHERE video_id = %s", video_id
    )
    assert len(frames) >= 4
    assert {name for pair in frames for name in pair} <= await workshop.object_names()


async def test_an_original_that_seeks_badly_has_frames_to_choose_from(
    workshop: Workshop, tmp_path: Path
) -> None:
    """They are taken from what was made of it: here its first track is one we do not read."""
    source = tmp_path / "two_pictures.mkv"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=360x640:r=30:d=1")
    run_ffmpeg(
        *(*picture, *picture, "-map", "0", "-map", "1"),
        *("-c:v:0", "ffv1", "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p", source),
    )
    video_id = await workshop.upload(source.read_bytes())
    await process_next(workshop.resources)
    assert (await workshop.video(video_id))["state"] == "live"
    frames = await workshop.rows("SELECT object FROM poster_frames WHERE video_id = %s", video_id)
    assert len(frames) >= 4


async def test_a_foreign_clip_is_encoded(workshop: Workshop, foreign_clip: bytes) -> None:
    """Whatever it was, what viewers get is H.264 in MP4."""
    video_id = await workshop.upload(foreign_clip)
    await process_next(workshop.resources)
    row = await workshop.video(video_id)
    assert row["state"] == "live"
    codecs = await workshop.rows("SELECT codecs FROM renditions WHERE video_id = %s", video_id)
    assert [codec.split(".")[0] for (codec,) in codecs] == ["avc1"]


async def test_what_is_no_video_is_refused_with_a_sentence(workshop: Workshop) -> None:
    """The owner reads why; the file is kept; the line goes on."""
    video_id = await workshop.upload(b"<html>not a video</html>" * 100)
    assert await process_next(workshop.resources)
    row = await workshop.video(video_id)
    assert (row["state"], row["published_at"]) == ("refused", None)
    assert row["refusal_sentence"].endswith(".")
    assert await workshop.original(video_id) == b"<html>not a video</html>" * 100
    assert await _events(workshop, video_id) == ["refused"]
    assert not await process_next(workshop.resources)


async def test_nothing_is_taken_twice_at_once(workshop: Workshop, plain_clip: bytes) -> None:
    """Five workers, two videos: two attempts."""
    ids = [await workshop.upload(plain_clip) for _ in range(2)]
    results = await asyncio.gather(*(process_next(workshop.resources) for _ in range(5)))
    assert sorted(results) == [False, False, False, True, True]
    for video_id in ids:
        row = await workshop.video(video_id)
        assert (row["state"], row["attempts"], row["generation"]) == ("live", 1, 1)


async def test_the_longest_waiting_comes_first(workshop: Workshop, plain_clip: bytes) -> None:
    """First come, first served, so that a position in line means something."""
    first = await workshop.upload(plain_clip)
    second = await workshop.upload(plain_clip)
    await process_next(workshop.resources)
    assert (await workshop.video(first))["state"] == "live"
    assert (await workshop.video(second))["state"] == "received"
    await process_next(workshop.resources)


async def _take(workshop: Workshop, *, lease_s: float = 60.0) -> Attempt:
    async with workshop.resources.database.transaction() as conn:
        lease = await processing_queries.take(conn, lease_s=lease_s)
    assert lease is not None
    return Attempt(workshop.resources, lease)


async def test_who_can_be_played_lets_the_others_go_first(
    workshop: Workshop, tmp_path: Path, plain_clip: bytes
) -> None:
    """Nobody waits for somebody else's better renditions; they are made once nobody waits."""
    tall_clip = make_foreign_clip(tmp_path / "tall.avi", size="540x960")
    first = await workshop.upload(tall_clip)
    second = await workshop.upload(plain_clip)
    assert await process_next(workshop.resources)
    row = await workshop.video(first)
    assert (row["state"], row["ladder_done_at"], row["attempts"]) == ("live", None, 0)
    assert await process_next(workshop.resources)
    assert (await workshop.video(second))["state"] == "live"
    assert await process_next(workshop.resources)
    assert (await workshop.video(first))["ladder_done_at"] is not None
    assert await _events(workshop, first) == ["live"]
    rows = await workshop.rows("SELECT short_side FROM renditions WHERE video_id = %s", first)
    assert sorted(side for (side,) in rows) == [360, 540]
    assert await process_next(workshop.resources) is False


async def test_an_answer_from_a_dead_attempt_is_ignored(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """A worker that slept through its lease changes nothing any more, whatever it brings."""
    video_id = await workshop.upload(plain_clip)
    sleeper = await _take(workshop, lease_s=0.0)
    assert await process_next(workshop.resources)
    before = await workshop.video(video_id)
    assert (before["state"], before["generation"]) == ("live", 2)
    with pytest.raises(LeaseLost):
        await sleeper.commit(
            lambda conn: _none_if_lost(
                processing_queries.update_live(
                    conn, lease=sleeper.lease, width=1, height=1, duration_ms=1
                )
            )
        )
    for stale in (
        processing_queries.update_refused,
        processing_queries.update_original,
        processing_queries.update_given_back,
        processing_queries.update_finished,
        processing_queries.renew,
    ):
        arguments = {
            "update_refused": {"code": "x", "sentence": "x"},
            "update_original": {"name": "x", "sha256": "x"},
            "update_given_back": {"pause_s": 0.0, "is_counted": True},
            "renew": {"lease_s": 60.0, "progress_percent": 50},
        }.get(stale.__name__, {})
        async with workshop.resources.database.transaction() as conn:
            assert not await stale(conn, lease=sleeper.lease, **arguments)  # type: ignore[operator]
    assert await workshop.video(video_id) == before
    assert await _events(workshop, video_id) == ["live"]


async def _none_if_lost(answer: object) -> bool | None:
    return await answer  # type: ignore[misc,no-any-return]


async def test_work_ends_when_its_lease_is_lost(workshop: Workshop, plain_clip: bytes) -> None:
    """Two cores are too few to render for nobody."""
    await workshop.upload(plain_clip)
    sleeper = await _take(workshop, lease_s=0.0)
    await process_next(workshop.resources)
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(sleeper.run(_work_for_ever()), timeout=10)


@pytest.mark.slow
async def test_a_heartbeat_that_waits_for_a_connection_ends_with_the_work(
    dsn: str, tmp_path: Path, plain_clip: bytes
) -> None:
    """Whenever it gets one: told to end in that very moment, it once went on for ever."""
    settings = make_settings(
        dsn, tmp_path, SOLSTICE_DATABASE_POOL_SIZE="1", SOLSTICE_VIDEOS_LEASE_S="0.3"
    )
    async with opened(settings) as resources:
        workshop = await Workshop.open(resources)
        await workshop.upload(plain_clip)
        attempt = await _take(workshop, lease_s=3600.0)
        for steps in range(20):
            async with asyncio.timeout(60):
                await attempt.run(_end_with_a_heartbeat_in_line(resources, steps=steps))


async def _end_with_a_heartbeat_in_line(resources: Resources, *, steps: int) -> None:
    """Give back the only connection, for which the heartbeat waits, and end some steps later."""
    async with resources.database.transaction():
        while not resources.database.stats()["requests_waiting"]:  # noqa: ASYNC110 - the pool's
            await asyncio.sleep(0.001)
    for _ in range(steps):
        await asyncio.sleep(0)


HOLD = """
import sys
from pathlib import Path
from solstice.videos.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1]), mark=sys.argv[2]):
    print("ready", flush=True)
    sys.stdin.read()
"""


async def test_a_killed_workers_video_is_taken_over_without_waiting_for_its_lease(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """The kernel proves the death; while the worker lives nobody takes its video."""
    video_id = await workshop.upload(plain_clip)
    attempt = await _take(workshop, lease_s=3600.0)
    root = str(workshop.resources.scratch_dir)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, root, attempt.mark),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"ready\n"
    assert await process_next(workshop.resources) is False
    worker.kill()
    await worker.wait()
    assert await process_next(workshop.resources)
    row = await workshop.video(video_id)
    assert (row["state"], row["generation"]) == ("live", 2)


async def test_the_death_of_an_older_attempt_ends_no_lease(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """Its mark names a generation that is over."""
    video_id = await workshop.upload(plain_clip)
    older = await _take(workshop, lease_s=0.0)
    await _take(workshop, lease_s=3600.0)
    (workshop.resources.scratch_dir / f"{older.mark}.0").mkdir(parents=True)
    assert await end_dead_leases(workshop.resources) == 1
    assert await process_next(workshop.resources) is False
    await workshop.change("UPDATE videos SET lease_until = NULL WHERE id = %s", video_id)
    assert await process_next(workshop.resources)


async def _work_for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_heartbeat_keeps_the_lease_and_tells_the_progress(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """Nobody takes a video over while its worker lives, however long it takes."""
    video_id = await workshop.upload(plain_clip)
    attempt = await _take(workshop, lease_s=3.0)

    async def work_longer_than_the_lease() -> None:
        began = asyncio.get_running_loop().time()
        attempt.report(0.42)
        while asyncio.get_running_loop().time() - began < 4.5:
            async with workshop.resources.database.transaction() as conn:
                assert await processing_queries.take(conn, lease_s=3.0) is None
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), timeout=0.3)

    await attempt.run(work_longer_than_the_lease())
    assert (await workshop.video(video_id))["progress_percent"] == 42
    await workshop.change("UPDATE videos SET lease_until = NULL WHERE id = %s", video_id)
    await process_next(workshop.resources)


async def test_a_stopping_worker_hands_its_video_back(workshop: Workshop, tmp_path: Path) -> None:
    """The next worker need not wait for the lease, and no attempt is counted."""
    long_clip = make_foreign_clip(tmp_path / "long.avi", duration_s=60.0, size="720x1280")
    video_id = await workshop.upload(long_clip)
    task = asyncio.create_task(process_next(workshop.resources))
    async with asyncio.timeout(30):
        while (await workshop.video(video_id))["progress_percent"] in (None, 0):
            await asyncio.wait({task}, timeout=0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    row = await workshop.video(video_id)
    assert (row["state"], row["attempts"]) == ("received", 0)
    assert not list(workshop.resources.scratch_dir.iterdir())
    async with workshop.resources.database.reading() as conn:
        assert await processing_queries.count_takeable(conn) == 1
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE id = %s", video_id)


async def test_a_video_whose_bytes_vanished_is_given_up_after_five_attempts(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """Not before: what fails once may work the next time.  An operator can put it back."""
    video_id = await workshop.upload(plain_clip)
    ((name,),) = await workshop.rows(
        "SELECT object FROM upload_parts WHERE video_id = %s AND offset_bytes = 0", video_id
    )
    path = workshop.resources.objects.local_path(name)
    assert path is not None
    hidden = path.with_name("hidden")
    path.rename(hidden)
    for attempt in range(1, 6):
        assert await process_next(workshop.resources)
        row = await workshop.video(video_id)
        assert row["attempts"] == attempt
        assert row["state"] == ("received" if attempt < 5 else "refused")
    assert row["refusal_code"] == FAILED_CODE
    async with workshop.resources.database.reading() as conn:
        assert video_id in [stuck.id for stuck in await list_stuck(conn)]
    hidden.rename(path)
    async with workshop.resources.database.transaction() as conn:
        assert await redrive_video(conn, video_id)
        assert not await redrive_video(conn, new_id())
    assert await process_next(workshop.resources)
    row = await workshop.video(video_id)
    assert (row["state"], row["refusal_code"]) == ("live", None)
    assert await workshop.original(video_id) == plain_clip


async def test_a_video_that_kills_its_workers_is_given_up(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """Each take counts, so a file that crashes the worker does not stop the line for ever."""
    video_id = await workshop.upload(plain_clip)
    for _ in range(5):
        await _take(workshop, lease_s=0.0)
    assert await process_next(workshop.resources)
    assert (await workshop.video(video_id))["refusal_code"] == FAILED_CODE


async def test_a_video_deleted_while_it_is_worked_on_stays_deleted(
    workshop: Workshop, plain_clip: bytes
) -> None:
    """Its worker writes nothing more."""
    video_id = await workshop.upload(plain_clip)
    attempt = await _take(workshop)
    await workshop.change("UPDATE videos SET deleted_at = now() WHERE id = %s", video_id)
    async with workshop.resources.database.transaction() as conn:
        answer = await processing_queries.update_live(
            conn, lease=attempt.lease, width=2, height=2, duration_ms=1
        )
    assert answer is None
    assert (await workshop.video(video_id))["state"] == "processing"
