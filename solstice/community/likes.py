"""Likes: a viewer approves of a video, at most once.

Liking never touches the video's own row: one popular video would make all its likers queue on
a row lock.  The like is a row of its own, a delta is appended with it (`counts.py`), and the
creator is told, all in one statement (docs/decisions/0052).  A video that was taken away can
still be unliked.
"""

from uuid import UUID

from solstice.community import act_queries as queries
from solstice.community.notifications import GROUP_UNREAD_MAX, untell
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.videos.errors import VideoNotVisible


async def like(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Record the viewer's like; a second like changes nothing.

    Errors: VideoNotVisible (404), the same for hidden and for missing videos, so that nobody
    can find private videos by guessing ids.
    """
    if not await queries.insert_like(
        conn,
        viewer_id=viewer_id,
        video_id=video_id,
        notification_id=new_id(),
        unread_max=GROUP_UNREAD_MAX,
    ):
        raise VideoNotVisible


async def unlike(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Take the like back, and the creator's notification of it; safe to repeat."""
    creator_id = await queries.delete_like(conn, viewer_id=viewer_id, video_id=video_id)
    if creator_id is not None:
        await untell(conn, creator_id, kind="like", group_id=video_id, actor_id=viewer_id)
