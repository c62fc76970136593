"""SQL of processing: the lease with its generation, and what an attempt may write.

Every statement of an attempt carries the generation it took.  It changes nothing once somebody
else has taken the video or its creator has deleted it: an answer from a dead attempt is ignored.
`lease_until` is renewed by heartbeats and checked only by takers, so an attempt that outlived a
database outage may still finish as long as nobody took its place.
"""

from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection
from solstice.videos.video import State

_UNFINISHED: LiteralString = """
    deleted_at IS NULL AND ladder_done_at IS NULL
    AND (state IN ('received', 'processing') OR (state = 'live' AND original_object IS NOT NULL))
"""
_TAKEABLE: LiteralString = (
    _UNFINISHED + " AND (lease_until IS NULL OR lease_until < clock_timestamp())"
)
_OURS: LiteralString = """
    id = %(video_id)s AND generation = %(generation)s AND deleted_at IS NULL
"""


class Lease(NamedTuple):
    """The right to work on a video, until somebody takes it over."""

    video_id: UUID
    generation: int
    attempts: int
    state: State
    size_bytes: int
    original_object: str | None


class StuckRow(NamedTuple):
    """A video that an operator may want to look at."""

    id: UUID
    state: State
    attempts: int
    refusal_code: str | None
    waiting_s: float


async def take(conn: Connection, *, lease_s: float) -> Lease | None:
    """Take the video that waits longest; those still without a playable file come first."""
    async with conn.cursor(row_factory=class_row(Lease)) as cursor:
        await cursor.execute(
            """
            UPDATE videos
            SET state = CASE WHEN state = 'live' THEN 'live' ELSE 'processing' END,
                generation = generation + 1, attempts = attempts + 1, updated_at = now(),
                progress_percent = 0,
                lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
            WHERE id = (
                SELECT id FROM videos
                WHERE """
            + _TAKEABLE
            + """
                ORDER BY state = 'live', received_at, id
                LIMIT 1
                FOR UPDATE SKIP LOCKED
            )
            RETURNING id AS video_id, generation, attempts, state, size_bytes, original_object
            """,
            {"lease_s": lease_s},
        )
        return await cursor.fetchone()


async def count_takeable(conn: Connection | ReadConnection) -> int:
    """Count videos nobody works on, up to 100."""
    cursor = await conn.execute(
        "SELECT count(*) FROM (SELECT FROM videos WHERE " + _TAKEABLE + " LIMIT 100) t"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def is_anybody_waiting(conn: ReadConnection) -> bool:
    """Tell whether a video without any playable file is in line and nobody works on it."""
    cursor = await conn.execute(
        "SELECT EXISTS (SELECT FROM videos WHERE state <> 'live' AND " + _TAKEABLE + ")"
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def renew(conn: Connection, *, lease: Lease, lease_s: float, progress_percent: int) -> bool:
    """Say that the attempt lives, and how far it is; false when it lost its lease."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
            progress_percent = greatest(progress_percent, %(progress_percent)s)
        WHERE """
        + _OURS,
        {
            "video_id": lease.video_id,
            "generation": lease.generation,
            "lease_s": lease_s,
            "progress_percent": progress_percent,
        },
    )
    return cursor.rowcount == 1


async def update_original(conn: Connection, *, lease: Lease, name: str, sha256: str) -> bool:
    """Name the stored original; false when the lease is lost."""
    cursor = await conn.execute(
        "UPDATE videos SET original_object = %(name)s, original_sha256 = %(sha256)s WHERE " + _OURS,
        {
            "video_id": lease.video_id,
            "generation": lease.generation,
            "name": name,
            "sha256": sha256,
        },
    )
    return cursor.rowcount == 1


async def delete_parts(conn: Connection, *, video_id: UUID) -> None:
    """Forget the parts of an upload whose original is stored whole."""
    await conn.execute(
        "DELETE FROM upload_parts WHERE video_id = %(video_id)s", {"video_id": video_id}
    )


async def update_live(
    conn: Connection, *, lease: Lease, width: int, height: int, duration_ms: int
) -> bool | None:
    """Publish; tells whether it was not live before, None when the lease is lost.

    The shape shown is the largest rendition's.
    """
    cursor = await conn.execute(
        """
        WITH before AS (SELECT id, state FROM videos WHERE id = %(video_id)s FOR UPDATE)
        UPDATE videos v
        SET state = 'live', published_at = coalesce(published_at, now()), updated_at = now(),
            width = greatest(coalesce(v.width, 0), %(width)s),
            height = greatest(coalesce(v.height, 0), %(height)s),
            duration_ms = %(duration_ms)s, refusal_code = NULL, refusal_sentence = NULL
        FROM before
        WHERE v.id = before.id AND v.generation = %(generation)s AND v.deleted_at IS NULL
        RETURNING before.state <> 'live'
        """,
        {
            "video_id": lease.video_id,
            "generation": lease.generation,
            "width": width,
            "height": height,
            "duration_ms": duration_ms,
        },
    )
    row = await cursor.fetchone()
    return bool(row[0]) if row else None


async def upsert_rendition(
    conn: Connection,
    *,
    video_id: UUID,
    name: str,
    width: int,
    height: int,
    short_side: int,
    bitrate_bps: int,
    codecs: str,
    size_bytes: int,
) -> None:
    """Append a rendition, or put a better file in its place.

    The replaced object stays for the orphans' grace: somebody may be playing it.
    """
    await conn.execute(
        """
        INSERT INTO renditions (video_id, object, width, height, short_side, bitrate_bps, codecs,
            size_bytes)
        VALUES (%(video_id)s, %(name)s, %(width)s, %(height)s, %(short_side)s, %(bitrate_bps)s,
            %(codecs)s, %(size_bytes)s)
        ON CONFLICT (video_id, short_side) DO UPDATE
        SET object = excluded.object, width = excluded.width, height = excluded.height,
            bitrate_bps = excluded.bitrate_bps, codecs = excluded.codecs,
            size_bytes = excluded.size_bytes
        """,
        {
            "video_id": video_id,
            "name": name,
            "width": width,
            "height": height,
            "short_side": short_side,
            "bitrate_bps": bitrate_bps,
            "codecs": codecs,
            "size_bytes": size_bytes,
        },
    )


async def insert_event(conn: Connection, *, video_id: UUID, kind: str) -> None:
    """Leave word for the community."""
    await conn.execute(
        "INSERT INTO video_events (video_id, kind) VALUES (%(video_id)s, %(kind)s)",
        {"video_id": video_id, "kind": kind},
    )


async def update_finished(conn: Connection, *, lease: Lease) -> bool:
    """Say that every rendition is there; false when the lease is lost."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET ladder_done_at = now(), updated_at = now(), lease_until = NULL,
            progress_percent = 100
        WHERE """
        + _OURS,
        {"video_id": lease.video_id, "generation": lease.generation},
    )
    return cursor.rowcount == 1


async def update_refused(conn: Connection, *, lease: Lease, code: str, sentence: str) -> bool:
    """Refuse a video that is not live; the original stays.  False when the lease is lost."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET state = 'refused', refusal_code = %(code)s, refusal_sentence = %(sentence)s,
            lease_until = NULL, progress_percent = NULL, updated_at = now()
        WHERE state <> 'live' AND """
        + _OURS,
        {
            "video_id": lease.video_id,
            "generation": lease.generation,
            "code": code,
            "sentence": sentence,
        },
    )
    return cursor.rowcount == 1


async def update_given_back(
    conn: Connection, *, lease: Lease, pause_s: float, is_counted: bool
) -> bool:
    """Put the video back in line, not to be taken before the pause is over."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET state = CASE WHEN state = 'live' THEN 'live' ELSE 'received' END,
            lease_until = clock_timestamp() + make_interval(secs => %(pause_s)s),
            attempts = attempts - CASE WHEN %(is_counted)s THEN 0 ELSE 1 END,
            progress_percent = NULL, updated_at = now()
        WHERE """
        + _OURS,
        {
            "video_id": lease.video_id,
            "generation": lease.generation,
            "pause_s": pause_s,
            "is_counted": is_counted,
        },
    )
    return cursor.rowcount == 1


async def update_died(conn: Connection, *, video_id: UUID, generation: int) -> None:
    """End the lease of an attempt that died; nothing changes if another one has begun."""
    await conn.execute(
        """
        UPDATE videos SET lease_until = NULL
        WHERE id = %(video_id)s AND generation = %(generation)s AND deleted_at IS NULL
        """,
        {"video_id": video_id, "generation": generation},
    )


async def list_stuck(
    conn: Connection | ReadConnection, *, older_than_s: float, limit: int
) -> list[StuckRow]:
    """List videos in line or in work for too long, and those given up after failures."""
    async with conn.cursor(row_factory=class_row(StuckRow)) as cursor:
        await cursor.execute(
            """
            SELECT id, state, attempts, refusal_code,
                extract(epoch FROM now() - received_at)::float AS waiting_s
            FROM videos
            WHERE deleted_at IS NULL AND (
                (state IN ('received', 'processing')
                    AND received_at < now() - make_interval(secs => %(older_than_s)s))
                OR (state = 'refused' AND refusal_code = 'processing_failed')
            )
            ORDER BY received_at
            LIMIT %(limit)s
            """,
            {"older_than_s": older_than_s, "limit": limit},
        )
        return await cursor.fetchall()


async def update_redriven(conn: Connection, *, video_id: UUID) -> bool:
    """Put a video back in line from the start; a running attempt loses its lease."""
    cursor = await conn.execute(
        """
        UPDATE videos
        SET state = CASE WHEN state = 'live' THEN 'live' ELSE 'received' END,
            generation = generation + 1, attempts = 0, lease_until = NULL,
            ladder_done_at = NULL, progress_percent = NULL, refusal_code = NULL,
            refusal_sentence = NULL, updated_at = now()
        WHERE id = %(video_id)s AND deleted_at IS NULL AND state <> 'uploading'
        """,
        {"video_id": video_id},
    )
    return cursor.rowcount == 1
