"""SQL of uploads: the row from its first byte to `received`, and the parts beneath it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.video import State, Visibility


class UploadRow(NamedTuple):
    """How far an upload has got."""

    id: UUID
    state: State
    size_bytes: int
    received_bytes: int
    updated_at: datetime
    is_deleted: bool


class PartRow(NamedTuple):
    """A stored piece of an upload."""

    offset_bytes: int
    size_bytes: int
    object: str


async def insert_upload(
    conn: Connection,
    *,
    video_id: UUID,
    creator_id: UUID,
    size_bytes: int,
    caption: str,
    hashtags: list[str],
    visibility: Visibility,
    extension: str,
) -> bool:
    """Begin an upload; tells whether the id was free."""
    cursor = await conn.execute(
        """
        INSERT INTO videos (id, creator_id, size_bytes, caption, hashtags, visibility,
            original_extension)
        VALUES (%(id)s, %(creator_id)s, %(size_bytes)s, %(caption)s, %(hashtags)s,
            %(visibility)s, %(extension)s)
        ON CONFLICT (id) DO NOTHING
        """,
        {
            "id": video_id,
            "creator_id": creator_id,
            "size_bytes": size_bytes,
            "caption": caption,
            "hashtags": hashtags,
            "visibility": visibility,
            "extension": extension,
        },
    )
    return cursor.rowcount == 1


async def count_open(conn: Connection, *, creator_id: UUID) -> int:
    """Count an account's unfinished uploads, one at a time for each account."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtext('videos.uploads'), hashtext(%(creator_id)s))",
        {"creator_id": str(creator_id)},
    )
    cursor = await conn.execute(
        """
        SELECT count(*) FROM videos
        WHERE creator_id = %(creator_id)s AND state = 'uploading' AND deleted_at IS NULL
        """,
        {"creator_id": creator_id},
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def find_upload(
    conn: Connection | ReadConnection, *, video_id: UUID, creator_id: UUID
) -> UploadRow | None:
    """Find an upload of this creator."""
    async with conn.cursor(row_factory=class_row(UploadRow)) as cursor:
        await cursor.execute(
            """
            SELECT id, state, coalesce(size_bytes, 0) AS size_bytes, received_bytes, updated_at,
                deleted_at IS NOT NULL AS is_deleted
            FROM videos
            WHERE id = %(video_id)s AND creator_id = %(creator_id)s
            """,
            {"video_id": video_id, "creator_id": creator_id},
        )
        return await cursor.fetchone()


async def advance_upload(
    conn: Connection, *, video_id: UUID, offset_bytes: int, size_bytes: int
) -> UploadRow | None:
    """Move the offset; None unless it stands exactly there: of two writers one wins."""
    async with conn.cursor(row_factory=class_row(UploadRow)) as cursor:
        await cursor.execute(
            """
            UPDATE videos
            SET received_bytes = received_bytes + %(size_bytes)s, updated_at = now()
            WHERE id = %(video_id)s AND state = 'uploading' AND deleted_at IS NULL
                AND received_bytes = %(offset_bytes)s
            RETURNING id, state, size_bytes, received_bytes, updated_at, false AS is_deleted
            """,
            {"video_id": video_id, "offset_bytes": offset_bytes, "size_bytes": size_bytes},
        )
        return await cursor.fetchone()


async def insert_part(
    conn: Connection, *, video_id: UUID, offset_bytes: int, size_bytes: int, name: str
) -> None:
    """Name a stored part."""
    await conn.execute(
        """
        INSERT INTO upload_parts (video_id, offset_bytes, size_bytes, object)
        VALUES (%(video_id)s, %(offset_bytes)s, %(size_bytes)s, %(name)s)
        """,
        {
            "video_id": video_id,
            "offset_bytes": offset_bytes,
            "size_bytes": size_bytes,
            "name": name,
        },
    )


async def update_received(conn: Connection, *, video_id: UUID) -> None:
    """Say that every byte is here."""
    await conn.execute(
        """
        UPDATE videos
        SET state = 'received', received_at = now(), updated_at = now(), lease_until = NULL
        WHERE id = %(video_id)s
        """,
        {"video_id": video_id},
    )


async def list_parts(conn: Connection | ReadConnection, *, video_id: UUID) -> list[PartRow]:
    """List the parts of an upload in order; `parts_max` in `receiving.py` bounds them."""
    async with conn.cursor(row_factory=class_row(PartRow)) as cursor:
        await cursor.execute(
            """
            SELECT offset_bytes, size_bytes, object
            FROM upload_parts
            WHERE video_id = %(video_id)s
            ORDER BY offset_bytes
            """,
            {"video_id": video_id},
        )
        return await cursor.fetchall()


async def count_parts(conn: Connection | ReadConnection, *, video_id: UUID) -> int:
    """Count the parts of an upload."""
    cursor = await conn.execute(
        "SELECT count(*) FROM upload_parts WHERE video_id = %(video_id)s", {"video_id": video_id}
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def update_ended(conn: Connection, *, video_id: UUID) -> bool:
    """End an unfinished upload; tells whether there was one."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET deleted_at = now(), updated_at = now(), caption = '', hashtags = '{}'
        WHERE id = %(video_id)s AND state = 'uploading' AND deleted_at IS NULL
        """,
        {"video_id": video_id},
    )
    return cursor.rowcount == 1


async def list_expired(conn: Connection, *, older_than_s: float, limit: int) -> list[UUID]:
    """List unfinished uploads nobody has added to for so long."""
    cursor = await conn.execute(
        """
        SELECT id FROM videos
        WHERE state = 'uploading' AND deleted_at IS NULL
            AND updated_at < now() - make_interval(secs => %(older_than_s)s)
        ORDER BY updated_at
        LIMIT %(limit)s
        """,
        {"older_than_s": older_than_s, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]
