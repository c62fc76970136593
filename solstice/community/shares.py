"""Shares: a viewer passed a video's link on.

A signed-in viewer counts once for each video, however often the button is pressed: a count
that a script can drive up says nothing.  A visitor's share is accepted and not counted, for
there is nothing to tell two visitors apart by that we would want to store.
"""

from uuid import UUID

from solstice.community import act_queries as queries
from solstice.community.act import Act
from solstice.kit.database import Connection
from solstice.videos.errors import VideoNotVisible
from solstice.videos.visibility import require_visible


async def share(conn: Connection, *, viewer_id: UUID | None, video_id: UUID) -> None:
    """Record that the video was passed on; safe to repeat.

    Errors: VideoNotVisible (404).
    """
    if viewer_id is None:
        await require_visible(conn, None, video_id)
    elif await queries.insert_shares(conn, [Act(viewer_id, video_id)]) == [False]:
        raise VideoNotVisible
