"""Notifications: told once, grouped, silent about the blocked and the muted."""

from uuid import UUID

import pytest

from solstice.accounts import blocks
from solstice.accounts.moderation import hide_account
from solstice.community.announcements import announce_videos
from solstice.community.counts import fold_counts
from solstice.community.errors import NotificationNotFound
from solstice.community.likes import like
from solstice.community.notice import Notice
from solstice.community.notification_queries import delete_old_notifications
from solstice.community.notifications import (
    GROUP_UNREAD_MAX,
    PAGE,
    Notification,
    NotificationPage,
    count_unread,
    list_notifications,
    mark_read,
    tell,
)
from solstice.kit.clock import utc_now
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from tests.cast import Member, insert_live_video, insert_member


async def inbox(conn: Connection, who: Member, cursor: str | None = None) -> NotificationPage:
    """A page of somebody's inbox."""
    return await list_notifications(ReadConnection(conn), account_id=who.id, cursor=cursor)


async def lines(conn: Connection, who: Member) -> list[Notification]:
    """The first page of somebody's inbox."""
    return (await inbox(conn, who)).items


async def unread(conn: Connection, who: Member) -> int:
    """The number on the badge."""
    return await count_unread(ReadConnection(conn), account_id=who.id)


async def test_likes_of_one_video_are_one_line(conn: Connection, ada: Member, clip: UUID) -> None:
    """Five likers are one line with three faces and the number of all."""
    likers = [await insert_member(conn, f"liker{n}") for n in range(5)]
    for liker in likers:
        await like(conn, viewer_id=liker.id, video_id=clip)
    [line] = await lines(conn, ada)
    assert (line.kind, line.video_id, line.actor_count) == ("like", clip, 5)
    assert len({actor.id for actor in line.actors} & {liker.id for liker in likers}) == 3
    assert line.thumb_url is not None
    assert await unread(conn, ada) == 1


async def test_a_group_appears_once_in_all_pages(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """Older likes of a video already shown on page one do not come again on page two."""
    videos = [await insert_live_video(conn, ada) for _ in range(PAGE + 5)]
    for who in (bo, mallory):
        for video_id in videos:
            await like(conn, viewer_id=who.id, video_id=video_id)
    first = await inbox(conn, ada)
    assert first.next_cursor is not None
    second = await inbox(conn, ada, first.next_cursor)
    assert second.next_cursor is None
    shown = [line.video_id for line in (*first.items, *second.items)]
    assert sorted(shown, key=str) == sorted(videos, key=str)
    assert {line.actor_count for line in first.items} == {2}


async def test_a_block_or_a_mute_silences_at_once_and_back(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """What a blocked or muted one did is not shown, not counted; after it ends it is again."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await blocks.mute(conn, ada.viewer, name=bo.name)
    assert (await lines(conn, ada), await unread(conn, ada)) == ([], 0)
    await blocks.unmute(conn, ada.viewer, name=bo.name)
    assert (len(await lines(conn, ada)), await unread(conn, ada)) == (1, 1)
    await blocks.block(conn, bo.viewer, name=ada.name)
    assert (await lines(conn, ada), await unread(conn, ada)) == ([], 0)


async def test_a_hidden_accounts_acts_are_not_told(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Nobody reaches an inbox through an account that moderators took away."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await hide_account(conn, account_id=bo.id, at=utc_now())
    assert (await lines(conn, ada), await unread(conn, ada)) == ([], 0)


async def test_reading_goes_forward_only(
    conn: Connection, ada: Member, bo: Member, mallory: Member, clip: UUID
) -> None:
    """A mark from a slow tab does not make read things unread again."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    other = await insert_live_video(conn, ada)
    await like(conn, viewer_id=mallory.id, video_id=other)
    newest, oldest = await lines(conn, ada)
    assert await unread(conn, ada) == 2
    await mark_read(conn, account_id=ada.id, up_to=oldest.id)
    assert await unread(conn, ada) == 1
    await mark_read(conn, account_id=ada.id, up_to=newest.id)
    await mark_read(conn, account_id=ada.id, up_to=oldest.id)
    assert await unread(conn, ada) == 0
    assert [line.is_read for line in await lines(conn, ada)] == [True, True]


async def test_nothing_but_an_own_notification_can_be_marked(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """An id from the future, or of somebody else, marks nothing."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    [line] = await lines(conn, ada)
    for who, up_to in ((ada, UUID(int=2**128 - 1)), (bo, line.id)):
        with pytest.raises(NotificationNotFound):
            await mark_read(conn, account_id=who.id, up_to=up_to)
    assert await unread(conn, ada) == 1


async def test_a_popular_video_does_not_fill_the_inbox(
    conn: Connection, ada: Member, clip: UUID
) -> None:
    """Past a bound nothing is appended, and the line's number comes from the counts."""
    for n in range(GROUP_UNREAD_MAX + 20):
        liker = await insert_member(conn, f"liker{n}")
        await like(conn, viewer_id=liker.id, video_id=clip)
    await fold_counts(conn)
    cursor = await conn.execute(
        "SELECT count(*) FROM notifications WHERE account_id = %s", [ada.id]
    )
    assert await cursor.fetchone() == (GROUP_UNREAD_MAX,)
    [line] = await lines(conn, ada)
    assert line.actor_count == GROUP_UNREAD_MAX + 20


async def test_telling_twice_is_telling_once(conn: Connection, ada: Member) -> None:
    """A job that runs again repeats nobody."""
    notice = Notice(kind="system", group_id=new_id(), text="Hello")
    await tell(conn, ada.id, notice)
    await tell(conn, ada.id, notice)
    assert [line.text for line in await lines(conn, ada)] == ["Hello"]


@pytest.mark.parametrize(("kind", "told"), [("live", "video_live"), ("refused", "video_refused")])
async def test_creators_hear_what_became_of_their_upload(
    conn: Connection, ada: Member, clip: UUID, kind: str, told: str
) -> None:
    """An event of the videos feature is told once, with the reason of a refusal."""
    await conn.execute("DELETE FROM video_events")
    await conn.execute("UPDATE videos SET refusal_sentence = 'Too long.' WHERE id = %s", [clip])
    await conn.execute("INSERT INTO video_events (video_id, kind) VALUES (%s, %s)", [clip, kind])
    assert await announce_videos(conn) == 1
    assert await announce_videos(conn) == 0
    [line] = await lines(conn, ada)
    assert (line.kind, line.video_id, line.actors) == (told, clip, [])
    assert line.text == ("Too long." if kind == "refused" else "")


async def test_old_notifications_are_forgotten(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """After 90 days a line is gone; a younger one stays."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await delete_old_notifications(conn, days_max=90, limit=100)
    assert len(await lines(conn, ada)) == 1
    await conn.execute(
        "UPDATE notifications SET created_at = now() - interval '91 days' WHERE account_id = %s",
        [ada.id],
    )
    await delete_old_notifications(conn, days_max=90, limit=100)
    assert await lines(conn, ada) == []
