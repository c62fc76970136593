"""Covers: the still a video shows before it plays, and the frames its creator may choose from.

A first cover is there before the video goes live, taken early in the clip because looking for
a better moment means decoding most of it (0.6 s and more).  The better one and the frames to
choose from follow once every rendition is there; a creator's own choice is never replaced.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from solstice.kit.database import Connection
from solstice.videos import cover_queries
from solstice.videos.cover_queries import Cover
from solstice.videos.leases import Attempt
from solstice.videos.names import POSTERS, render_file_name
from solstice.videos.posters import (
    Poster,
    decide_candidate_moments,
    decide_first_moment,
    extract_poster,
    find_best_moment,
)
from solstice.videos.probe import Probe, Refused
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import VideoLimits
from solstice.videos.renditions import RenderedFile

FRAMES_COUNT = 4


async def store_first_cover(attempt: Attempt, *, source: Path, probe: Probe, folder: Path) -> Cover:
    """Make and store the cover a video goes live with.

    Errors: Refused when the original shows no picture there.
    """
    at_s = decide_first_moment(probe)
    return await _store_cover(attempt, source=source, probe=probe, at_s=at_s, folder=folder)


async def store_cover_of_rendition(attempt: Attempt, *, file: RenderedFile, folder: Path) -> Cover:
    """Make the cover from a finished rendition: the way out for originals that seek badly."""
    probe = await probe_video(file.path, limits=VideoLimits(size_bytes_max=1 << 40))
    return await _store_cover(attempt, source=file.path, probe=probe, at_s=0.0, folder=folder)


async def publish_frames(
    attempt: Attempt, *, source: Path, probe: Probe, smallest: RenderedFile, folder: Path
) -> None:
    """Store the frames to choose from; the most telling one becomes the cover.

    Best effort: a clip without them plays as well.
    Errors: LeaseLost, StorageFull, DatabaseUnavailable.
    """
    try:
        small = await probe_video(smallest.path, limits=VideoLimits(size_bytes_max=1 << 40))
        best_s = await find_best_moment(smallest.path, small)
        moments = sorted({best_s, *decide_candidate_moments(probe.duration_s, FRAMES_COUNT)})
        try:
            covers = await _store_covers(attempt, source, probe, moments, folder=folder)
        except Refused:  # an original that seeks badly
            covers = await _store_covers(attempt, smallest.path, small, moments, folder=folder)
    except Refused:
        return
    best = covers[moments.index(best_s)]

    async def write(conn: Connection) -> bool | None:
        if not await cover_queries.update_best_cover(conn, lease=attempt.lease, cover=best):
            return None
        for cover in covers:
            await cover_queries.upsert_frame(conn, video_id=attempt.lease.video_id, cover=cover)
        return True

    await attempt.commit(write)


async def _store_covers(
    attempt: Attempt, source: Path, probe: Probe, moments: Sequence[float], *, folder: Path
) -> list[Cover]:
    return [
        await _store_cover(attempt, source=source, probe=probe, at_s=at_s, folder=folder)
        for at_s in moments
    ]


async def _store_cover(
    attempt: Attempt, *, source: Path, probe: Probe, at_s: float, folder: Path
) -> Cover:
    poster = await extract_poster(source, probe, at_s=at_s, out_dir=folder)
    return await _store(attempt, poster, at_ms=round(at_s * 1000))


async def _store(attempt: Attempt, poster: Poster, *, at_ms: int) -> Cover:
    names = []
    for path in (poster.path, poster.thumbnail_path):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = render_file_name(
            POSTERS,
            attempt.lease.video_id,
            what=str(at_ms),
            sha256=digest,
            suffix=path.suffix.removeprefix("."),
        )
        await attempt.resources.objects.put_file(name, path)
        names.append(name)
    return Cover(
        at_ms=at_ms, object=names[0], thumb_object=names[1], placeholder=poster.placeholder
    )
