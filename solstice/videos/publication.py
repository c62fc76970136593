"""Publication: a video goes live with its first playable file, in one transaction.

Later files are appended behind it.  The community hears of the first one only: the event is
written with the change of state, so twice is impossible and never is, too.
"""

from solstice.kit.database import Connection
from solstice.videos import cover_queries, processing_queries
from solstice.videos.cover_queries import Cover
from solstice.videos.leases import Attempt
from solstice.videos.names import RENDITIONS, render_file_name
from solstice.videos.renditions import RenderedFile


async def publish_rendition(attempt: Attempt, file: RenderedFile, *, cover: Cover | None) -> None:
    """Store a finished file and let viewers have it; the first one brings the cover.

    Errors: LeaseLost, StorageFull, DatabaseUnavailable.
    """
    lease = attempt.lease
    name = render_file_name(
        RENDITIONS, lease.video_id, what=str(file.short_side), sha256=file.sha256, suffix="mp4"
    )
    await attempt.resources.objects.put_file(name, file.path)

    async def write(conn: Connection) -> bool | None:
        is_new = await processing_queries.update_live(
            conn,
            lease=lease,
            width=file.width,
            height=file.height,
            duration_ms=round(file.duration_s * 1000),
        )
        if is_new is None:
            return None
        if cover is not None:
            await cover_queries.update_first_cover(conn, lease=lease, cover=cover)
            await cover_queries.upsert_frame(conn, video_id=lease.video_id, cover=cover)
        await processing_queries.upsert_rendition(
            conn,
            video_id=lease.video_id,
            name=name,
            width=file.width,
            height=file.height,
            short_side=file.short_side,
            bitrate_bps=file.bitrate_bps,
            codecs=file.codecs,
            size_bytes=file.size_bytes,
        )
        if is_new:
            await processing_queries.insert_event(conn, video_id=lease.video_id, kind="live")
        return True

    await attempt.commit(write)
