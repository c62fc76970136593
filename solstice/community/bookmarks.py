"""Bookmarks: a viewer keeps a video for later; nobody is told."""

from uuid import UUID

from solstice.community import act_queries as queries
from solstice.kit.database import Connection
from solstice.videos.errors import VideoNotVisible


async def bookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Keep the video; a second time changes nothing.

    Errors: VideoNotVisible (404).
    """
    if not await queries.insert_bookmark(conn, viewer_id=viewer_id, video_id=video_id):
        raise VideoNotVisible


async def unbookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Keep it no longer; safe to repeat, also for a video that is gone."""
    await queries.delete_bookmark(conn, viewer_id=viewer_id, video_id=video_id)
