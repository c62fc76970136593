"""SQL of lists of videos: ids of what the viewer may see, and the position to go on from."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.visibility import VISIBLE

AnyConnection = Connection | ReadConnection


class Listed(NamedTuple):
    """A video in a list, and the instant that orders it."""

    id: UUID
    at: datetime


async def list_of_creator(
    conn: AnyConnection,
    *,
    creator_id: UUID,
    viewer_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Listed]:
    """List a creator's videos, the newest first."""
    at, last_id = before or (None, None)
    async with conn.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(
            """
            SELECT v.id, v.published_at AS at FROM videos v
            WHERE v.creator_id = %(creator_id)s
                AND (%(at)s::timestamptz IS NULL
                    OR (v.published_at, v.id) < (%(at)s, %(id)s::uuid))
                AND """
            + VISIBLE
            + " ORDER BY v.published_at DESC, v.id DESC LIMIT %(limit)s",
            {
                "creator_id": creator_id,
                "viewer_id": viewer_id,
                "at": at,
                "id": last_id,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def list_liked(
    conn: AnyConnection,
    *,
    viewer_id: UUID,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Listed]:
    """List what a viewer liked and may still see, the newest like first."""
    at, last_id = before or (None, None)
    async with conn.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(
            """
            SELECT v.id, l.created_at AS at FROM likes l JOIN videos v ON v.id = l.video_id
            WHERE l.viewer_id = %(viewer_id)s
                AND (%(at)s::timestamptz IS NULL
                    OR (l.created_at, l.video_id) < (%(at)s, %(id)s::uuid))
                AND """
            + VISIBLE
            + " ORDER BY l.created_at DESC, l.video_id DESC LIMIT %(limit)s",
            {"viewer_id": viewer_id, "at": at, "id": last_id, "limit": limit},
        )
        return await cursor.fetchall()


async def list_bookmarked(
    conn: AnyConnection,
    *,
    viewer_id: UUID,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Listed]:
    """List what a viewer keeps and may still see, the newest bookmark first."""
    at, last_id = before or (None, None)
    async with conn.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(
            """
            SELECT v.id, k.created_at AS at FROM bookmarks k JOIN videos v ON v.id = k.video_id
            WHERE k.viewer_id = %(viewer_id)s
                AND (%(at)s::timestamptz IS NULL
                    OR (k.created_at, k.video_id) < (%(at)s, %(id)s::uuid))
                AND """
            + VISIBLE
            + " ORDER BY k.created_at DESC, k.video_id DESC LIMIT %(limit)s",
            {"viewer_id": viewer_id, "at": at, "id": last_id, "limit": limit},
        )
        return await cursor.fetchall()


async def list_tagged(
    conn: AnyConnection,
    *,
    tag: str,
    viewer_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[UUID]:
    """List videos under a hashtag; ids are made in order of time, so the newest first."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT t.video_id FROM tagged_videos t JOIN videos v ON v.id = t.video_id
            WHERE t.tag = %(tag)s AND (%(before)s::uuid IS NULL OR t.video_id < %(before)s)
                AND """
            + VISIBLE
            + " ORDER BY t.video_id DESC LIMIT %(limit)s",
            {"tag": tag, "viewer_id": viewer_id, "before": before, "limit": limit},
        )
        return await cursor.fetchall()


async def count_tagged(conn: AnyConnection, *, tag: str) -> int:
    """Read how many videos are under a hashtag."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("SELECT video_count FROM hashtags WHERE tag = %(tag)s", {"tag": tag})
        return await cursor.fetchone() or 0
