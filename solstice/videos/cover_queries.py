"""SQL of covers and of the frames to choose from."""

from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.processing_queries import Lease


class Cover(NamedTuple):
    """A stored still of a video, with its thumbnail and placeholder."""

    at_ms: int
    object: str
    thumb_object: str
    placeholder: str


async def update_first_cover(conn: Connection, *, lease: Lease, cover: Cover) -> bool:
    """Give a video its first cover unless it has one; false when the lease is lost."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET poster_object = coalesce(poster_object, %(object)s),
            thumb_object = coalesce(thumb_object, %(thumb_object)s),
            placeholder = coalesce(placeholder, %(placeholder)s)
        WHERE id = %(video_id)s AND generation = %(generation)s AND deleted_at IS NULL
        """,
        _values(lease, cover),
    )
    return cursor.rowcount == 1


async def update_best_cover(conn: Connection, *, lease: Lease, cover: Cover) -> bool:
    """Show the most telling frame unless the creator chose; false when the lease is lost."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET poster_object = CASE WHEN poster_at_ms IS NULL THEN %(object)s
                ELSE poster_object END,
            thumb_object = CASE WHEN poster_at_ms IS NULL THEN %(thumb_object)s
                ELSE thumb_object END,
            placeholder = CASE WHEN poster_at_ms IS NULL THEN %(placeholder)s
                ELSE placeholder END,
            updated_at = now()
        WHERE id = %(video_id)s AND generation = %(generation)s AND deleted_at IS NULL
        """,
        _values(lease, cover),
    )
    return cursor.rowcount == 1


async def upsert_frame(conn: Connection, *, video_id: UUID, cover: Cover) -> None:
    """Offer a frame to the creator."""
    await conn.execute(
        """
        INSERT INTO poster_frames (video_id, at_ms, object, thumb_object, placeholder)
        VALUES (%(video_id)s, %(at_ms)s, %(object)s, %(thumb_object)s, %(placeholder)s)
        ON CONFLICT (video_id, at_ms) DO UPDATE
        SET object = excluded.object, thumb_object = excluded.thumb_object,
            placeholder = excluded.placeholder
        """,
        {"video_id": video_id, **cover._asdict()},
    )


async def list_frames(conn: Connection | ReadConnection, *, video_id: UUID) -> list[Cover]:
    """List the frames a creator may choose from, in the order of the clip."""
    async with conn.cursor(row_factory=class_row(Cover)) as cursor:
        await cursor.execute(
            """
            SELECT at_ms, object, thumb_object, placeholder
            FROM poster_frames
            WHERE video_id = %(video_id)s
            ORDER BY at_ms
            LIMIT 32
            """,
            {"video_id": video_id},
        )
        return await cursor.fetchall()


async def update_chosen_cover(conn: Connection, *, video_id: UUID, at_ms: int) -> bool:
    """Show the frame the creator chose; false when there is no such frame."""
    cursor = await conn.execute(
        """
        UPDATE videos v
        SET poster_at_ms = f.at_ms, poster_object = f.object, thumb_object = f.thumb_object,
            placeholder = f.placeholder, updated_at = now()
        FROM poster_frames f
        WHERE v.id = %(video_id)s AND f.video_id = v.id AND f.at_ms = %(at_ms)s
            AND v.deleted_at IS NULL
        """,
        {"video_id": video_id, "at_ms": at_ms},
    )
    return cursor.rowcount == 1


def _values(lease: Lease, cover: Cover) -> dict[str, object]:
    return {
        "video_id": lease.video_id,
        "generation": lease.generation,
        "object": cover.object,
        "thumb_object": cover.thumb_object,
        "placeholder": cover.placeholder,
    }
