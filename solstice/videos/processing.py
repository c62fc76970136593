"""Processing: whatever was received becomes live or refused, whoever dies on the way.

An attempt takes a lease, works in a scratch folder and ends in one of five ways:

    finished    every rendition is there
    refused     the file cannot become a video; the owner is told why; the original stays
    given back  the disk is full, the worker is stopping, or this one can be played and another
                waits that cannot: not the video's fault, not counted
    failed      anything unexpected: again after a pause that doubles, refused after the fifth
    lost        somebody else has the video now: nothing is written

A worker that is killed ends in none of them: the next one on its machine ends its lease by proof
(leases.py), and where there is none the lease runs out.
"""

import asyncio
import errno
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from pathlib import Path
from typing import cast

import structlog

from solstice.kit.database import Connection, DatabaseUnavailable
from solstice.kit.errors import StorageFull
from solstice.kit.resources import Resources
from solstice.kit.stopping import stop_tasks
from solstice.videos import processing_queries
from solstice.videos.cover_queries import Cover
from solstice.videos.covers import (
    publish_frames,
    store_cover_of_rendition,
    store_first_cover,
)
from solstice.videos.ladder import decide_ladder
from solstice.videos.leases import Attempt, LeaseLost, end_dead_leases
from solstice.videos.originals import original_at_hand
from solstice.videos.probe import Refused
from solstice.videos.probing import probe_video
from solstice.videos.publication import publish_rendition
from solstice.videos.rendering_settings import VideoLimits
from solstice.videos.renditions import RenderedFile, render_ladder
from solstice.videos.scratch import scratch_folder
from solstice.videos.settings import VideoSettings

log = structlog.get_logger()

FAILED_CODE = "processing_failed"
FAILED_SENTENCE = "Something went wrong on our side. The file is safe; we have been told."
STORAGE_PAUSE_S = 20.0
SPACE_FACTOR = 3
"""The original, its copy in scratch and the renditions: what one attempt may need on disk."""


class StandsAside(Exception):
    """This video can be played; another one in line cannot yet, and goes first."""


async def process_next(resources: Resources) -> bool:
    """Work on the video that waits longest; false when there is none, or no room to work.

    Safe to run any number of times, at once too: the lease decides who works on what.
    """
    settings = resources.settings_of(VideoSettings)
    await end_dead_leases(resources)
    async with resources.database.transaction() as conn:
        lease = await processing_queries.take(conn, lease_s=settings.lease_s)
    if lease is None:
        return False
    return await _attempt(Attempt(resources, lease))


async def _attempt(attempt: Attempt) -> bool:
    """Run one attempt to one of its ends; false when there is no use in taking another video."""
    lease, is_room_left = attempt.lease, True
    log.info("video.attempt", video_id=attempt.video_id, attempt=lease.attempts)
    try:
        if lease.attempts > attempt.settings.attempts_max:
            await _give_up(attempt)
            return True
        await attempt.run(_work(attempt))
    except Refused as refusal:
        log.info(
            "video.refused",
            video_id=attempt.video_id,
            code=refusal.reason.value,
            detail=refusal.detail[-500:],
        )
        await _refuse(attempt, code=refusal.reason.value, sentence=refusal.sentence)
    except LeaseLost:
        log.info("video.lease_lost", video_id=attempt.video_id)
    except StandsAside:
        await _give_back(attempt, pause_s=0.0, is_counted=False)
    except DatabaseUnavailable:
        log.warning("video.left_to_the_sweep", video_id=attempt.video_id)
    except asyncio.CancelledError:
        await asyncio.shield(_give_back(attempt, pause_s=0.0, is_counted=False))
        raise
    except Exception as error:
        if _is_full(error):
            is_room_left = False
            await _give_back(attempt, pause_s=STORAGE_PAUSE_S, is_counted=False)
        else:
            log.exception("video.attempt_failed", video_id=attempt.video_id)
            await _fail(attempt)
    return is_room_left


async def _work(attempt: Attempt) -> None:
    resources, lease = attempt.resources, attempt.lease
    resources.objects.require_space(SPACE_FACTOR * lease.size_bytes)
    with scratch_folder(resources.scratch_dir, mark=attempt.mark) as folder:
        async with original_at_hand(attempt, folder=folder) as (source, kept):
            await _render(attempt, source=source, kept=kept, folder=folder)


async def _render(attempt: Attempt, *, source: Path, kept: Awaitable[None], folder: Path) -> None:
    settings = attempt.settings
    limits = VideoLimits(
        size_bytes_max=settings.size_bytes_max,
        duration_s_max=settings.duration_s_max,
        frame_pixels_max=settings.frame_pixels_max,
    )
    probe = await probe_video(source, limits=limits)
    ladder = decide_ladder(probe)
    made: list[RenderedFile] = []
    covering = asyncio.create_task(
        store_first_cover(attempt, source=source, probe=probe, folder=folder)
    )
    rendering = cast(
        "AsyncGenerator[RenderedFile]",
        render_ladder(source, probe, ladder, folder, on_progress=attempt.report),
    )
    try:
        async with aclosing(rendering) as files:
            async for file in files:
                cover = None
                if not made:
                    await kept  # nobody sees what could not be made again
                    cover = await _await_cover(attempt, covering, file, folder=folder)
                await publish_rendition(attempt, file, cover=cover)
                made.append(file)
                if len(made) < len(ladder.rungs):
                    await _stand_aside(attempt)
    finally:
        await stop_tasks([covering])
    smallest = min(made, key=lambda file: file.short_side)
    await publish_frames(attempt, source=source, probe=probe, smallest=smallest, folder=folder)
    await attempt.commit(lambda conn: _finish(conn, attempt))


async def _stand_aside(attempt: Attempt) -> None:
    """Let a video that cannot be played yet go first; this one's better files can wait.

    What was published stays.  The work on the first file is done again later, which is a fifth of
    one ladder, paid only when people are waiting.
    """
    async with attempt.resources.database.reading() as conn:
        if await processing_queries.is_anybody_waiting(conn):
            raise StandsAside


async def _await_cover(
    attempt: Attempt, covering: asyncio.Task[Cover], file: RenderedFile, *, folder: Path
) -> Cover:
    """Wait for the cover made beside the first rendition, or take it from that rendition."""
    try:
        return await covering
    except Refused:
        return await store_cover_of_rendition(attempt, file=file, folder=folder)


async def _finish(conn: Connection, attempt: Attempt) -> bool | None:
    return await processing_queries.update_finished(conn, lease=attempt.lease) or None


async def _refuse(attempt: Attempt, *, code: str, sentence: str) -> None:
    """Refuse a video; one that is live already stays live with what it has."""

    async def write(conn: Connection) -> bool:
        if await processing_queries.update_refused(
            conn, lease=attempt.lease, code=code, sentence=sentence
        ):
            await processing_queries.insert_event(
                conn, video_id=attempt.lease.video_id, kind="refused"
            )
            return True
        return await processing_queries.update_finished(conn, lease=attempt.lease)

    await _end(attempt, "refused", attempt.commit(write))


async def _fail(attempt: Attempt) -> None:
    """Try again later, or give up after the last attempt."""
    if attempt.lease.attempts >= attempt.settings.attempts_max:
        await _give_up(attempt)
        return
    doubled_s = attempt.settings.retry_base_s * 2.0 ** (attempt.lease.attempts - 1)
    pause_s = min(doubled_s, attempt.settings.retry_s_max)
    await _give_back(attempt, pause_s=pause_s, is_counted=True)


async def _give_up(attempt: Attempt) -> None:
    log.error("video.given_up", video_id=attempt.video_id, attempts=attempt.lease.attempts)
    await _refuse(attempt, code=FAILED_CODE, sentence=FAILED_SENTENCE)


async def _give_back(attempt: Attempt, *, pause_s: float, is_counted: bool) -> None:
    async def write(conn: Connection) -> bool:
        return await processing_queries.update_given_back(
            conn, lease=attempt.lease, pause_s=pause_s, is_counted=is_counted
        )

    await _end(attempt, "given back", attempt.commit(write))


async def _end(attempt: Attempt, how: str, writing: Awaitable[bool]) -> None:
    """Write an end; one that cannot be written is left to the lease running out."""
    try:
        await writing
    except (DatabaseUnavailable, StorageFull, LeaseLost) as error:
        log.warning("video.end_not_written", video_id=attempt.video_id, end=how, error=repr(error))


def _is_full(error: Exception) -> bool:
    if isinstance(error, StorageFull):
        return True
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
