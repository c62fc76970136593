"""SQL of likes, bookmarks and shares: the gate, the act and its consequences in one statement.

Each act asks the gate (`VISIBLE`, owned by videos) and inserts in one statement: under load a
like costs as much as its round trips, and it is the most frequent write there is.
"""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import scalar_row

from solstice.kit.context import REQUEST_ID
from solstice.kit.database import Connection
from solstice.videos.visibility import VISIBLE

_SEEN: LiteralString = (
    """
    WITH traced AS MATERIALIZED (
        SELECT set_config('application_name', %(trace)s, true)
    ), seen AS (
        SELECT v.id, v.creator_id FROM videos v, traced WHERE v.id = %(video_id)s AND """
    + VISIBLE
    + ")"
)
"""Such a statement is a transaction of its own, so it carries the request's id itself."""


async def _act(
    conn: Connection, statement: LiteralString, *, viewer_id: UUID, video_id: UUID
) -> bool:
    cursor = await conn.execute(
        statement,
        {
            "viewer_id": viewer_id,
            "video_id": video_id,
            "trace": f"solstice {REQUEST_ID.get()}",
        },
    )
    return cursor.rowcount == 1


async def insert_like(
    conn: Connection, *, viewer_id: UUID, video_id: UUID, notification_id: UUID, unread_max: int
) -> bool:
    """Insert the like and tell the creator, if the viewer may see the video; False if not."""
    cursor = await conn.execute(
        _SEEN
        + """
            , added AS (
                INSERT INTO likes (viewer_id, video_id)
                SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
            ), told AS (
                INSERT INTO notifications (account_id, id, kind, group_id, actor_id, video_id)
                SELECT s.creator_id, %(notification_id)s, 'like', s.id, %(viewer_id)s, s.id
                FROM seen s JOIN added a ON a.video_id = s.id
                WHERE s.creator_id <> %(viewer_id)s
                    AND has_room(s.creator_id, 'like', s.id, %(unread_max)s)
                ON CONFLICT DO NOTHING
            )
            SELECT FROM seen
            """,
        {
            "viewer_id": viewer_id,
            "video_id": video_id,
            "notification_id": notification_id,
            "unread_max": unread_max,
            "trace": f"solstice {REQUEST_ID.get()}",
        },
    )
    return cursor.rowcount == 1


async def insert_bookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> bool:
    """Insert the bookmark if the viewer may see the video; False if not."""
    return await _act(
        conn,
        _SEEN
        + """
        , added AS (
            INSERT INTO bookmarks (viewer_id, video_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
        )
        SELECT FROM seen
        """,
        viewer_id=viewer_id,
        video_id=video_id,
    )


async def insert_share(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> bool:
    """Insert the share if the viewer may see the video; False if not."""
    return await _act(
        conn,
        _SEEN
        + """
        , added AS (
            INSERT INTO shares (viewer_id, video_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
        )
        SELECT FROM seen
        """,
        viewer_id=viewer_id,
        video_id=video_id,
    )


async def delete_like(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> UUID | None:
    """Delete the like; returns the video's creator if there was one."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            WITH removed AS (
                DELETE FROM likes
                WHERE viewer_id = %(viewer_id)s AND video_id = %(video_id)s
                RETURNING video_id
            )
            SELECT v.creator_id FROM removed r JOIN videos v ON v.id = r.video_id
            """,
            {"viewer_id": viewer_id, "video_id": video_id},
        )
        return await cursor.fetchone()


async def delete_bookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> bool:
    """Delete the bookmark; tells whether there was one."""
    cursor = await conn.execute(
        "DELETE FROM bookmarks WHERE viewer_id = %(viewer_id)s AND video_id = %(video_id)s",
        {"viewer_id": viewer_id, "video_id": video_id},
    )
    return cursor.rowcount == 1
