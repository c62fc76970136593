"""SQL of what people see of videos: gate, cards, publication's own tables.

The statements of uploads and of processing stand in `upload_queries.py` and
`processing_queries.py`.  Reads join `accounts`, `blocks` and `follows`, which belong to the
layer below, because a gate must be one round trip.
"""

from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.video import Visibility, VisibleVideo

VISIBLE: LiteralString = """
    v.state = 'live' AND v.deleted_at IS NULL AND (
        v.creator_id = %(viewer_id)s::uuid
        OR (
            v.hidden_at IS NULL
            AND (
                v.visibility = 'public'
                OR (
                    v.visibility = 'followers'
                    AND EXISTS (
                        SELECT FROM follows f
                        WHERE f.follower_id = %(viewer_id)s::uuid
                            AND f.followed_id = v.creator_id
                    )
                )
            )
            AND EXISTS (
                SELECT FROM accounts a
                WHERE a.id = v.creator_id
                    AND a.hidden_at IS NULL AND a.deletion_due_at IS NULL
            )
            AND NOT EXISTS (
                SELECT FROM blocks b
                WHERE (b.blocker_id = v.creator_id AND b.blocked_id = %(viewer_id)s::uuid)
                    OR (b.blocker_id = %(viewer_id)s::uuid AND b.blocked_id = v.creator_id)
            )
        )
    )
"""


class CardRow(NamedTuple):
    """What a card needs of a live video and its creator."""

    id: UUID
    creator_id: UUID
    creator_name: str
    creator_display_name: str
    creator_avatar_object: str | None
    caption: str
    hashtags: list[str]
    published_at: datetime
    duration_ms: int
    width: int
    height: int
    poster_object: str | None
    thumb_object: str | None
    placeholder: str | None
    visibility: Visibility


class RenditionRow(NamedTuple):
    """A playable file of a video."""

    video_id: UUID
    object: str
    width: int
    height: int
    short_side: int
    bitrate_bps: int
    codecs: str
    size_bytes: int


class CaptionsRow(NamedTuple):
    """Captions of a video in one language."""

    video_id: UUID
    language: str
    label: str
    object: str


async def find_visible(
    conn: Connection | ReadConnection,
    *,
    video_id: UUID,
    viewer_id: UUID | None,
    is_moderating: bool,
) -> VisibleVideo | None:
    """Find a live video this viewer may see."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT v.id, v.creator_id, v.visibility, v.caption, v.hashtags, v.published_at,
                coalesce(v.duration_ms, 0), v.hidden_at IS NOT NULL
            FROM videos v
            WHERE v.id = %(video_id)s AND (
                (%(is_moderating)s AND v.state = 'live' AND v.deleted_at IS NULL)
                OR ("""
            + VISIBLE
            + "))",
            {"video_id": video_id, "viewer_id": viewer_id, "is_moderating": is_moderating},
        )
        row = await cursor.fetchone()
    if row is None:
        return None
    return VisibleVideo(
        id=row[0],
        creator_id=row[1],
        visibility=row[2],
        caption=row[3],
        hashtags=tuple(row[4]),
        published_at=row[5],
        duration_ms=row[6],
        is_hidden=row[7],
    )


async def list_visible_ids(
    conn: Connection | ReadConnection, *, viewer_id: UUID | None, video_ids: list[UUID]
) -> set[UUID]:
    """List which of these videos this viewer may see."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT v.id FROM videos v WHERE v.id = ANY(%(video_ids)s) AND " + VISIBLE,
            {"viewer_id": viewer_id, "video_ids": video_ids},
        )
        return set(await cursor.fetchall())


async def update_hidden(conn: Connection, *, video_id: UUID, is_hidden: bool) -> bool:
    """Hide or show a video; tells whether that changed anything."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET hidden_at = CASE WHEN %(is_hidden)s THEN now() END, updated_at = now()
        WHERE id = %(video_id)s AND deleted_at IS NULL
            AND (hidden_at IS NOT NULL) <> %(is_hidden)s
        """,
        {"video_id": video_id, "is_hidden": is_hidden},
    )
    return cursor.rowcount == 1


async def list_card_rows(conn: Connection | ReadConnection, *, ids: list[UUID]) -> list[CardRow]:
    """List what the cards of these videos need; only live ones."""
    async with conn.cursor(row_factory=class_row(CardRow)) as cursor:
        await cursor.execute(
            """
            SELECT v.id, v.creator_id, a.name AS creator_name,
                a.display_name AS creator_display_name, a.avatar_object AS creator_avatar_object,
                v.caption, v.hashtags, v.published_at, coalesce(v.duration_ms, 0) AS duration_ms,
                coalesce(v.width, 0) AS width, coalesce(v.height, 0) AS height,
                v.poster_object, v.thumb_object, v.placeholder, v.visibility
            FROM videos v JOIN accounts a ON a.id = v.creator_id
            WHERE v.id = ANY(%(ids)s) AND v.state = 'live' AND v.deleted_at IS NULL
            """,
            {"ids": ids},
        )
        return await cursor.fetchall()


async def list_renditions(
    conn: Connection | ReadConnection, *, video_ids: list[UUID]
) -> list[RenditionRow]:
    """List the renditions of these videos, the smallest first."""
    async with conn.cursor(row_factory=class_row(RenditionRow)) as cursor:
        await cursor.execute(
            """
            SELECT video_id, object, width, height, short_side, bitrate_bps, codecs, size_bytes
            FROM renditions
            WHERE video_id = ANY(%(video_ids)s)
            ORDER BY video_id, short_side
            """,
            {"video_ids": video_ids},
        )
        return await cursor.fetchall()


async def list_captions(
    conn: Connection | ReadConnection, *, video_ids: list[UUID]
) -> list[CaptionsRow]:
    """List the captions of these videos, by language."""
    async with conn.cursor(row_factory=class_row(CaptionsRow)) as cursor:
        await cursor.execute(
            """
            SELECT video_id, language, label, object
            FROM captions
            WHERE video_id = ANY(%(video_ids)s)
            ORDER BY video_id, language
            """,
            {"video_ids": video_ids},
        )
        return await cursor.fetchall()
