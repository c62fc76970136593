"""Shown counts: exact in the end, honest before, never waited for."""

import asyncio
from random import Random
from uuid import UUID

import psycopg

from solstice.community.bookmarks import bookmark, unbookmark
from solstice.community.count_queries import ViewDelta, list_video_counts
from solstice.community.counts import append_views, fold_counts, list_counts
from solstice.community.likes import like, unlike
from solstice.community.shares import share
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.videos import VideoCounts
from tests.cast import Member, insert_live_video, insert_member


async def test_what_is_not_known_is_not_zero(conn: Connection, clip: UUID) -> None:
    """A video without counts has no entry, so its card says "counting"; a live one has zeros."""
    unknown = new_id()
    counts = await list_counts(conn, [clip, unknown])
    assert unknown not in counts
    assert counts[clip] == VideoCounts(
        like_count=0, comment_count=0, view_count=0, bookmark_count=0, share_count=0
    )


async def test_a_count_lags_until_it_is_folded(conn: Connection, bo: Member, clip: UUID) -> None:
    """An act appends and leaves the count alone; the fold moves it, once."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    assert (await list_counts(conn, [clip]))[clip].like_count == 0
    await fold_counts(conn)
    assert await fold_counts(conn) == 0
    assert (await list_counts(conn, [clip]))[clip].like_count == 1


async def test_views_and_watch_time_add_up(conn: Connection, ada: Member, clip: UUID) -> None:
    """Views of several videos are one statement; those of unknown videos vanish."""
    other = await insert_live_video(conn, ada)
    await append_views(
        conn,
        [
            ViewDelta(clip, view_count=3, watch_ms=12_000, watch_count=4),
            ViewDelta(other, view_count=1, watch_ms=500, watch_count=1),
            ViewDelta(new_id(), view_count=9, watch_ms=9, watch_count=9),
        ],
    )
    await append_views(conn, [ViewDelta(clip, view_count=0, watch_ms=3_000, watch_count=1)])
    await append_views(conn, [])
    await fold_counts(conn)
    rows = {row.video_id: row for row in await list_video_counts(conn, video_ids=[clip, other])}
    assert (rows[clip].view_count, rows[clip].watch_ms_sum, rows[clip].watch_count) == (
        3,
        15_000,
        5,
    )
    assert (rows[other].view_count, rows[other].watch_ms_sum) == (1, 500)


async def test_a_share_counts_once_for_each_viewer(
    conn: Connection, bo: Member, mallory: Member, clip: UUID
) -> None:
    """A script that presses the button, or a visitor, does not drive the count up."""
    for viewer_id in (bo.id, bo.id, mallory.id, None, None):
        await share(conn, viewer_id=viewer_id, video_id=clip)
    await fold_counts(conn)
    assert (await list_counts(conn, [clip]))[clip].share_count == 2


async def test_any_history_ends_in_the_exact_count(conn: Connection, ada: Member) -> None:
    """Random acts, repeats, undos, deletions and folds in between: counts equal the rows."""
    random = Random(2)  # noqa: S311 - a replayable history
    videos = [await insert_live_video(conn, ada) for _ in range(3)]
    viewers = [await insert_member(conn, "viewer") for _ in range(6)]
    for _ in range(300):
        viewer, video_id = random.choice(viewers), random.choice(videos)
        act = random.choice([like, like, unlike, bookmark, unbookmark])
        await act(conn, viewer_id=viewer.id, video_id=video_id)
        if random.random() < 0.1:
            await fold_counts(conn)
    await conn.execute("DELETE FROM accounts WHERE id = %s", [viewers.pop().id])
    await fold_counts(conn)
    counts = await list_counts(conn, videos)
    for video_id in videos:
        cursor = await conn.execute(
            """
            SELECT (SELECT count(*) FROM likes WHERE video_id = %(id)s),
                (SELECT count(*) FROM bookmarks WHERE video_id = %(id)s)
            """,
            {"id": video_id},
        )
        known = counts[video_id]
        assert await cursor.fetchone() == (known.like_count, known.bookmark_count)


async def test_folding_at_once_counts_each_delta_once(dsn: str) -> None:
    """Two workers that fold at the same moment share the deltas; none is added twice."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        ada = await insert_member(conn, "ada")
        video_id = await insert_live_video(conn, ada)
        for _ in range(200):
            await append_views(conn, [ViewDelta(video_id, 1, 10, 1)])

        async def fold() -> None:
            async with await psycopg.AsyncConnection.connect(dsn) as own:
                await fold_counts(own)

        await asyncio.gather(*(fold() for _ in range(4)))
        assert (await list_counts(conn, [video_id]))[video_id].view_count == 200


async def test_a_deleted_video_leaves_nothing_behind(
    conn: Connection, bo: Member, clip: UUID
) -> None:
    """When a video's row goes, its likes, bookmarks and counts go with it."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await bookmark(conn, viewer_id=bo.id, video_id=clip)
    await conn.execute("DELETE FROM videos WHERE id = %s", [clip])
    await fold_counts(conn)
    cursor = await conn.execute(
        """
        SELECT (SELECT count(*) FROM likes WHERE video_id = %(id)s)
            + (SELECT count(*) FROM bookmarks WHERE video_id = %(id)s)
            + (SELECT count(*) FROM video_counts WHERE video_id = %(id)s)
        """,
        {"id": clip},
    )
    assert await cursor.fetchone() == (0,)
