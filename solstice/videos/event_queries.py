"""SQL of what happened to videos and others want to hear of: live, refused.

An event is written with the change itself and leaves the table in the transaction of whoever
tells of it, so it is told exactly once.
"""

from typing import Literal, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection

EVENTS_MAX = 500


class VideoEvent(NamedTuple):
    """Something that happened to a video."""

    video_id: UUID
    creator_id: UUID
    kind: Literal["live", "refused"]


async def take_video_events(conn: Connection, *, limit: int = EVENTS_MAX) -> list[VideoEvent]:
    """Take the oldest events away; they come back if the caller's transaction fails."""
    async with conn.cursor(row_factory=class_row(VideoEvent)) as cursor:
        await cursor.execute(
            """
            WITH taken AS (
                DELETE FROM video_events
                WHERE id IN (
                    SELECT id FROM video_events ORDER BY id LIMIT %(limit)s
                    FOR UPDATE SKIP LOCKED
                )
                RETURNING id, video_id, kind
            )
            SELECT taken.video_id, v.creator_id, taken.kind
            FROM taken JOIN videos v ON v.id = taken.video_id
            ORDER BY taken.id
            """,
            {"limit": limit},
        )
        return await cursor.fetchall()
