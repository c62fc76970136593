"""SQL of a person's own data, for the export; every list newest first."""

from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row

from solstice.kit.database import ReadConnection

Rows = list[dict[str, Any]]


async def list_likes(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List the videos somebody liked."""
    return await _list(
        conn,
        """
        SELECT video_id, created_at FROM likes WHERE viewer_id = %(account_id)s
        ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_bookmarks(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List the videos somebody keeps."""
    return await _list(
        conn,
        """
        SELECT video_id, created_at FROM bookmarks WHERE viewer_id = %(account_id)s
        ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_shares(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List the videos somebody passed on."""
    return await _list(
        conn,
        """
        SELECT video_id, created_at FROM shares WHERE viewer_id = %(account_id)s
        ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_comments(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List what somebody said, with what was removed and is still kept."""
    return await _list(
        conn,
        """
        SELECT id, video_id, parent_id, text, created_at, removed_at, removed_by FROM comments
        WHERE author_id = %(account_id)s ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_comment_likes(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List the comments somebody liked."""
    return await _list(
        conn,
        """
        SELECT comment_id, created_at FROM comment_likes WHERE viewer_id = %(account_id)s
        ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_following(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List whom somebody follows."""
    return await _list(
        conn,
        """
        SELECT a.name, f.created_at FROM follows f JOIN accounts a ON a.id = f.followed_id
        WHERE f.follower_id = %(account_id)s ORDER BY f.created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_followers(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List who follows somebody."""
    return await _list(
        conn,
        """
        SELECT a.name, f.created_at FROM follows f JOIN accounts a ON a.id = f.follower_id
        WHERE f.followed_id = %(account_id)s ORDER BY f.created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_notifications(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List what somebody was told."""
    return await _list(
        conn,
        """
        SELECT kind, video_id, comment_id, text, created_at FROM notifications
        WHERE account_id = %(account_id)s ORDER BY id DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_reports(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List what somebody reported."""
    return await _list(
        conn,
        """
        SELECT c.subject_kind, c.subject_id, r.reason, r.note, r.created_at
        FROM reports r JOIN cases c ON c.id = r.case_id
        WHERE r.reporter_id = %(account_id)s ORDER BY r.created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def list_appeals(conn: ReadConnection, *, account_id: UUID, limit: int) -> Rows:
    """List what somebody said against decisions."""
    return await _list(
        conn,
        """
        SELECT case_id, text, created_at, outcome, decided_at FROM appeals
        WHERE account_id = %(account_id)s ORDER BY created_at DESC LIMIT %(limit)s
        """,
        account_id=account_id,
        limit=limit,
    )


async def _list(
    conn: ReadConnection, statement: LiteralString, *, account_id: UUID, limit: int
) -> Rows:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, {"account_id": account_id, "limit": limit})
        return await cursor.fetchall()
