"""SQL of the feed.  What it reads of other features comes through the views and functions that
migrations/0004_feed.sql declares: that file is the contract, and packs what memory holds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solstice.kit.database import Connection, ReadConnection, only_row


class Changes(NamedTuple):
    """What happened since a snapshot."""

    snapshot: str
    """PostgreSQL's `pg_snapshot`: which transactions this reading has seen."""
    now: datetime
    is_continuous: bool
    """False after a switch to a database that knows fewer transactions: read all anew."""
    video_ids: list[UUID] | None
    viewer_ids: list[UUID] | None
    history_account_ids: list[UUID] | None
    history_records: list[bytes] | None


class ViewerRow(NamedTuple):
    """Everything a server must know of one viewer; ids joined by their low halves."""

    seen: bytes | None
    records: bytes | None
    tail: bytes | None
    reset_at: datetime | None
    liked: bytes | None
    teaching_like_count: int
    bookmarked: bytes | None
    followed: bytes | None
    barred: bytes | None


async def read_snapshot(conn: ReadConnection) -> tuple[str, datetime]:
    """Tell which transactions are visible now."""
    cursor = await conn.execute("SELECT pg_current_snapshot()::text, now()")
    row = only_row(await cursor.fetchone())
    return row[0], row[1]


async def list_changes(
    conn: ReadConnection, *, since: str, server_id: UUID, rows_max: int
) -> Changes:
    """List what was committed after the snapshot `since`, each change exactly once.

    Bounded by `rows_max` of each kind; who gets that many must read everything anew.
    """
    cursor = await conn.execute(
        """
        WITH changed AS (
            SELECT kind, subject_id FROM feed_changes
            WHERE transaction_id >= pg_snapshot_xmin(%(since)s::pg_snapshot)
                AND NOT pg_visible_in_snapshot(transaction_id, %(since)s::pg_snapshot)
            LIMIT %(rows_max)s
        ), history AS (
            SELECT account_id, records FROM feed_history
            WHERE transaction_id >= pg_snapshot_xmin(%(since)s::pg_snapshot)
                AND NOT pg_visible_in_snapshot(transaction_id, %(since)s::pg_snapshot)
                AND server_id <> %(server_id)s
            ORDER BY id
            LIMIT %(rows_max)s
        )
        SELECT
            pg_current_snapshot()::text,
            now(),
            pg_snapshot_xmax(pg_current_snapshot()) >= pg_snapshot_xmax(%(since)s::pg_snapshot),
            (SELECT array_agg(DISTINCT subject_id) FROM changed WHERE kind = 'video'),
            (SELECT array_agg(DISTINCT subject_id) FROM changed WHERE kind = 'viewer'),
            (SELECT array_agg(account_id) FROM history),
            (SELECT array_agg(records) FROM history)
        """,
        {"since": since, "server_id": server_id, "rows_max": rows_max},
        binary=True,
    )
    return Changes(*only_row(await cursor.fetchone()))


async def read_records_after(
    conn: ReadConnection, *, after: UUID, limit: int
) -> tuple[bytes | None, UUID | None]:
    """Read packed records of shown videos in the order of their ids, and the last id."""
    cursor = await conn.execute(
        """
        SELECT string_agg(page.record, ''::bytea), (array_agg(page.id ORDER BY page.id DESC))[1]
        FROM (
            SELECT id, record FROM feed_videos WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
        ) page
        """,
        {"after": after, "limit": limit},
        binary=True,
    )
    row = only_row(await cursor.fetchone())
    return row[0], row[1]


async def read_records(conn: ReadConnection, *, ids: Sequence[UUID]) -> bytes | None:
    """Read packed records of those of these videos that are shown."""
    cursor = await conn.execute(
        "SELECT string_agg(record, ''::bytea) FROM feed_videos WHERE id = ANY(%(ids)s)",
        {"ids": list(ids)},
        binary=True,
    )
    packed: bytes | None = only_row(await cursor.fetchone())[0]
    return packed


async def read_recounted(
    conn: ReadConnection, *, since: datetime, rows_max: int
) -> tuple[int, bytes | None]:
    """Read packed records of videos whose counts or scores changed since, and how many."""
    cursor = await conn.execute(
        """
        SELECT count(*), string_agg(record, ''::bytea)
        FROM feed_videos
        WHERE id IN (SELECT feed_recounted(%(since)s, %(rows_max)s))
        """,
        {"since": since, "rows_max": rows_max},
        binary=True,
    )
    row = only_row(await cursor.fetchone())
    return row[0], row[1]


async def read_viewer(conn: ReadConnection | Connection, *, account_id: UUID) -> ViewerRow:
    """Read everything a server must know of a viewer, in one statement."""
    cursor = await conn.execute(
        """
        SELECT seen, records, tail, reset_at, liked, teaching_like_count, bookmarked, followed,
            barred
        FROM feed_read_viewer(%(account_id)s)
        """,
        {"account_id": account_id},
        binary=True,
    )
    return ViewerRow(*only_row(await cursor.fetchone()))
