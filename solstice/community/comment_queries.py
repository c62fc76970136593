"""SQL of comments, replies and their likes."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.community.comment import CommentState
from solstice.kit.database import Connection, ReadConnection, only_row
from solstice.videos.visibility import VISIBLE

AnyConnection = Connection | ReadConnection

REACHABLE: LiteralString = """
    c.removed_at IS NULL
    AND EXISTS (
        SELECT FROM accounts a
        WHERE a.id = c.author_id AND a.hidden_at IS NULL AND a.deletion_due_at IS NULL
    )
    AND NOT EXISTS (
        SELECT FROM blocks b
        WHERE (b.blocker_id = c.author_id AND b.blocked_id = %(viewer_id)s::uuid)
            OR (b.blocker_id = %(viewer_id)s::uuid AND b.blocked_id = c.author_id)
    )
"""
"""On `comments c`: it is there, and neither the viewer nor the author blocked the other."""

SHOWN: LiteralString = (
    REACHABLE
    + """
    AND NOT EXISTS (
        SELECT FROM mutes m
        WHERE m.muter_id = %(viewer_id)s::uuid AND m.muted_id = c.author_id
    )
"""
)
"""And the viewer has not muted the author."""

_COLUMNS: LiteralString = """
    c.id, c.video_id, c.parent_id, c.author_id, u.name AS author_name,
    u.display_name AS author_display_name, u.avatar_object AS author_avatar_object,
    c.text, c.created_at, k.like_count, k.reply_count, v.creator_id,
    EXISTS (
        SELECT FROM comment_likes l
        WHERE l.viewer_id = %(viewer_id)s::uuid AND l.comment_id = c.id
    ) AS has_liked
"""
_TABLES: LiteralString = """
    comments c
    JOIN comment_counts k ON k.comment_id = c.id
    JOIN accounts u ON u.id = c.author_id
    JOIN videos v ON v.id = c.video_id
"""


class CommentRow(NamedTuple):
    """A comment with its author and counts."""

    id: UUID
    video_id: UUID
    parent_id: UUID | None
    author_id: UUID
    author_name: str
    author_display_name: str
    author_avatar_object: str | None
    text: str
    created_at: datetime
    like_count: int
    reply_count: int
    creator_id: UUID
    has_liked: bool


async def insert_comment(
    conn: Connection,
    *,
    comment_id: UUID,
    video_id: UUID,
    author_id: UUID,
    parent_id: UUID | None,
    text: str,
) -> bool:
    """Insert the comment; False when the id is taken."""
    cursor = await conn.execute(
        """
        INSERT INTO comments (id, video_id, author_id, parent_id, text)
        VALUES (%(id)s, %(video_id)s, %(author_id)s, %(parent_id)s, %(text)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "id": comment_id,
            "video_id": video_id,
            "author_id": author_id,
            "parent_id": parent_id,
            "text": text,
        },
    )
    return cursor.rowcount == 1


async def find_state(conn: AnyConnection, *, comment_id: UUID) -> CommentState | None:
    """Find a comment, removed or not."""
    async with conn.cursor(row_factory=class_row(CommentState)) as cursor:
        await cursor.execute(
            """
            SELECT c.id, c.video_id, v.creator_id, c.author_id, c.parent_id, c.text,
                c.removed_at IS NOT NULL AS is_removed
            FROM comments c JOIN videos v ON v.id = c.video_id
            WHERE c.id = %(comment_id)s
            """,
            {"comment_id": comment_id},
        )
        return await cursor.fetchone()


async def find_reachable(
    conn: AnyConnection, *, comment_id: UUID, viewer_id: UUID | None
) -> CommentState | None:
    """Find a comment this viewer may see, under a video they may see."""
    async with conn.cursor(row_factory=class_row(CommentState)) as cursor:
        await cursor.execute(
            """
            SELECT c.id, c.video_id, v.creator_id, c.author_id, c.parent_id, c.text,
                false AS is_removed
            FROM comments c JOIN videos v ON v.id = c.video_id
            WHERE c.id = %(comment_id)s AND """
            + REACHABLE
            + " AND "
            + VISIBLE,
            {"comment_id": comment_id, "viewer_id": viewer_id},
        )
        return await cursor.fetchone()


async def lock_thread(conn: Connection, *, comment_id: UUID) -> bool:
    """Keep a comment from being removed until this transaction ends; False if it is removed."""
    cursor = await conn.execute(
        """
        SELECT FROM comments WHERE id = %(comment_id)s AND removed_at IS NULL FOR SHARE
        """,
        {"comment_id": comment_id},
    )
    return cursor.rowcount == 1


async def count_recent(conn: Connection, *, author_id: UUID, seconds: int, limit: int) -> int:
    """Count an author's comments of the last seconds, up to a limit."""
    cursor = await conn.execute(
        """
        SELECT count(*) FROM (
            SELECT FROM comments
            WHERE author_id = %(author_id)s
                AND created_at > now() - make_interval(secs => %(seconds)s)
            LIMIT %(limit)s
        ) recent
        """,
        {"author_id": author_id, "seconds": seconds, "limit": limit},
    )
    return int(only_row(await cursor.fetchone())[0])


async def find_row(
    conn: AnyConnection, *, comment_id: UUID, viewer_id: UUID | None
) -> CommentRow | None:
    """Find one comment as it is shown."""
    rows = await _list(
        conn,
        "c.id = %(comment_id)s AND c.removed_at IS NULL",
        "ORDER BY c.id",
        {"comment_id": comment_id, "viewer_id": viewer_id, "limit": 1},
    )
    return rows[0] if rows else None


async def list_newest(
    conn: AnyConnection,
    *,
    video_id: UUID,
    viewer_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CommentRow]:
    """List a video's comments, the newest first."""
    condition: LiteralString = "c.video_id = %(video_id)s AND c.parent_id IS NULL"
    if after is not None:
        condition += " AND (c.created_at, c.id) < (%(at)s, %(id)s)"
    return await _list(
        conn,
        condition + " AND " + SHOWN,
        "ORDER BY c.created_at DESC, c.id DESC",
        {"video_id": video_id, "viewer_id": viewer_id, "limit": limit, **_position("at", after)},
    )


async def list_top(
    conn: AnyConnection,
    *,
    video_id: UUID,
    viewer_id: UUID | None,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[CommentRow]:
    """List a video's comments, the most liked first."""
    condition: LiteralString = "k.video_id = %(video_id)s AND NOT k.is_reply"
    if after is not None:
        condition += " AND (k.like_count, k.comment_id) < (%(likes)s, %(id)s)"
    return await _list(
        conn,
        condition + " AND " + SHOWN,
        "ORDER BY k.like_count DESC, k.comment_id DESC",
        {"video_id": video_id, "viewer_id": viewer_id, "limit": limit, **_position("likes", after)},
    )


async def list_replies(
    conn: AnyConnection,
    *,
    parent_id: UUID,
    viewer_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CommentRow]:
    """List the replies to a comment, the oldest first, as a conversation is read."""
    condition: LiteralString = "c.parent_id = %(parent_id)s"
    if after is not None:
        condition += " AND (c.created_at, c.id) > (%(at)s, %(id)s)"
    return await _list(
        conn,
        condition + " AND " + SHOWN,
        "ORDER BY c.created_at, c.id",
        {"parent_id": parent_id, "viewer_id": viewer_id, "limit": limit, **_position("at", after)},
    )


def _position(name: str, after: tuple[Any, UUID] | None) -> dict[str, Any]:
    return {name: after[0], "id": after[1]} if after else {}


async def _list(
    conn: AnyConnection,
    condition: LiteralString,
    order: LiteralString,
    parameters: dict[str, Any],
) -> list[CommentRow]:
    async with conn.cursor(row_factory=class_row(CommentRow)) as cursor:
        await cursor.execute(
            "SELECT "
            + _COLUMNS
            + " FROM "
            + _TABLES
            + " WHERE "
            + condition
            + " "
            + order
            + " LIMIT %(limit)s",
            parameters,
        )
        return await cursor.fetchall()


async def mark_removed(conn: Connection, *, comment_id: UUID, removed_by: str) -> bool:
    """Remove one comment; False when it was removed before."""
    cursor = await conn.execute(
        """
        UPDATE comments
        SET removed_at = now(), removed_by = %(removed_by)s, removed_with = id
        WHERE id = %(comment_id)s AND removed_at IS NULL
        """,
        {"comment_id": comment_id, "removed_by": removed_by},
    )
    return cursor.rowcount == 1


async def mark_replies_removed(conn: Connection, *, parent_id: UUID, removed_by: str) -> list[UUID]:
    """Remove the replies a removed comment takes along; returns them."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            UPDATE comments
            SET removed_at = now(), removed_by = %(removed_by)s, removed_with = %(parent_id)s
            WHERE parent_id = %(parent_id)s AND removed_at IS NULL
            RETURNING id
            """,
            {"parent_id": parent_id, "removed_by": removed_by},
        )
        return await cursor.fetchall()


async def mark_restored(conn: Connection, *, comment_id: UUID) -> bool:
    """Bring a comment back, with what its removal took along; False if nothing was removed.

    A reply whose parent is removed stays removed: it would be shown nowhere.
    """
    cursor = await conn.execute(
        """
        UPDATE comments c
        SET removed_at = NULL, removed_by = NULL, removed_with = NULL
        WHERE c.removed_with = %(comment_id)s AND c.removed_by = 'moderator'
            AND (c.parent_id IS NULL OR c.parent_id = %(comment_id)s OR EXISTS (
                SELECT FROM comments p WHERE p.id = c.parent_id AND p.removed_at IS NULL
            ))
            AND (c.id = %(comment_id)s OR c.parent_id = %(comment_id)s)
        """,
        {"comment_id": comment_id},
    )
    return cursor.rowcount > 0


async def delete_removed(conn: Connection, *, days_max: int, limit: int) -> int:
    """Delete comments that were removed long ago; tells how many."""
    cursor = await conn.execute(
        """
        DELETE FROM comments WHERE id IN (
            SELECT id FROM comments
            WHERE removed_at < now() - make_interval(days => %(days_max)s)
            ORDER BY removed_at LIMIT %(limit)s
        )
        """,
        {"days_max": days_max, "limit": limit},
    )
    return cursor.rowcount


async def insert_comment_like(conn: Connection, *, viewer_id: UUID, comment_id: UUID) -> bool:
    """Insert the like if the viewer may see the comment; False if not."""
    cursor = await conn.execute(
        """
        WITH seen AS (
            SELECT c.id FROM comments c JOIN videos v ON v.id = c.video_id
            WHERE c.id = %(comment_id)s AND """
        + REACHABLE
        + " AND "
        + VISIBLE
        + """
        ), added AS (
            INSERT INTO comment_likes (viewer_id, comment_id)
            SELECT %(viewer_id)s, id FROM seen ON CONFLICT DO NOTHING
        )
        SELECT FROM seen
        """,
        {"viewer_id": viewer_id, "comment_id": comment_id},
    )
    return cursor.rowcount == 1


async def delete_comment_like(conn: Connection, *, viewer_id: UUID, comment_id: UUID) -> None:
    """Delete the like, if there is one."""
    await conn.execute(
        """
        DELETE FROM comment_likes
        WHERE viewer_id = %(viewer_id)s AND comment_id = %(comment_id)s
        """,
        {"viewer_id": viewer_id, "comment_id": comment_id},
    )


_VISIBLE_TO_MENTIONED: LiteralString = VISIBLE.replace("%(viewer_id)s", "named.id")


async def list_mentionable_ids(
    conn: Connection, *, names: list[str], video_id: UUID, author_id: UUID
) -> list[UUID]:
    """List the accounts of these names that may see the video and the author."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT named.id FROM accounts named JOIN videos v ON v.id = %(video_id)s
            WHERE lower(named.name) = ANY(%(names)s)
                AND NOT EXISTS (
                    SELECT FROM blocks b
                    WHERE (b.blocker_id = named.id AND b.blocked_id = %(author_id)s)
                        OR (b.blocker_id = %(author_id)s AND b.blocked_id = named.id)
                ) AND """
            + _VISIBLE_TO_MENTIONED,
            {"names": names, "video_id": video_id, "author_id": author_id},
        )
        return await cursor.fetchall()
