"""SQL of deletion and of the sweep: which objects are still named, and what may go."""

from uuid import UUID

from psycopg.rows import scalar_row

from solstice.kit.database import Connection, ReadConnection


async def update_deleted(conn: Connection, *, video_id: UUID) -> bool:
    """Delete a video; what it said is forgotten at once, its bytes follow."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET deleted_at = now(), updated_at = now(), caption = '', hashtags = '{}',
            lease_until = NULL, generation = generation + 1
        WHERE id = %(video_id)s AND deleted_at IS NULL
        """,
        {"video_id": video_id},
    )
    return cursor.rowcount == 1


async def is_deleted(conn: Connection | ReadConnection, *, video_id: UUID) -> bool:
    """Tell whether the video was deleted, or has no row at all."""
    cursor = await conn.execute(
        "SELECT deleted_at IS NOT NULL FROM videos WHERE id = %(video_id)s",
        {"video_id": video_id},
    )
    row = await cursor.fetchone()
    return row is None or bool(row[0])


async def update_objects_removed(conn: Connection, *, video_id: UUID) -> None:
    """Note that a deleted video has no objects any more, and forget their names."""
    await conn.execute(
        """
        WITH removed AS (
            UPDATE videos
            SET objects_removed_at = now(), original_object = NULL, poster_object = NULL,
                thumb_object = NULL, placeholder = NULL
            WHERE id = %(video_id)s AND deleted_at IS NOT NULL
            RETURNING id
        ), parts AS (
            DELETE FROM upload_parts WHERE video_id IN (SELECT id FROM removed)
        ), files AS (
            DELETE FROM renditions WHERE video_id IN (SELECT id FROM removed)
        ), texts AS (
            DELETE FROM captions WHERE video_id IN (SELECT id FROM removed)
        )
        DELETE FROM poster_frames WHERE video_id IN (SELECT id FROM removed)
        """,
        {"video_id": video_id},
    )


async def list_unremoved(conn: Connection | ReadConnection, *, limit: int) -> list[UUID]:
    """List deleted videos whose objects may still be there, the oldest deletion first."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT id FROM videos
            WHERE deleted_at IS NOT NULL AND objects_removed_at IS NULL
            ORDER BY deleted_at
            LIMIT %(limit)s
            """,
            {"limit": limit},
        )
        return await cursor.fetchall()


async def list_unnamed(
    conn: Connection | ReadConnection, *, names: list[str], video_ids: list[UUID]
) -> list[str]:
    """List which of these objects no row names and nobody is working on.

    `video_ids` holds the owner of each name.  A video under a lease keeps everything: its
    worker may have stored what it is about to name.
    """
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT o.name
            FROM unnest(%(names)s::text[], %(video_ids)s::uuid[]) AS o (name, video_id)
            WHERE NOT EXISTS (
                    SELECT FROM videos v
                    WHERE v.id = o.video_id
                        AND (
                            v.lease_until > now()
                            OR o.name IN (v.original_object, v.poster_object, v.thumb_object)
                        )
                )
                AND NOT EXISTS (
                    SELECT FROM upload_parts p WHERE p.video_id = o.video_id AND p.object = o.name
                )
                AND NOT EXISTS (
                    SELECT FROM renditions r WHERE r.video_id = o.video_id AND r.object = o.name
                )
                AND NOT EXISTS (
                    SELECT FROM captions c WHERE c.video_id = o.video_id AND c.object = o.name
                )
                AND NOT EXISTS (
                    SELECT FROM poster_frames f
                    WHERE f.video_id = o.video_id AND o.name IN (f.object, f.thumb_object)
                )
            """,
            {"names": names, "video_ids": video_ids},
        )
        return await cursor.fetchall()


async def insert_orphans(conn: Connection, *, names: list[str]) -> None:
    """Remember since when these objects have been nobody's."""
    await conn.execute(
        """
        INSERT INTO orphan_objects (object)
        SELECT unnest(%(names)s::text[])
        ON CONFLICT (object) DO NOTHING
        """,
        {"names": names},
    )


async def list_old_orphans(
    conn: Connection | ReadConnection, *, names: list[str], older_than_s: float
) -> list[str]:
    """List which of these have been nobody's for so long."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT object FROM orphan_objects
            WHERE object = ANY(%(names)s)
                AND seen_at <= clock_timestamp() - make_interval(secs => %(older_than_s)s)
            """,
            {"names": names, "older_than_s": older_than_s},
        )
        return await cursor.fetchall()


async def delete_orphans(conn: Connection, *, names: list[str]) -> None:
    """Forget orphans: removed, or named after all."""
    await conn.execute("DELETE FROM orphan_objects WHERE object = ANY(%(names)s)", {"names": names})
