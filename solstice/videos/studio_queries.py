"""SQL of the studio: what a creator sees and changes of their own videos."""

from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.video import State, Visibility


class StudioRow(NamedTuple):
    """An own video, as its creator may know it."""

    id: UUID
    state: State
    received_bytes: int
    size_bytes: int
    queue_position: int | None
    progress_percent: int | None
    refusal_code: str | None
    refusal_sentence: str | None
    caption: str
    visibility: Visibility
    hashtags: list[str]
    created_at: datetime
    published_at: datetime | None
    poster_object: str | None
    thumb_object: str | None
    placeholder: str | None
    poster_at_ms: int | None
    duration_ms: int | None
    is_hidden: bool
    original_object: str | None
    original_extension: str


_COLUMNS: LiteralString = """
    SELECT v.id, v.state, v.received_bytes, coalesce(v.size_bytes, 0) AS size_bytes,
        CASE WHEN v.state = 'received' THEN (
            SELECT count(*) FROM videos w
            WHERE w.state = 'received' AND w.deleted_at IS NULL
                AND (w.received_at, w.id) <= (v.received_at, v.id)
        ) END AS queue_position,
        CASE WHEN v.state = 'processing' THEN v.progress_percent END AS progress_percent,
        v.refusal_code, v.refusal_sentence, v.caption, v.visibility, v.hashtags, v.created_at,
        v.published_at, v.poster_object, v.thumb_object, v.placeholder, v.poster_at_ms,
        v.duration_ms, v.hidden_at IS NOT NULL AS is_hidden, v.original_object,
        v.original_extension
    FROM videos v
    WHERE v.creator_id = %(creator_id)s AND v.deleted_at IS NULL
"""


async def find_own(
    conn: Connection | ReadConnection, *, creator_id: UUID, video_id: UUID
) -> StudioRow | None:
    """Find a video of this creator."""
    async with conn.cursor(row_factory=class_row(StudioRow)) as cursor:
        await cursor.execute(
            _COLUMNS + " AND v.id = %(video_id)s",
            {"creator_id": creator_id, "video_id": video_id},
        )
        return await cursor.fetchone()


async def list_own(
    conn: Connection | ReadConnection,
    *,
    creator_id: UUID,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StudioRow]:
    """List a creator's videos, newest first, from after a position on."""
    async with conn.cursor(row_factory=class_row(StudioRow)) as cursor:
        await cursor.execute(
            _COLUMNS
            + """
            AND (%(at)s::timestamptz IS NULL
                OR (v.created_at, v.id) < (%(at)s::timestamptz, %(id)s::uuid))
            ORDER BY v.created_at DESC, v.id DESC
            LIMIT %(limit)s
            """,
            {
                "creator_id": creator_id,
                "at": before[0] if before else None,
                "id": before[1] if before else None,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def update_words(
    conn: Connection,
    *,
    video_id: UUID,
    caption: str | None,
    hashtags: list[str] | None,
    visibility: Visibility | None,
) -> None:
    """Change what is given."""
    await conn.execute(
        """
        UPDATE videos
        SET caption = coalesce(%(caption)s, caption),
            hashtags = coalesce(%(hashtags)s::text[], hashtags),
            visibility = coalesce(%(visibility)s, visibility),
            updated_at = now()
        WHERE id = %(video_id)s AND deleted_at IS NULL
        """,
        {
            "video_id": video_id,
            "caption": caption,
            "hashtags": hashtags,
            "visibility": visibility,
        },
    )


async def count_languages(conn: Connection, *, video_id: UUID, except_language: str) -> int:
    """Count the other languages a video has captions in."""
    cursor = await conn.execute(
        """
        SELECT count(*) FROM captions
        WHERE video_id = %(video_id)s AND language <> %(except_language)s
        """,
        {"video_id": video_id, "except_language": except_language},
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def upsert_captions(
    conn: Connection, *, video_id: UUID, language: str, label: str, name: str
) -> None:
    """Keep captions in a language, in place of earlier ones."""
    await conn.execute(
        """
        INSERT INTO captions (video_id, language, label, object)
        VALUES (%(video_id)s, %(language)s, %(label)s, %(name)s)
        ON CONFLICT (video_id, language) DO UPDATE
        SET label = excluded.label, object = excluded.object, created_at = now()
        """,
        {"video_id": video_id, "language": language, "label": label, "name": name},
    )
    await _touch(conn, video_id=video_id)


async def delete_captions(conn: Connection, *, video_id: UUID, language: str) -> bool:
    """Remove captions; tells whether there were any."""
    cursor = await conn.execute(
        "DELETE FROM captions WHERE video_id = %(video_id)s AND language = %(language)s",
        {"video_id": video_id, "language": language},
    )
    await _touch(conn, video_id=video_id)
    return cursor.rowcount == 1


async def find_captions_object(
    conn: Connection | ReadConnection, *, video_id: UUID, language: str
) -> str | None:
    """Find the object of a video's captions in a language."""
    cursor = await conn.execute(
        "SELECT object FROM captions WHERE video_id = %(video_id)s AND language = %(language)s",
        {"video_id": video_id, "language": language},
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def _touch(conn: Connection, *, video_id: UUID) -> None:
    await conn.execute(
        "UPDATE videos SET updated_at = now() WHERE id = %(video_id)s", {"video_id": video_id}
    )
