"""SQL of likes, bookmarks and shares: the gate, the acts and their consequences in one statement.

Each statement asks the gate (`VISIBLE`, owned by videos) for every act and inserts those that
pass: under load an act costs as much as its share of a round trip, a plan and a commit, and likes
are the most frequent writes there are.  Rows are inserted in the order of their keys, so that two
statements with the same acts wait for each other and never in a circle.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.rows import scalar_row

from solstice.community.act import Act
from solstice.kit.context import REQUEST_ID
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.videos.visibility import VISIBLE

_SEEN: LiteralString = (
    """
    WITH traced AS MATERIALIZED (
        SELECT set_config('application_name', %(trace)s, true)
    ), asked AS MATERIALIZED (
        SELECT a.* FROM traced, unnest(
            %(viewer_ids)s::uuid[], %(video_ids)s::uuid[], %(notification_ids)s::uuid[]
        ) WITH ORDINALITY AS a (viewer_id, video_id, notification_id, nth)
    ), seen AS MATERIALIZED (
        SELECT a.*, v.creator_id FROM asked a JOIN videos v ON v.id = a.video_id WHERE """
    + VISIBLE.replace("%(viewer_id)s", "a.viewer_id")
    + ")"
)
"""Such a statement is a transaction of its own, so it carries a request's id itself."""

_UNSEEN: LiteralString = " SELECT nth FROM asked WHERE nth NOT IN (SELECT nth FROM seen)"


async def _act(
    conn: Connection, statement: LiteralString, acts: Sequence[Act], *, unread_max: int = 0
) -> list[bool]:
    """Do these acts; tells for each whether its viewer may see its video."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            _SEEN + statement + _UNSEEN,
            {
                "viewer_ids": [act.viewer_id for act in acts],
                "video_ids": [act.video_id for act in acts],
                "notification_ids": [new_id() for _ in acts],
                "unread_max": unread_max,
                "trace": f"solstice {REQUEST_ID.get()}",
            },
        )
        unseen = set(await cursor.fetchall())
    return [nth not in unseen for nth in range(1, len(acts) + 1)]


async def insert_likes(conn: Connection, acts: Sequence[Act], *, unread_max: int) -> list[bool]:
    """Insert the likes and tell the creators; tells for each whether the video is visible.

    What is unread is counted once for each inbox line, as it was before this statement; a like's
    place among those of the statement comes on top.
    """
    return await _act(
        conn,
        """
        , added AS (
            INSERT INTO likes (viewer_id, video_id)
            SELECT viewer_id, video_id FROM seen ORDER BY viewer_id, video_id
            ON CONFLICT DO NOTHING RETURNING viewer_id, video_id
        ), news AS (
            SELECT s.*, row_number() OVER (PARTITION BY s.video_id ORDER BY s.nth)::integer AS place
            FROM seen s JOIN added USING (viewer_id, video_id)
            WHERE s.creator_id <> s.viewer_id
        ), rooms AS MATERIALIZED (
            SELECT creator_id, video_id,
                unread_of_group(creator_id, 'like', video_id, %(unread_max)s) AS unread
            FROM (SELECT DISTINCT creator_id, video_id FROM news) groups
        ), told AS (
            INSERT INTO notifications (account_id, id, kind, group_id, actor_id, video_id)
            SELECT creator_id, notification_id, 'like', video_id, viewer_id, video_id
            FROM news JOIN rooms USING (creator_id, video_id)
            WHERE unread + place <= %(unread_max)s
            ORDER BY creator_id, video_id, viewer_id
            ON CONFLICT DO NOTHING
        )
        """,
        acts,
        unread_max=unread_max,
    )


async def insert_bookmarks(conn: Connection, acts: Sequence[Act]) -> list[bool]:
    """Insert the bookmarks; tells for each whether the video is visible."""
    return await _act(
        conn,
        """
        , added AS (
            INSERT INTO bookmarks (viewer_id, video_id)
            SELECT viewer_id, video_id FROM seen ORDER BY viewer_id, video_id
            ON CONFLICT DO NOTHING
        )
        """,
        acts,
    )


async def insert_shares(conn: Connection, acts: Sequence[Act]) -> list[bool]:
    """Insert the shares; tells for each whether the video is visible."""
    return await _act(
        conn,
        """
        , added AS (
            INSERT INTO shares (viewer_id, video_id)
            SELECT viewer_id, video_id FROM seen ORDER BY viewer_id, video_id
            ON CONFLICT DO NOTHING
        )
        """,
        acts,
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
