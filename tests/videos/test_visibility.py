"""Who may see a video.  Whoever may not gets the answer a missing video gets."""

from uuid import UUID

import pytest

from solstice.accounts.follow_queries import delete_follow, insert_follow
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.videos.errors import VideoNotVisible
from solstice.videos.visibility import filter_visible, hide_video, require_visible, show_video
from tests.cast import Member, insert_live_video


async def _sees(conn: Connection, viewer: Member | None, video_id: UUID) -> bool:
    viewer_id = viewer.id if viewer else None
    listed = await filter_visible(conn, viewer_id, [video_id]) == [video_id]
    try:
        await require_visible(conn, viewer_id, video_id)
    except VideoNotVisible:
        assert not listed
        return False
    assert listed
    return True


async def test_a_public_video_is_for_everybody(conn: Connection, bo: Member, clip: UUID) -> None:
    """No account is needed to watch."""
    assert await _sees(conn, None, clip)
    assert await _sees(conn, bo, clip)


async def test_a_followers_video_is_for_followers(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Following opens it, unfollowing closes it at once."""
    video_id = await insert_live_video(conn, ada, visibility="followers")
    assert await _sees(conn, ada, video_id)
    assert not await _sees(conn, bo, video_id)
    assert not await _sees(conn, None, video_id)
    assert await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    assert await _sees(conn, bo, video_id)
    assert await delete_follow(conn, follower_id=bo.id, followed_id=ada.id)
    assert not await _sees(conn, bo, video_id)


async def test_a_private_video_is_for_its_creator(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Not even followers see it."""
    video_id = await insert_live_video(conn, ada, visibility="private")
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    assert await _sees(conn, ada, video_id)
    assert not await _sees(conn, bo, video_id)


@pytest.mark.parametrize("who_blocks", ["creator", "viewer"])
async def test_a_block_hides_both_ways(
    conn: Connection, ada: Member, bo: Member, clip: UUID, who_blocks: str
) -> None:
    """Whoever of the two blocked: they do not see each other's videos."""
    pair = (ada.id, bo.id) if who_blocks == "creator" else (bo.id, ada.id)
    await conn.execute("INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)", pair)
    assert not await _sees(conn, bo, clip)
    assert await _sees(conn, ada, clip)


async def test_a_hidden_video_is_gone_for_all_but_its_creator_and_moderators(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Moderators see it while they work, so that they can give it back."""
    assert await hide_video(conn, clip)
    assert not await hide_video(conn, clip)
    assert not await _sees(conn, bo, clip)
    assert await _sees(conn, ada, clip)
    assert (await require_visible(conn, bo.id, clip, is_moderating=True)).is_hidden
    assert await show_video(conn, clip)
    assert await _sees(conn, bo, clip)


@pytest.mark.parametrize("column", ["hidden_at", "deletion_due_at"])
async def test_videos_of_a_hidden_or_leaving_account_are_gone(
    conn: Connection, ada: Member, bo: Member, clip: UUID, column: str
) -> None:
    """During the days of reconsidering, too."""
    await conn.execute(f"UPDATE accounts SET {column} = now() WHERE id = %s", [ada.id])
    assert not await _sees(conn, bo, clip)
    assert await _sees(conn, ada, clip)


@pytest.mark.parametrize("change", ["state = 'processing'", "deleted_at = now()"])
async def test_only_live_videos_can_be_seen(
    conn: Connection, ada: Member, clip: UUID, change: str
) -> None:
    """A deleted one is gone for its creator and for moderators as well."""
    await conn.execute(f"UPDATE videos SET {change} WHERE id = %s", [clip])
    assert not await _sees(conn, ada, clip)
    with pytest.raises(VideoNotVisible):
        await require_visible(conn, ada.id, clip, is_moderating=True)


async def test_a_missing_video_gets_the_same_answer(conn: Connection, bo: Member) -> None:
    """Nobody learns which ids exist."""
    assert not await _sees(conn, bo, new_id())
