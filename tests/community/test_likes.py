"""Likes: at most one for each viewer and video, counted exactly, told to the creator."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from solstice.accounts.block_queries import insert_block
from solstice.accounts.follow_queries import insert_follow
from solstice.community.act import Act
from solstice.community.counts import fold_counts, list_counts
from solstice.community.likes import like, like_all, unlike
from solstice.community.notifications import GROUP_UNREAD_MAX, list_notifications
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from solstice.videos.errors import VideoNotVisible
from solstice.videos.visibility import hide_video
from tests.cast import Member, insert_live_video, insert_member


async def shown_like_count(conn: Connection, video_id: UUID) -> int | None:
    """What a card would show after the next fold."""
    await fold_counts(conn)
    return (await list_counts(conn, [video_id]))[video_id].like_count


async def test_a_repeated_like_counts_once(conn: Connection, bo: Member, clip: UUID) -> None:
    """A double tap, or a client's retry, never inflates the shown count."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await like(conn, viewer_id=bo.id, video_id=clip)
    assert await shown_like_count(conn, clip) == 1


async def test_a_like_taken_back_is_not_counted(conn: Connection, bo: Member, clip: UUID) -> None:
    """Unliking, also twice, and liking again ends at what the last press said."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await unlike(conn, viewer_id=bo.id, video_id=clip)
    await unlike(conn, viewer_id=bo.id, video_id=clip)
    assert await shown_like_count(conn, clip) == 0
    await like(conn, viewer_id=bo.id, video_id=clip)
    assert await shown_like_count(conn, clip) == 1


async def test_what_is_not_shown_cannot_be_liked(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Private, hidden and missing videos answer alike, so ids cannot be guessed."""
    private = await insert_live_video(conn, ada, visibility="private")
    await hide_video(conn, clip)
    for video_id in (private, clip, new_id()):
        with pytest.raises(VideoNotVisible):
            await like(conn, viewer_id=bo.id, video_id=video_id)


async def test_followers_may_like_what_is_for_followers(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """A video for followers can be liked by a follower and by nobody else."""
    video_id = await insert_live_video(conn, ada, visibility="followers")
    with pytest.raises(VideoNotVisible):
        await like(conn, viewer_id=bo.id, video_id=video_id)
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    await like(conn, viewer_id=bo.id, video_id=video_id)
    assert await shown_like_count(conn, video_id) == 1


async def test_the_creator_is_told_and_untold(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """A like that was taken back leaves no line in the inbox."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert [(line.kind, line.video_id) for line in inbox.items] == [("like", clip)]
    assert [actor.id for actor in inbox.items[0].actors] == [bo.id]
    await unlike(conn, viewer_id=bo.id, video_id=clip)
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert inbox.items == []


async def test_nobody_is_told_of_their_own_like(conn: Connection, ada: Member, clip: UUID) -> None:
    """A creator who likes an own clip does not hear of it."""
    await like(conn, viewer_id=ada.id, video_id=clip)
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert inbox.items == []


async def test_a_deleted_accounts_likes_are_subtracted(
    conn: Connection, bo: Member, clip: UUID
) -> None:
    """The count stays exact when a liker's account goes for good."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    assert await shown_like_count(conn, clip) == 1
    await conn.execute("DELETE FROM accounts WHERE id = %s", [bo.id])
    assert await shown_like_count(conn, clip) == 0


async def test_many_likes_in_one_statement_are_judged_one_by_one(
    conn: Connection, ada: Member, bo: Member, mallory: Member, clip: UUID
) -> None:
    """Likes of different people share a statement and nothing else: not a gate, not a count."""
    private = await insert_live_video(conn, ada, visibility="private")
    await insert_block(conn, blocker_id=ada.id, blocked_id=mallory.id)
    verdicts = await like_all(
        conn,
        [
            Act(bo.id, clip),
            Act(mallory.id, clip),
            Act(bo.id, private),
            Act(ada.id, private),
            Act(bo.id, new_id()),
            Act(bo.id, clip),
        ],
    )
    assert verdicts == [True, False, False, True, False, True]
    assert await shown_like_count(conn, clip) == 1
    assert await shown_like_count(conn, private) == 1
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert [(line.video_id, line.actor_count) for line in inbox.items] == [(clip, 1)]


async def test_a_crowd_at_once_leaves_as_many_lines_as_one_after_the_other(
    conn: Connection, ada: Member, clip: UUID
) -> None:
    """Fifty unread rows of a group are enough, also when one statement brings more."""
    crowd = [await insert_member(conn, f"fan{n}") for n in range(GROUP_UNREAD_MAX + 10)]
    for part in (crowd[:30], crowd[30:]):
        assert all(await like_all(conn, [Act(fan.id, clip) for fan in part]))
    cursor = await conn.execute(
        "SELECT count(*) FROM notifications WHERE account_id = %s", [ada.id]
    )
    assert await cursor.fetchone() == (GROUP_UNREAD_MAX,)
    assert await shown_like_count(conn, clip) == len(crowd)


@pytest.mark.slow
async def test_a_hundred_viewers_at_once_are_a_hundred_likes(dsn: str) -> None:
    """Real concurrent connections, each liking twice and folding in between, lose nothing."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        ada = await insert_member(conn, "ada")
        video_id = await insert_live_video(conn, ada)
        viewers = [await insert_member(conn, f"viewer{n}") for n in range(100)]
        queue = list(viewers)

        async def press() -> None:
            async with await psycopg.AsyncConnection.connect(dsn) as own:
                while queue:
                    viewer = queue.pop()
                    await like(own, viewer_id=viewer.id, video_id=video_id)
                    await own.commit()
                    await fold_counts(own)
                    await like(own, viewer_id=viewer.id, video_id=video_id)
                    await own.commit()

        await asyncio.gather(*(press() for _ in range(10)))
        assert await shown_like_count(conn, video_id) == 100
        # The creator's inbox holds one line with everybody in it.
        inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
        assert [(line.kind, line.actor_count) for line in inbox.items] == [("like", 100)]
