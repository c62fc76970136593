"""SQL of the feed.

What it reads of other features comes through the views and functions that
migrations/0004_feed.sql declares: that file is the contract, and packs what memory holds.
"""

from collections.abc import Mapping, Sequence
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


class HistoryRow(NamedTuple):
    """A viewer's packed records; `seen` is empty in the history."""

    account_id: UUID
    records: bytes
    seen: bytes = b""


class ActsRow(NamedTuple):
    """What one viewer did, for learning: packed records and joined keys."""

    records: bytes
    liked: bytes | None


async def read_snapshot(conn: ReadConnection) -> tuple[str, datetime]:
    """Tell which transactions are visible now."""
    cursor = await conn.execute("SELECT pg_current_snapshot()::text, now()")
    row = only_row(await cursor.fetchone())
    return row[0], row[1]


async def list_changes(
    conn: Connection | ReadConnection, *, since: str, server_id: UUID, rows_max: int
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
    conn: Connection | ReadConnection, *, since: datetime, rows_max: int
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


async def read_viewers(
    conn: ReadConnection | Connection, *, account_ids: Sequence[UUID]
) -> list[ViewerRow]:
    """Read everything a server must know of these viewers, in their order, in one statement."""
    cursor = await conn.execute(
        """
        SELECT v.seen, v.records, v.tail, v.reset_at, v.liked, v.teaching_like_count,
            v.bookmarked, v.followed, v.barred
        FROM unnest(%(account_ids)s::uuid[]) WITH ORDINALITY AS asked (id, place),
            feed_read_viewer(asked.id) AS v
        ORDER BY asked.place
        """,
        {"account_ids": list(account_ids)},
        binary=True,
    )
    return [ViewerRow(*row) for row in await cursor.fetchall()]


async def insert_flush(conn: Connection, *, server_id: UUID, number: int) -> bool:
    """Note that a server's batch is written in this transaction; False if it was before."""
    cursor = await conn.execute(
        """
        INSERT INTO feed_flushes (server_id, number)
        VALUES (%(server_id)s, %(number)s) ON CONFLICT DO NOTHING
        """,
        {"server_id": server_id, "number": number},
    )
    return cursor.rowcount == 1


async def append_history(
    conn: Connection, *, server_id: UUID, account_ids: Sequence[UUID], records: Sequence[bytes]
) -> None:
    """Append what viewers did, one row for each of them."""
    if account_ids:
        await conn.execute(
            """
            INSERT INTO feed_history (account_id, server_id, records)
            SELECT h.account_id, %(server_id)s, h.records
            FROM unnest(%(account_ids)s::uuid[], %(records)s::bytea[]) AS h (account_id, records)
            """,
            {
                "server_id": server_id,
                "account_ids": list(account_ids),
                "records": list(records),
            },
        )


async def append_tallies(conn: Connection, *, tallies: Mapping[UUID, Sequence[int]]) -> None:
    """Append impressions, long watches and skips, one row for each video."""
    if tallies:
        await conn.execute(
            """
            INSERT INTO feed_tallies (video_id, impression_count, long_watch_count, skip_count)
            SELECT t.video_id, t.impressions, t.long_watches, t.skips
            FROM unnest(%(video_ids)s::uuid[], %(impressions)s::integer[],
                %(long_watches)s::integer[], %(skips)s::integer[])
                AS t (video_id, impressions, long_watches, skips)
            """,
            {
                "video_ids": list(tallies),
                "impressions": [tally[0] for tally in tallies.values()],
                "long_watches": [tally[1] for tally in tallies.values()],
                "skips": [tally[2] for tally in tallies.values()],
            },
        )


async def reset_taste(conn: Connection, *, account_id: UUID) -> None:
    """Let nothing a viewer did before now teach anything any more."""
    await conn.execute(
        """
        WITH noted AS (
            INSERT INTO feed_changes (kind, subject_id) VALUES ('viewer', %(account_id)s)
        )
        INSERT INTO feed_viewers (account_id, reset_at) VALUES (%(account_id)s, now())
        ON CONFLICT (account_id) DO UPDATE SET reset_at = now(), records = '', updated_at = now()
        """,
        {"account_id": account_id},
    )


async def take_history(conn: Connection, *, older_than_s: float, rows_max: int) -> list[HistoryRow]:
    """Take the oldest rows out of the history, in order, each viewer's together."""
    cursor = await conn.execute(
        """
        WITH taken AS (
            DELETE FROM feed_history WHERE id IN (
                SELECT id FROM feed_history
                WHERE created_at < now() - make_interval(secs => %(older_than_s)s)
                ORDER BY id
                LIMIT %(rows_max)s
            )
            RETURNING id, account_id, records
        )
        SELECT account_id, records FROM taken ORDER BY account_id, id
        """,
        {"older_than_s": older_than_s, "rows_max": rows_max},
        binary=True,
    )
    return [HistoryRow(*row) for row in await cursor.fetchall()]


async def list_viewers(conn: Connection, *, ids: Sequence[UUID]) -> list[HistoryRow]:
    """List what is folded of these viewers; locks their rows."""
    cursor = await conn.execute(
        """
        SELECT account_id, records, seen FROM feed_viewers
        WHERE account_id = ANY(%(ids)s)
        ORDER BY account_id
        FOR UPDATE
        """,
        {"ids": list(ids)},
        binary=True,
    )
    return [HistoryRow(*row) for row in await cursor.fetchall()]


async def keep_viewers(conn: Connection, *, viewers: Sequence[HistoryRow]) -> None:
    """Write what is folded of these viewers; those whose account is gone are left out."""
    if viewers:
        await conn.execute(
            "SELECT feed_keep_viewers(%(ids)s::uuid[], %(seen)s::bytea[], %(records)s::bytea[])",
            {
                "ids": [viewer.account_id for viewer in viewers],
                "seen": [viewer.seen for viewer in viewers],
                "records": [viewer.records for viewer in viewers],
            },
        )


async def is_any_tally_waiting(conn: Connection | ReadConnection) -> bool:
    """Tell whether there is any tally to add."""
    cursor = await conn.execute("SELECT EXISTS (SELECT FROM feed_tallies)")
    return bool(only_row(await cursor.fetchone())[0])


async def fold_tallies(conn: Connection, *, rows_max: int) -> None:
    """Add waiting tallies to the scores; those of videos that are gone disappear."""
    await conn.execute("SELECT feed_fold_tallies(%(rows_max)s)", {"rows_max": rows_max})


async def delete_old_changes(conn: Connection, *, older_than_s: float) -> None:
    """Delete what every server has read long ago."""
    await conn.execute(
        """
        DELETE FROM feed_changes WHERE created_at < now() - make_interval(secs => %(age_s)s)
        """,
        {"age_s": older_than_s},
    )
    await conn.execute(
        """
        DELETE FROM feed_flushes WHERE created_at < now() - make_interval(secs => %(age_s)s)
        """,
        {"age_s": older_than_s},
    )


async def list_acts(conn: ReadConnection, *, viewers_max: int) -> list[ActsRow]:
    """List what the viewers last active did and liked."""
    cursor = await conn.execute(
        "SELECT records, liked FROM feed_list_acts(%(viewers_max)s)",
        {"viewers_max": viewers_max},
        binary=True,
    )
    return [ActsRow(*row) for row in await cursor.fetchall()]


async def place_videos(conn: Connection, *, ids: Sequence[UUID], vectors: Sequence[bytes]) -> None:
    """Write the places of videos; those that are gone are left out."""
    await conn.execute(
        "SELECT feed_place_videos(%(ids)s::uuid[], %(vectors)s::bytea[])",
        {"ids": list(ids), "vectors": list(vectors)},
    )
