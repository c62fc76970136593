"""Shown counts: acts append deltas, a job moves them into the counts.

No request ever updates a count: everybody who likes one popular video would queue on one row.
An act appends a delta (for likes, bookmarks, shares, comments and follows a trigger does, so
that a count is exact whatever adds or takes the row away, a deleted account included), and
`fold_counts` moves the deltas into the counts in one statement per kind of subject.  A shown
count lags behind by at most about COUNT_LAG_S and is exact in the end.

A count that is not known is None and shown as "counting", never as 0.
Why: docs/decisions/0050.
"""

from collections.abc import Sequence
from uuid import UUID

from solstice.community import count_queries as queries
from solstice.community.count_queries import ViewDelta
from solstice.kit.database import Connection, Database, ReadConnection
from solstice.videos.cards import VideoCounts

COUNT_LAG_S = 2.0
FOLD_ROWS_MAX = 20_000
"""About 60 ms of work for PostgreSQL: short enough to share a small machine with requests."""
FOLD_ROUNDS_MAX = 50


async def append_views(conn: Connection, deltas: Sequence[ViewDelta]) -> None:
    """Append views and watch time of several videos in one statement.

    Units: `watch_ms` is the sum over `watch_count` watches; a view is whatever the feed counts
    as one.  Deltas for videos that do not exist are dropped when they are folded.
    """
    if deltas:
        await queries.append_view_deltas(conn, deltas=deltas)


async def list_counts(
    conn: Connection | ReadConnection, video_ids: Sequence[UUID]
) -> dict[UUID, VideoCounts]:
    """List what is known of these videos' counts; an absent one is not known."""
    if not video_ids:
        return {}
    return {
        row.video_id: VideoCounts(
            like_count=row.like_count,
            comment_count=row.comment_count,
            view_count=row.view_count,
            bookmark_count=row.bookmark_count,
            share_count=row.share_count,
            watch_time_mean_s=(
                row.watch_ms_sum / row.watch_count / 1000 if row.watch_count else None
            ),
        )
        for row in await queries.list_video_counts(conn, video_ids=list(video_ids))
    }


async def fold_counts(conn: Connection) -> int:
    """Move waiting deltas into the counts; tells how many rows were moved, at most.

    Safe to run late, twice or at once: deltas leave their table in the statement that adds
    them, so a second fold waits for the first and finds them gone.
    """
    return max(
        await queries.fold_video_deltas(conn, rows_max=FOLD_ROWS_MAX),
        await queries.fold_comment_deltas(conn, rows_max=FOLD_ROWS_MAX),
        await queries.fold_account_deltas(conn, rows_max=FOLD_ROWS_MAX),
        await queries.fold_hashtag_deltas(conn, rows_max=FOLD_ROWS_MAX),
    )


async def fold_all_counts(database: Database) -> None:
    """Fold until nothing waits, each round in a transaction of its own.

    After a long pause a backlog of a million deltas goes in one run; what is left after
    FOLD_ROUNDS_MAX rounds waits for the next.
    """
    for _ in range(FOLD_ROUNDS_MAX):
        async with database.transaction() as conn:
            if await fold_counts(conn) < FOLD_ROWS_MAX:
                return
