"""Lists of videos: what the viewer may see, in order, nothing twice, nothing lost."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from solstice.accounts import blocks
from solstice.accounts.follow_queries import insert_follow
from solstice.accounts.moderation import hide_account, show_account
from solstice.community import video_lists
from solstice.community.bookmarks import bookmark, unbookmark
from solstice.community.counts import fold_counts
from solstice.community.errors import HashtagNotFound
from solstice.community.likes import like
from solstice.community.pages import PAGE_SIZE, Page, read_video
from solstice.kit.clock import utc_now
from solstice.kit.database import Connection, ReadConnection
from solstice.videos import hide_video, show_video
from solstice.videos.errors import VideoNotVisible
from tests.cast import Member, insert_live_video

Listing = Callable[[str | None], Awaitable[Page]]


async def everything(listing: Listing) -> list[UUID]:
    """All ids of all pages."""
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await listing(cursor)
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


def of_creator(conn: Connection, viewer: Member | None, creator: Member) -> Listing:
    """A profile's videos."""
    return lambda cursor: video_lists.list_of_creator(
        ReadConnection(conn),
        viewer_id=viewer.id if viewer else None,
        name=creator.name,
        cursor=cursor,
    )


def tagged(conn: Connection, viewer: Member | None, tag: str) -> Listing:
    """A hashtag's videos."""
    return lambda cursor: video_lists.list_tagged(
        ReadConnection(conn), viewer_id=viewer.id if viewer else None, tag=tag, cursor=cursor
    )


async def tag_count(conn: Connection, tag: str) -> int:
    """What a hashtag's page would show after the next fold."""
    await fold_counts(conn)
    return (await video_lists.read_hashtag(ReadConnection(conn), tag=tag)).video_count


async def test_a_profile_shows_to_each_what_they_may_see(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """Public for all, followers' for followers, private for the creator."""
    public, followers, private = [
        await insert_live_video(conn, ada, visibility=v) for v in ("public", "followers", "private")
    ]
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    assert await everything(of_creator(conn, None, ada)) == [public]
    assert await everything(of_creator(conn, mallory, ada)) == [public]
    assert set(await everything(of_creator(conn, bo, ada))) == {followers, public}
    assert set(await everything(of_creator(conn, ada, ada))) == {private, followers, public}


async def test_pages_hold_everything_once(conn: Connection, ada: Member, bo: Member) -> None:
    """Profile, hashtag, likes and bookmarks go on exactly where they ended."""
    videos = [await insert_live_video(conn, ada, hashtags=("sun",)) for _ in range(PAGE_SIZE + 3)]
    for video_id in videos:
        await like(conn, viewer_id=bo.id, video_id=video_id)
        await bookmark(conn, viewer_id=bo.id, video_id=video_id)
    read = ReadConnection(conn)
    listings: list[Listing] = [
        of_creator(conn, bo, ada),
        tagged(conn, bo, "sun"),
        lambda cursor: video_lists.list_liked(read, viewer_id=bo.id, cursor=cursor),
        lambda cursor: video_lists.list_bookmarked(read, viewer_id=bo.id, cursor=cursor),
    ]
    for listing in listings:
        # Made at the same instant, so the id decides.
        assert await everything(listing) == sorted(videos, reverse=True)


async def test_a_page_knows_what_concerns_its_viewer(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Liked, bookmarked and followed are told for the page's cards; a visitor gets null."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await bookmark(conn, viewer_id=bo.id, video_id=clip)
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    answer = await read_video(conn, viewer_id=bo.id, video_id=clip)
    assert answer.viewer is not None
    assert (answer.viewer.liked, answer.viewer.bookmarked, answer.viewer.following) == (
        [clip],
        [clip],
        [ada.id],
    )
    assert (await read_video(conn, viewer_id=None, video_id=clip)).viewer is None
    await unbookmark(conn, viewer_id=bo.id, video_id=clip)
    read = ReadConnection(conn)
    page = await video_lists.list_bookmarked(read, viewer_id=bo.id, cursor=None)
    assert (page.items, page.viewer is not None) == ([], True)


async def test_what_was_liked_disappears_with_a_block(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """A block reaches into lists that were made before it."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await blocks.block(conn, ada.viewer, name=bo.name)
    page = await video_lists.list_liked(ReadConnection(conn), viewer_id=bo.id, cursor=None)
    assert page.items == []
    with pytest.raises(VideoNotVisible):
        await read_video(conn, viewer_id=bo.id, video_id=clip)


async def test_a_hashtag_leads_to_what_everybody_may_see(
    conn: Connection, ada: Member, clip: UUID
) -> None:
    """Hiding, narrowing, retagging and deleting act at once, on the list and on the count."""
    video_id = await insert_live_video(conn, ada, hashtags=("rain", "sun"))
    await insert_live_video(conn, ada, hashtags=("rain",), visibility="private")
    assert await everything(tagged(conn, None, "#Rain")) == [video_id]
    assert await tag_count(conn, "rain") == 1
    await hide_video(conn, video_id)
    assert (await everything(tagged(conn, None, "rain")), await tag_count(conn, "rain")) == ([], 0)
    await show_video(conn, video_id)
    assert await tag_count(conn, "rain") == 1
    await hide_account(conn, account_id=ada.id, at=utc_now())
    assert (await everything(tagged(conn, None, "rain")), await tag_count(conn, "rain")) == ([], 0)
    await show_account(conn, account_id=ada.id, at=utc_now())
    assert await tag_count(conn, "rain") == 1
    await conn.execute("UPDATE videos SET hashtags = '{sun}' WHERE id = %s", [video_id])
    assert (await tag_count(conn, "rain"), await tag_count(conn, "sun")) == (0, 1)
    await conn.execute("UPDATE videos SET deleted_at = now() WHERE id = %s", [video_id])
    assert await tag_count(conn, "sun") == 0
    assert clip not in await everything(tagged(conn, ada, "rain"))


@pytest.mark.parametrize("tag", ["a b", "", "#", "12345", "x" * 65, "a/b", "a\x00", "'; --"])
async def test_what_cannot_be_a_hashtag_is_not_found(conn: Connection, tag: str) -> None:
    """Whatever stands in the address, the answer is 404."""
    with pytest.raises(HashtagNotFound):
        await video_lists.read_hashtag(ReadConnection(conn), tag=tag)
