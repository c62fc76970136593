"""What a creator changes about an own video: words, visibility, cover; and its end."""

from uuid import UUID

from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.jobs import enqueue
from solstice.videos import cover_queries, removal_queries, studio_queries
from solstice.videos.cover_queries import Cover
from solstice.videos.errors import CaptionTooLong, PosterFrameNotFound
from solstice.videos.jobs import REMOVE
from solstice.videos.settings import VideoSettings
from solstice.videos.studio import require_own
from solstice.videos.video import Visibility, clean_caption, list_hashtags


async def edit_video(
    conn: Connection,
    *,
    creator: Viewer,
    video_id: UUID,
    caption: str | None,
    visibility: Visibility | None,
    settings: VideoSettings,
) -> None:
    """Change caption (with its hashtags) and visibility; None leaves them as they are.

    Errors: VideoNotVisible (404), CaptionTooLong (400).
    """
    await require_own(conn, creator=creator, video_id=video_id)
    cleaned = clean_caption(caption) if caption is not None else None
    if cleaned is not None and len(cleaned) > settings.caption_chars_max:
        raise CaptionTooLong(f"A caption has at most {settings.caption_chars_max} characters.")
    await studio_queries.update_words(
        conn,
        video_id=video_id,
        caption=cleaned,
        hashtags=list_hashtags(cleaned) if cleaned is not None else None,
        visibility=visibility,
    )


async def delete_video(conn: Connection, *, creator: Viewer, video_id: UUID) -> None:
    """Delete an own video: gone for everybody at once, its bytes follow.

    Errors: VideoNotVisible (404), also the second time.
    """
    await require_own(conn, creator=creator, video_id=video_id)
    if await removal_queries.update_deleted(conn, video_id=video_id):
        await enqueue(conn, REMOVE, video_id=str(video_id))


async def list_poster_frames(
    conn: ReadConnection, *, creator: Viewer, video_id: UUID
) -> list[Cover]:
    """List the frames an own video may be shown with; none until it is processed.

    Errors: VideoNotVisible (404).
    """
    await require_own(conn, creator=creator, video_id=video_id)
    return await cover_queries.list_frames(conn, video_id=video_id)


async def choose_poster(conn: Connection, *, creator: Viewer, video_id: UUID, at_ms: int) -> None:
    """Show an own video with one of its frames.

    Errors: VideoNotVisible (404), PosterFrameNotFound (404).
    """
    await require_own(conn, creator=creator, video_id=video_id)
    if not await cover_queries.update_chosen_cover(conn, video_id=video_id, at_ms=at_ms):
        raise PosterFrameNotFound
