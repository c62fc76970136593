"""Likes: a viewer approves of a video, at most once.

Liking never touches the video's own row: one popular video would make all its likers queue on
a row lock.  The like is a row of its own, a delta is appended with it (`counts.py`), and the
creator is told, all in one statement, for as many likes as wait at that moment
(docs/decisions/0056).  A video that was taken away can still be unliked.
"""

from collections.abc import Sequence
from uuid import UUID

from solstice.community import act_queries as queries
from solstice.community.act import Act
from solstice.community.notifications import GROUP_UNREAD_MAX, untell
from solstice.kit.database import Connection
from solstice.videos.errors import VideoNotVisible


async def like(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Record the viewer's like; a second like changes nothing.

    Errors: VideoNotVisible (404), the same for hidden and for missing videos, so that nobody
    can find private videos by guessing ids.
    """
    if await like_all(conn, [Act(viewer_id, video_id)]) == [False]:
        raise VideoNotVisible


async def like_all(conn: Connection, acts: Sequence[Act]) -> list[bool]:
    """Record many likes at once; tells for each whether its video is visible to its viewer."""
    return await queries.insert_likes(conn, acts, unread_max=GROUP_UNREAD_MAX)


async def unlike(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> None:
    """Take the like back, and the creator's notification of it; safe to repeat."""
    creator_id = await queries.delete_like(conn, viewer_id=viewer_id, video_id=video_id)
    if creator_id is not None:
        await untell(conn, creator_id, kind="like", group_id=video_id, actor_id=viewer_id)
