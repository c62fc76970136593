"""Who follows whom: the bare relation, which also decides who sees videos "for followers".

It lives below videos because visibility asks for it; the community, above, offers the button,
counts and tells.  Its statements stand here and not in `queries.py`: nobody else in this
feature uses them.
"""

from uuid import UUID

from solstice.kit.database import Connection, ReadConnection

FOLLOWED_MAX = 5000
"""Enough for the Following feed; whom one follows beyond that is listed page by page."""


async def follows(
    conn: Connection | ReadConnection, *, follower_id: UUID, followed_id: UUID
) -> bool:
    """Tell whether one account follows another."""
    cursor = await conn.execute(
        """
        SELECT EXISTS (
            SELECT FROM follows
            WHERE follower_id = %(follower_id)s AND followed_id = %(followed_id)s
        )
        """,
        {"follower_id": follower_id, "followed_id": followed_id},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def insert_follow(conn: Connection, *, follower_id: UUID, followed_id: UUID) -> bool:
    """Follow; tells whether that is new."""
    cursor = await conn.execute(
        """
        INSERT INTO follows (follower_id, followed_id)
        VALUES (%(follower_id)s, %(followed_id)s)
        ON CONFLICT DO NOTHING
        """,
        {"follower_id": follower_id, "followed_id": followed_id},
    )
    return cursor.rowcount == 1


async def delete_follow(conn: Connection, *, follower_id: UUID, followed_id: UUID) -> bool:
    """Unfollow; tells whether there was something to end."""
    cursor = await conn.execute(
        """
        DELETE FROM follows
        WHERE follower_id = %(follower_id)s AND followed_id = %(followed_id)s
        """,
        {"follower_id": follower_id, "followed_id": followed_id},
    )
    return cursor.rowcount == 1


async def list_followed_ids(
    conn: Connection | ReadConnection, *, follower_id: UUID, limit: int = FOLLOWED_MAX
) -> list[UUID]:
    """List whom an account follows, newest first."""
    cursor = await conn.execute(
        """
        SELECT followed_id FROM follows
        WHERE follower_id = %(follower_id)s
        ORDER BY created_at DESC, followed_id
        LIMIT %(limit)s
        """,
        {"follower_id": follower_id, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]
