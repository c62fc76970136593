"""Discovery: hashtags in use and creators to follow, for somebody who has typed nothing."""

import pytest

from solstice.accounts import blocks
from solstice.accounts.follow_queries import insert_follow
from solstice.community import discovery, likes
from solstice.community.counts import fold_counts
from solstice.kit.database import Connection, ReadConnection
from tests.cast import Member, insert_live_video, insert_member


async def offered(conn: Connection, viewer: Member | None) -> tuple[list[str], list[str]]:
    """The hashtags and the names of the creators that this viewer is offered."""
    found = await discovery.discover(ReadConnection(conn), viewer_id=viewer.id if viewer else None)
    return [each.tag for each in found.hashtags], [each.name for each in found.accounts]


@pytest.fixture(autouse=True)
async def alone(conn: Connection) -> None:
    """No clips but the test's own: discovery looks at everybody's newest."""
    await conn.execute("DELETE FROM videos")


async def test_a_hashtag_of_many_people_is_more_than_one_that_one_repeats(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Nobody makes a trend alone, however often they post."""
    for _ in range(4):
        await insert_live_video(conn, ada, hashtags=("mine", "ours"))
    await insert_live_video(conn, bo, hashtags=("ours",))
    await fold_counts(conn)
    found = await discovery.discover(ReadConnection(conn), viewer_id=None)
    assert [(each.tag, each.video_count) for each in found.hashtags] == [("ours", 5), ("mine", 4)]


async def test_creators_whose_clips_one_liked_come_first_then_the_most_followed(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """Without an account it is the most followed; whom nobody has counted yet comes last."""
    clip = await insert_live_video(conn, ada)
    await insert_live_video(conn, mallory)
    fan = await insert_member(conn, "fan")
    await insert_follow(conn, follower_id=fan.id, followed_id=mallory.id)
    await likes.like(conn, viewer_id=bo.id, video_id=clip)
    await fold_counts(conn)
    assert (await offered(conn, None))[1] == [mallory.name, ada.name]
    assert (await offered(conn, bo))[1] == [ada.name, mallory.name]


async def test_nobody_is_offered_whom_they_are_follow_mute_or_blocked(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """What one has decided already is not asked again; a block silences both."""
    for creator in (ada, bo, mallory):
        await insert_live_video(conn, creator, hashtags=(f"by_{creator.name}",))
    await fold_counts(conn)
    assert set((await offered(conn, bo))[1]) == {ada.name, mallory.name}
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    await blocks.block(conn, mallory.viewer, name=bo.name)
    tags, names = await offered(conn, bo)
    assert names == []
    assert set(tags) == {f"by_{ada.name}", f"by_{bo.name}"}
    other = await insert_member(conn, "other")
    await blocks.mute(conn, other.viewer, name=ada.name)
    assert set((await offered(conn, other))[1]) == {bo.name, mallory.name}


async def test_only_what_everybody_may_see_counts(conn: Connection, ada: Member) -> None:
    """A private clip would tell that there is one, and under which hashtag."""
    await insert_live_video(conn, ada, hashtags=("secret",), visibility="private")
    await insert_live_video(conn, ada, hashtags=("friends",), visibility="followers")
    await fold_counts(conn)
    assert await offered(conn, None) == ([], [])
    assert await offered(conn, ada) == ([], [])
