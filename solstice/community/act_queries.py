"""SQL of likes, bookmarks and shares: the gate and the act in one round trip.

Each act asks the gate (`VISIBLE`, owned by videos) and inserts in one statement: under load a
like costs as much as its round trips, and it is the most frequent write there is.
"""

from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.kit.database import Connection
from solstice.videos.visibility import VISIBLE


class Act(NamedTuple):
    """What became of an act on a visible video."""

    creator_id: UUID
    is_new: bool


_SEEN: LiteralString = (
    "WITH seen AS (SELECT v.id, v.creator_id FROM videos v WHERE v.id = %(video_id)s AND "
    + VISIBLE
    + ")"
)


async def _act(
    conn: Connection, statement: LiteralString, *, viewer_id: UUID, video_id: UUID
) -> Act | None:
    async with conn.cursor(row_factory=class_row(Act)) as cursor:
        await cursor.execute(statement, {"viewer_id": viewer_id, "video_id": video_id})
        return await cursor.fetchone()


async def insert_like(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> Act | None:
    """Insert the like if the viewer may see the video; None if not."""
    return await _act(
        conn,
        _SEEN
        + """
        , added AS (
            INSERT INTO likes (viewer_id, video_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
        )
        SELECT creator_id, EXISTS (SELECT FROM added) AS is_new FROM seen
        """,
        viewer_id=viewer_id,
        video_id=video_id,
    )


async def insert_bookmark(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> Act | None:
    """Insert the bookmark if the viewer may see the video; None if not."""
    return await _act(
        conn,
        _SEEN
        + """
        , added AS (
            INSERT INTO bookmarks (viewer_id, video_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
        )
        SELECT creator_id, EXISTS (SELECT FROM added) AS is_new FROM seen
        """,
        viewer_id=viewer_id,
        video_id=video_id,
    )


async def insert_share(conn: Connection, *, viewer_id: UUID, video_id: UUID) -> Act | None:
    """Insert the share if the viewer may see the video; None if not."""
    return await _act(
        conn,
        _SEEN
        + """
        , added AS (
            INSERT INTO shares (viewer_id, video_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING RETURNING video_id
        )
        SELECT creator_id, EXISTS (SELECT FROM added) AS is_new FROM seen
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
