"""Announcements: what became of an upload reaches its creator's inbox.

Videos writes an event in the transaction in which a clip goes live or is refused; here the
events are taken and told in one transaction, so each is told exactly once, whatever dies.
"""

from uuid import UUID

from solstice.community import notification_queries as queries
from solstice.community.notice import Notice
from solstice.community.notifications import tell
from solstice.kit.database import Connection

ANNOUNCE_EVERY_S = 2.0
EVENTS_MAX = 200


async def announce_videos(conn: Connection) -> int:
    """Tell creators what became of their uploads; tells how many events were taken."""
    events = await queries.take_video_events(conn, limit=EVENTS_MAX)
    for event in events:
        await _announce(conn, event)
    return len(events)


async def _announce(conn: Connection, event: queries.VideoEvent) -> None:
    video_id: UUID = event.video_id
    if event.kind == "live":
        notice = Notice(kind="video_live", group_id=video_id, video_id=video_id)
    else:
        notice = Notice(
            kind="video_refused",
            group_id=video_id,
            video_id=video_id,
            text=event.refusal_sentence,
        )
    await tell(conn, event.creator_id, notice)
