"""Uploads: begin, ask, go on, end.  What was acknowledged is on disk and in the database.

The offset lives in PostgreSQL and moves only together with the row of a part that is already
on disk; of two requests that write the same place, one wins and the other is told the truth.
An upload's id is its video's id, and the Idempotency-Key of the request that began it
(docs/decisions/0012).  Nothing of the client's file name reaches a path.
"""

from datetime import timedelta
from uuid import UUID

from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from solstice.kit.jobs import enqueue
from solstice.kit.objects import Objects
from solstice.videos import upload_queries
from solstice.videos.errors import (
    CaptionTooLong,
    TooManyUploads,
    UploadFinished,
    UploadGone,
    UploadInUse,
    UploadNotFound,
    UploadTooLarge,
    WrongOffset,
)
from solstice.videos.jobs import PROCESS, REMOVE
from solstice.videos.settings import VideoSettings
from solstice.videos.tus import UploadWish, render_expiry
from solstice.videos.upload_queries import UploadRow
from solstice.videos.video import clean_caption, list_hashtags


def require_acceptable(wish: UploadWish, *, objects: Objects, settings: VideoSettings) -> None:
    """Refuse before the first byte what could not be kept.

    Errors: UploadTooLarge (413), StorageFull (507), CaptionTooLong (400).
    """
    if wish.size_bytes > settings.size_bytes_max:
        raise UploadTooLarge(
            f"This file is larger than {settings.size_bytes_max // (1024 * 1024)} MiB."
        )
    if len(wish.caption) > settings.caption_chars_max:
        raise CaptionTooLong(f"A caption has at most {settings.caption_chars_max} characters.")
    objects.require_space(wish.size_bytes)


async def begin_upload(
    conn: Connection,
    *,
    creator: Viewer,
    wish: UploadWish,
    key: UUID | None,
    settings: VideoSettings,
) -> UploadRow:
    """Begin an upload, or find the one this key began before.

    Errors: TooManyUploads (429), UploadInUse (409).
    """
    video_id = key or new_id()
    known = await upload_queries.find_upload(conn, video_id=video_id, creator_id=creator.id)
    if known is None:
        open_count = await upload_queries.count_open(conn, creator_id=creator.id)
        if open_count >= settings.uploads_open_max:
            raise TooManyUploads
        caption = clean_caption(wish.caption)
        is_new = await upload_queries.insert_upload(
            conn,
            video_id=video_id,
            creator_id=creator.id,
            size_bytes=wish.size_bytes,
            caption=caption,
            hashtags=list_hashtags(caption),
            visibility=wish.visibility,
            extension=wish.extension,
        )
        known = await upload_queries.find_upload(conn, video_id=video_id, creator_id=creator.id)
        if known is None or not is_new:
            raise UploadInUse
    if known.size_bytes != wish.size_bytes or known.is_deleted:
        raise UploadInUse
    return known


async def require_upload(
    conn: Connection | ReadConnection, *, creator: Viewer, video_id: UUID
) -> UploadRow:
    """Return an upload of this creator.

    Errors: UploadNotFound (404), UploadGone (410) after it was ended or has expired.
    """
    upload = await upload_queries.find_upload(conn, video_id=video_id, creator_id=creator.id)
    if upload is None:
        raise UploadNotFound
    if upload.is_deleted:
        raise UploadGone
    return upload


async def append_part(
    conn: Connection, *, video_id: UUID, offset_bytes: int, size_bytes: int, name: str
) -> UploadRow:
    """Acknowledge a part that is on disk; with the last one the video is received, and queued.

    Errors: WrongOffset (409) when somebody else was faster.
    """
    upload = await upload_queries.advance_upload(
        conn, video_id=video_id, offset_bytes=offset_bytes, size_bytes=size_bytes
    )
    if upload is None:
        raise WrongOffset
    await upload_queries.insert_part(
        conn, video_id=video_id, offset_bytes=offset_bytes, size_bytes=size_bytes, name=name
    )
    if upload.received_bytes == upload.size_bytes:
        await upload_queries.update_received(conn, video_id=video_id)
        await enqueue(conn, PROCESS)
    return upload


async def end_upload(conn: Connection, *, creator: Viewer, video_id: UUID) -> None:
    """Give an unfinished upload up and free its space.

    Errors: UploadNotFound (404), UploadGone (410), UploadFinished (409).
    """
    await require_upload(conn, creator=creator, video_id=video_id)
    if not await upload_queries.update_ended(conn, video_id=video_id):
        raise UploadFinished
    await enqueue(conn, REMOVE, video_id=str(video_id))


def render_headers(upload: UploadRow, *, settings: VideoSettings) -> dict[str, str]:
    """Tell how far the upload is, and how long an unfinished one is kept."""
    headers = {
        "Upload-Offset": str(upload.received_bytes),
        "Upload-Length": str(upload.size_bytes),
        "Cache-Control": "no-store",
    }
    if upload.state == "uploading":
        expires_at = upload.updated_at + timedelta(seconds=settings.upload_expires_s)
        headers["Upload-Expires"] = render_expiry(expires_at)
    return headers
