"""Bookmarks: a viewer keeps a video for later; nobody is told."""

from collections.abc import Sequence
from uuid import UUID

from solstice.community import act_queries as queries
from solstice.community.act import Act
from solstice.kit.database import Connection
from solstice.videos.errors import VideoNotVisible


async def bookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Keep the video; a second time changes nothing.

    Errors: VideoNotVisible (404).
    """
    if await bookmark_all(conn, [Act(viewer_id, video_id)]) == [False]:
        raise VideoNotVisible


async def bookmark_all(conn: Connection, acts: Sequence[Act]) -> list[bool]:
    """Keep many at once; tells for each whether its video is visible to its viewer."""
    return await queries.insert_bookmarks(conn, acts)


async def unbookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Keep it no longer; safe to repeat, also for a video that is gone."""
    await queries.delete_bookmark(conn, viewer_id=viewer_id, video_id=video_id)
