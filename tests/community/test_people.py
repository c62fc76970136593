"""Profiles and follows: met by everybody but the blocked, counted exactly."""

from uuid import UUID

import pytest

from solstice.accounts import blocks
from solstice.accounts.errors import AccountNotFound, NotYourself
from solstice.accounts.moderation import hide_account
from solstice.community import following, profiles
from solstice.community.counts import fold_counts
from solstice.community.errors import FollowsTooMany
from solstice.community.likes import like
from solstice.community.notifications import list_notifications
from solstice.community.profiles import Profile
from solstice.community.settings import CommunitySettings
from solstice.kit.clock import utc_now
from solstice.kit.database import Connection, ReadConnection
from tests.cast import Member, insert_live_video, insert_member

SETTINGS = CommunitySettings()


async def profile(conn: Connection, viewer: Member | None, of: Member) -> Profile:
    """A profile as this viewer gets it."""
    return await profiles.read_profile(
        ReadConnection(conn), viewer_id=viewer.id if viewer else None, name=of.name
    )


async def names(conn: Connection, viewer: Member | None, of: Member, *, which: str) -> list[str]:
    """The names on the first page of followers or of those followed."""
    listing = {"followers": profiles.list_followers, "following": profiles.list_following}[which]
    page = await listing(
        ReadConnection(conn), viewer_id=viewer.id if viewer else None, name=of.name, cursor=None
    )
    return [item.name for item in page.items]


async def test_following_twice_is_following_once(conn: Connection, ada: Member, bo: Member) -> None:
    """The count rises by one, the followed hears of it once, and unfollowing takes both back."""
    for _ in range(2):
        await following.follow(conn, SETTINGS, viewer_id=bo.id, name=ada.name.upper())
    await fold_counts(conn)
    shown = await profile(conn, bo, ada)
    assert (shown.follower_count, shown.following_count) == (1, 0)
    assert shown.viewer is not None
    assert shown.viewer.follows
    assert await names(conn, None, ada, which="followers") == [bo.name]
    assert await names(conn, None, bo, which="following") == [ada.name]
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert [line.kind for line in inbox.items] == ["follow"]
    for _ in range(2):
        await following.unfollow(conn, viewer_id=bo.id, name=ada.name)
    await fold_counts(conn)
    assert (await profile(conn, bo, ada)).follower_count == 0
    inbox = await list_notifications(ReadConnection(conn), account_id=ada.id, cursor=None)
    assert inbox.items == []


async def test_nobody_follows_themselves(conn: Connection, ada: Member) -> None:
    """It would make one's own clips appear twice."""
    with pytest.raises(NotYourself):
        await following.follow(conn, SETTINGS, viewer_id=ada.id, name=ada.name)


async def test_follows_have_a_bound(conn: Connection, ada: Member, bo: Member) -> None:
    """Whom one may follow is limited to what the Following feed looks at."""
    third = await insert_member(conn, "third")
    tight = CommunitySettings(follows_max=1)
    await following.follow(conn, tight, viewer_id=bo.id, name=ada.name)
    with pytest.raises(FollowsTooMany):
        await following.follow(conn, tight, viewer_id=bo.id, name=third.name)


async def test_a_block_makes_two_accounts_strangers(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Both profiles are gone for the other, follows end both ways, and the counts say so."""
    await following.follow(conn, SETTINGS, viewer_id=bo.id, name=ada.name)
    await following.follow(conn, SETTINGS, viewer_id=ada.id, name=bo.name)
    await blocks.block(conn, ada.viewer, name=bo.name)
    for viewer, other in ((ada, bo), (bo, ada)):
        with pytest.raises(AccountNotFound):
            await profile(conn, viewer, other)
        with pytest.raises(AccountNotFound):
            await following.follow(conn, SETTINGS, viewer_id=viewer.id, name=other.name)
    await fold_counts(conn)
    shown = await profile(conn, None, ada)
    assert (shown.follower_count, shown.following_count) == (0, 0)


async def test_lists_of_people_leave_out_whom_the_viewer_does_not_meet(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """A blocked follower is not met through a third profile either."""
    for who in (bo, mallory):
        await following.follow(conn, SETTINGS, viewer_id=who.id, name=ada.name)
    await blocks.block(conn, bo.viewer, name=mallory.name)
    assert await names(conn, bo, ada, which="followers") == [bo.name]
    assert sorted(await names(conn, None, ada, which="followers")) == sorted(
        [bo.name, mallory.name]
    )


async def test_people_lists_go_on_where_they_ended(conn: Connection, ada: Member) -> None:
    """Everybody is on exactly one page, though all followed at the same instant."""
    fans = [await insert_member(conn, "fan") for _ in range(profiles.PEOPLE_PAGE + 3)]
    for fan in fans:
        await following.follow(conn, SETTINGS, viewer_id=fan.id, name=ada.name)
    seen: list[UUID] = []
    cursor = None
    for _ in range(2):
        page = await profiles.list_followers(
            ReadConnection(conn), viewer_id=None, name=ada.name, cursor=cursor
        )
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == sorted(fan.id for fan in fans)


@pytest.mark.parametrize("name", ["nobody.here", "", "a\x00b", "../me", "%", "x" * 300, "ada bo"])
async def test_a_name_that_cannot_be_is_not_found(conn: Connection, name: str) -> None:
    """Whatever stands in the address, the answer is 404."""
    with pytest.raises(AccountNotFound):
        await profiles.read_profile(ReadConnection(conn), viewer_id=None, name=name)


async def test_a_hidden_account_is_met_by_itself_only(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Its owner sees the own profile; to others it is not there."""
    await hide_account(conn, account_id=ada.id, at=utc_now())
    assert (await profile(conn, ada, ada)).name == ada.name
    for viewer in (bo, None):
        with pytest.raises(AccountNotFound):
            await profile(conn, viewer, ada)


async def test_a_profile_counts_what_its_viewer_may_see(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Private videos count for their creator; likes are those of the videos counted."""
    await insert_live_video(conn, ada, visibility="private")
    await like(conn, viewer_id=bo.id, video_id=clip)
    await fold_counts(conn)
    assert (await profile(conn, bo, ada)).video_count == 1
    own = await profile(conn, ada, ada)
    assert (own.video_count, own.like_count) == (2, 1)
    await conn.execute("DELETE FROM video_counts WHERE video_id = %s", [clip])
    assert (await profile(conn, bo, ada)).like_count is None
