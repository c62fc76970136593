"""SQL of what a viewer has to do with videos and creators."""

from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection


class PageRelations(NamedTuple):
    """What of a page concerns the viewer."""

    liked: list[UUID]
    bookmarked: list[UUID]
    following: list[UUID]


async def find_page_relations(
    conn: Connection | ReadConnection,
    *,
    viewer_id: UUID,
    video_ids: list[UUID],
    creator_ids: list[UUID],
) -> PageRelations:
    """Find which of these videos and creators the viewer liked, kept and follows."""
    async with conn.cursor(row_factory=class_row(PageRelations)) as cursor:
        await cursor.execute(
            """
            SELECT
                ARRAY(SELECT video_id FROM likes
                    WHERE viewer_id = %(viewer_id)s AND video_id = ANY(%(video_ids)s)) AS liked,
                ARRAY(SELECT video_id FROM bookmarks
                    WHERE viewer_id = %(viewer_id)s AND video_id = ANY(%(video_ids)s))
                    AS bookmarked,
                ARRAY(SELECT followed_id FROM follows
                    WHERE follower_id = %(viewer_id)s AND followed_id = ANY(%(creator_ids)s))
                    AS following
            """,
            {"viewer_id": viewer_id, "video_ids": video_ids, "creator_ids": creator_ids},
        )
        row = await cursor.fetchone()
    return row or PageRelations([], [], [])
