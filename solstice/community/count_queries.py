"""SQL of shown counts: append a delta, fold the deltas, read the counts."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection, only_row


class ViewDelta(NamedTuple):
    """What beacons say about one video."""

    video_id: UUID
    view_count: int
    watch_ms: int
    watch_count: int


class VideoCountRow(NamedTuple):
    """The folded counts of a video."""

    video_id: UUID
    like_count: int
    comment_count: int
    view_count: int
    share_count: int
    bookmark_count: int
    watch_ms_sum: int
    watch_count: int


async def append_view_deltas(conn: Connection, *, deltas: Sequence[ViewDelta]) -> None:
    """Append one row for each video."""
    await conn.execute(
        """
        INSERT INTO video_deltas (video_id, kind, delta, watch_ms, watch_count)
        SELECT video_id, 'view', view_count, watch_ms, watch_count
        FROM unnest(%(video_ids)s::uuid[], %(view_counts)s::integer[], %(watch_ms)s::bigint[],
            %(watch_counts)s::integer[]) AS d (video_id, view_count, watch_ms, watch_count)
        """,
        {
            "video_ids": [delta.video_id for delta in deltas],
            "view_counts": [delta.view_count for delta in deltas],
            "watch_ms": [delta.watch_ms for delta in deltas],
            "watch_counts": [delta.watch_count for delta in deltas],
        },
    )


async def is_any_delta_waiting(conn: Connection | ReadConnection) -> bool:
    """Tell whether there is anything to fold."""
    cursor = await conn.execute(
        """
        SELECT EXISTS (SELECT FROM video_deltas) OR EXISTS (SELECT FROM comment_deltas)
            OR EXISTS (SELECT FROM account_deltas) OR EXISTS (SELECT FROM hashtag_deltas)
        """
    )
    return bool(only_row(await cursor.fetchone())[0])


async def fold_video_deltas(conn: Connection, *, rows_max: int) -> int:
    """Move deltas into `video_counts`; tells how many rows were taken."""
    cursor = await conn.execute(
        """
        WITH moved AS (
            DELETE FROM video_deltas WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM video_deltas LIMIT %(rows_max)s
            ))
            RETURNING video_id, kind, delta, watch_ms, watch_count
        ), sums AS (
            SELECT video_id,
                coalesce(sum(delta) FILTER (WHERE kind = 'like'), 0) AS likes,
                coalesce(sum(delta) FILTER (WHERE kind = 'comment'), 0) AS comments,
                coalesce(sum(delta) FILTER (WHERE kind = 'view'), 0) AS views,
                coalesce(sum(delta) FILTER (WHERE kind = 'share'), 0) AS shares,
                coalesce(sum(delta) FILTER (WHERE kind = 'bookmark'), 0) AS bookmarks,
                sum(watch_ms) AS watch_ms, sum(watch_count) AS watches
            FROM moved GROUP BY video_id
        ), folded AS (
            UPDATE video_counts c
            SET like_count = like_count + likes, comment_count = comment_count + comments,
                view_count = view_count + views, share_count = share_count + shares,
                bookmark_count = bookmark_count + bookmarks,
                watch_ms_sum = watch_ms_sum + watch_ms, watch_count = watch_count + watches,
                updated_at = clock_timestamp()
            FROM sums s WHERE c.video_id = s.video_id
        )
        SELECT count(*) FROM moved
        """,
        {"rows_max": rows_max},
    )
    return int(only_row(await cursor.fetchone())[0])


async def fold_comment_deltas(conn: Connection, *, rows_max: int) -> int:
    """Move deltas into `comment_counts`; tells how many rows were taken."""
    cursor = await conn.execute(
        """
        WITH moved AS (
            DELETE FROM comment_deltas WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM comment_deltas LIMIT %(rows_max)s
            ))
            RETURNING comment_id, kind, delta
        ), sums AS (
            SELECT comment_id,
                coalesce(sum(delta) FILTER (WHERE kind = 'like'), 0) AS likes,
                coalesce(sum(delta) FILTER (WHERE kind = 'reply'), 0) AS replies
            FROM moved GROUP BY comment_id
        ), folded AS (
            UPDATE comment_counts c
            SET like_count = like_count + likes, reply_count = reply_count + replies
            FROM sums s WHERE c.comment_id = s.comment_id
        )
        SELECT count(*) FROM moved
        """,
        {"rows_max": rows_max},
    )
    return int(only_row(await cursor.fetchone())[0])


async def fold_account_deltas(conn: Connection, *, rows_max: int) -> int:
    """Move deltas into `account_counts`; tells how many rows were taken."""
    cursor = await conn.execute(
        """
        WITH moved AS (
            DELETE FROM account_deltas WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM account_deltas LIMIT %(rows_max)s
            ))
            RETURNING account_id, kind, delta
        ), sums AS (
            SELECT account_id,
                coalesce(sum(delta) FILTER (WHERE kind = 'follower'), 0) AS followers,
                coalesce(sum(delta) FILTER (WHERE kind = 'following'), 0) AS followings
            FROM moved GROUP BY account_id
        ), folded AS (
            UPDATE account_counts c
            SET follower_count = follower_count + followers,
                following_count = following_count + followings
            FROM sums s WHERE c.account_id = s.account_id
        )
        SELECT count(*) FROM moved
        """,
        {"rows_max": rows_max},
    )
    return int(only_row(await cursor.fetchone())[0])


async def fold_hashtag_deltas(conn: Connection, *, rows_max: int) -> int:
    """Move deltas into `hashtags`; tells how many rows were taken."""
    cursor = await conn.execute(
        """
        WITH moved AS (
            DELETE FROM hashtag_deltas WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM hashtag_deltas LIMIT %(rows_max)s
            ))
            RETURNING tag, delta
        ), folded AS (
            INSERT INTO hashtags AS h (tag, video_count)
            SELECT tag, sum(delta) FROM moved GROUP BY tag ORDER BY tag
            ON CONFLICT (tag) DO UPDATE SET video_count = h.video_count + excluded.video_count
        )
        SELECT count(*) FROM moved
        """,
        {"rows_max": rows_max},
    )
    return int(only_row(await cursor.fetchone())[0])


async def list_video_counts(
    conn: Connection | ReadConnection, *, video_ids: list[UUID]
) -> list[VideoCountRow]:
    """List the folded counts of these videos."""
    async with conn.cursor(row_factory=class_row(VideoCountRow)) as cursor:
        await cursor.execute(
            """
            SELECT video_id, like_count, comment_count, view_count, share_count, bookmark_count,
                watch_ms_sum, watch_count
            FROM video_counts
            WHERE video_id = ANY(%(video_ids)s)
            """,
            {"video_ids": video_ids},
        )
        return await cursor.fetchall()
