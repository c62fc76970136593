"""Who may see a video: one gate, the same answer for hidden and missing.

Public videos are for everybody, followers' for followers, private ones for the creator.
Hidden by a moderator, by a hidden or leaving account, or by a block in either direction:
for everybody but the creator it does not exist.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from solstice.kit.database import Connection, ReadConnection
from solstice.videos import queries
from solstice.videos.errors import VideoNotVisible
from solstice.videos.video import VisibleVideo

VISIBLE: LiteralString = queries.VISIBLE
"""An SQL condition for other features' lists: on `videos v`, with `%(viewer_id)s` (or NULL)."""


async def require_visible(
    conn: Connection | ReadConnection,
    viewer_id: UUID | None,
    video_id: UUID,
    *,
    is_moderating: bool = False,
) -> VisibleVideo:
    """Return the video if this viewer may see it; moderators at work see hidden ones too.

    Errors: VideoNotVisible (404), whether it is hidden, not live, deleted or never was.
    """
    video = await queries.find_visible(
        conn, video_id=video_id, viewer_id=viewer_id, is_moderating=is_moderating
    )
    if video is None:
        raise VideoNotVisible
    return video


async def filter_visible(
    conn: Connection | ReadConnection, viewer_id: UUID | None, video_ids: Sequence[UUID]
) -> list[UUID]:
    """Keep those this viewer may see, in the given order."""
    if not video_ids:
        return []
    visible = await queries.list_visible_ids(conn, viewer_id=viewer_id, video_ids=list(video_ids))
    return [video_id for video_id in video_ids if video_id in visible]


async def hide_video(conn: Connection, video_id: UUID) -> bool:
    """Take a video away from everybody but its creator; tells whether that is new."""
    return await queries.update_hidden(conn, video_id=video_id, is_hidden=True)


async def show_video(conn: Connection, video_id: UUID) -> bool:
    """Give a hidden video back; tells whether it was hidden."""
    return await queries.update_hidden(conn, video_id=video_id, is_hidden=False)
