"""Who follows whom: the bare relation, which also decides who sees videos "for followers".

It lives below videos because visibility asks for it; the community, above, offers the button,
counts and tells.
"""

from uuid import UUID

from solstice.kit.database import Connection


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
