"""Comments: said once, shown to those who may see both, counted exactly, removable."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from solstice.accounts import blocks
from solstice.community import comments
from solstice.community.comment import Comment, CommentPage, list_mentions, require_words
from solstice.community.comment_likes import like_comment, unlike_comment
from solstice.community.counts import fold_counts, list_counts
from solstice.community.errors import (
    CommentNotFound,
    CommentTooLong,
    CommentUnsuitable,
    KeyUsed,
    NotYourComment,
    TooManyComments,
)
from solstice.community.notifications import list_notifications
from solstice.community.settings import CommunitySettings
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.errors import Malformed
from solstice.kit.ids import new_id
from solstice.videos.errors import VideoNotVisible
from tests.cast import Member, insert_live_video, insert_member

SETTINGS = CommunitySettings()


async def say(
    conn: Connection,
    who: Member,
    video_id: UUID,
    text: str = "Lovely",
    *,
    parent_id: UUID | None = None,
    key: UUID | None = None,
) -> Comment:
    """Comment with the default limits."""
    return await comments.post_comment(
        conn,
        who.viewer,
        SETTINGS,
        video_id=video_id,
        comment_id=key or new_id(),
        text=text,
        parent_id=parent_id,
    )


async def shown(
    conn: Connection,
    who: Member | None,
    video_id: UUID,
    *,
    order: comments.Order = "new",
    cursor: str | None = None,
) -> CommentPage:
    """A page of comments as this viewer gets it."""
    return await comments.list_comments(
        ReadConnection(conn),
        who.viewer if who else None,
        video_id=video_id,
        order=order,
        cursor=cursor,
    )


async def texts(conn: Connection, who: Member | None, video_id: UUID) -> list[str]:
    """The words on the first page."""
    return [item.text for item in (await shown(conn, who, video_id)).items]


async def comment_count(conn: Connection, video_id: UUID) -> int | None:
    """What a card would show after the next fold."""
    await fold_counts(conn)
    return (await list_counts(conn, [video_id]))[video_id].comment_count


async def test_a_comment_sent_again_is_the_same_comment(
    conn: Connection, bo: Member, clip: UUID
) -> None:
    """A retry after a lost answer gets the first answer; nothing appears twice."""
    key = new_id()
    first = await say(conn, bo, clip, "Hello", key=key)
    assert await say(conn, bo, clip, "Hello, changed meanwhile", key=key) == first
    assert await texts(conn, bo, clip) == ["Hello"]
    assert await comment_count(conn, clip) == 1


async def test_a_key_of_somebody_else_is_refused(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Nobody takes over, or learns of, another's comment by its id."""
    key = new_id()
    await say(conn, ada, clip, key=key)
    with pytest.raises(KeyUsed):
        await say(conn, bo, clip, key=key)
    with pytest.raises(KeyUsed):
        await say(conn, ada, await insert_live_video(conn, ada), key=key)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  two   spaces\n\n\n\nlines ", "two spaces\n\nlines"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("bell\x07null\x00", "bellnull"),
        ("a" + "\u0301" * 50, "\u00e1" + "\u0301" * 4),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
    ids=["blanks", "right-to-left override", "control characters", "piled marks", "markup"],
)
def test_words_are_freed_of_what_misleads(given: str, kept: str) -> None:
    """Invisible characters go; markup stays what it is, text, for the page to show as text."""
    assert require_words(given, chars_max=500) == kept


def test_words_have_bounds() -> None:
    """A comment has 1 to 500 visible characters."""
    assert require_words("x" * 500, chars_max=500) == "x" * 500
    with pytest.raises(CommentTooLong):
        require_words("x" * 501, chars_max=500)
    with pytest.raises(CommentUnsuitable):
        require_words(" \u200b\u202e\n", chars_max=500)


def test_mentions_are_names_with_an_at_sign() -> None:
    """Addresses are none, a full stop ends the sentence, five are enough."""
    assert list_mentions("Hi @ada. and @Bo_1, not me@example.org @@no") == ["ada", "bo_1"]
    assert len(list_mentions(" ".join(f"@name{n}" for n in range(100)))) == 5


async def test_a_reply_to_a_reply_joins_the_top_thread(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """There is one level of replies, and the top comment counts them."""
    top = await say(conn, bo, clip, "Top")
    reply = await say(conn, ada, clip, "Reply", parent_id=top.id)
    deeper = await say(conn, bo, clip, "Deeper", parent_id=reply.id)
    assert (reply.parent_id, deeper.parent_id) == (top.id, top.id)
    await fold_counts(conn)
    page = await shown(conn, None, clip)
    assert [(item.text, item.reply_count) for item in page.items] == [("Top", 2)]
    replies = await comments.list_replies(
        ReadConnection(conn), None, comment_id=top.id, cursor=None
    )
    assert [item.text for item in replies.items] == ["Reply", "Deeper"]
    assert await comment_count(conn, clip) == 3


async def test_a_reply_needs_its_parent_under_the_same_video(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """A reply cannot be smuggled under another video."""
    other = await insert_live_video(conn, ada)
    top = await say(conn, bo, clip)
    for parent_id in (top.id, new_id()):
        with pytest.raises(CommentNotFound):
            await say(conn, bo, other, parent_id=parent_id)


async def test_what_is_not_shown_cannot_be_commented_or_read(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """A private video's comments are private."""
    private = await insert_live_video(conn, ada, visibility="private")
    with pytest.raises(VideoNotVisible):
        await say(conn, bo, private)
    with pytest.raises(VideoNotVisible):
        await shown(conn, bo, private)


@pytest.mark.parametrize("remover", ["author", "creator"])
async def test_the_author_and_the_creator_may_remove(
    conn: Connection, ada: Member, bo: Member, clip: UUID, remover: str
) -> None:
    """Removing takes the replies along, counts them off, and can be repeated."""
    top = await say(conn, bo, clip, "Top")
    await say(conn, ada, clip, "Reply", parent_id=top.id)
    assert await comment_count(conn, clip) == 2
    who = {"author": bo, "creator": ada}[remover]
    await comments.remove_comment(conn, who.viewer, comment_id=top.id)
    await comments.remove_comment(conn, who.viewer, comment_id=top.id)
    assert await texts(conn, bo, clip) == []
    assert await comment_count(conn, clip) == 0
    with pytest.raises(CommentNotFound):
        await say(conn, bo, clip, parent_id=top.id)


async def test_nobody_else_may_remove(
    conn: Connection, bo: Member, mallory: Member, clip: UUID
) -> None:
    """Others are refused for what they see, and told nothing about what they do not."""
    top = await say(conn, bo, clip)
    with pytest.raises(NotYourComment):
        await comments.remove_comment(conn, mallory.viewer, comment_id=top.id)
    await blocks.block(conn, bo.viewer, name=mallory.name)
    for comment_id in (top.id, new_id()):
        with pytest.raises(CommentNotFound):
            await comments.remove_comment(conn, mallory.viewer, comment_id=comment_id)
    assert await texts(conn, bo, clip) == ["Lovely"]


async def test_a_late_retry_does_not_bring_a_removed_comment_back(
    conn: Connection, bo: Member, clip: UUID
) -> None:
    """An outbox that wakes up after the removal changes nothing."""
    key = new_id()
    await say(conn, bo, clip, key=key)
    await comments.remove_comment(conn, bo.viewer, comment_id=key)
    with pytest.raises(CommentNotFound):
        await say(conn, bo, clip, key=key)
    assert await texts(conn, bo, clip) == []


async def test_a_block_hides_comments_both_ways(
    conn: Connection, bo: Member, mallory: Member, clip: UUID
) -> None:
    """Neither sees what the other said; everybody else does."""
    await say(conn, bo, clip, "from bo")
    await say(conn, mallory, clip, "from mallory")
    await blocks.block(conn, bo.viewer, name=mallory.name)
    assert await texts(conn, bo, clip) == ["from bo"]
    assert await texts(conn, mallory, clip) == ["from mallory"]
    assert len(await texts(conn, None, clip)) == 2


async def test_a_mute_hides_comments_from_the_muter_only(
    conn: Connection, bo: Member, mallory: Member, clip: UUID
) -> None:
    """The muted one notices nothing."""
    await say(conn, bo, clip, "from bo")
    await say(conn, mallory, clip, "from mallory")
    await blocks.mute(conn, bo.viewer, name=mallory.name)
    assert await texts(conn, bo, clip) == ["from bo"]
    assert len(await texts(conn, mallory, clip)) == 2


async def test_the_concerned_are_told_once_each(
    conn: Connection, ada: Member, bo: Member, mallory: Member, clip: UUID
) -> None:
    """The one answered, the creator and the named; whoever is both hears it once."""
    top = await say(conn, bo, clip, f"Look @{mallory.name}")
    await say(conn, mallory, clip, f"@{bo.name} @{mallory.name} yes", parent_id=top.id)

    async def kinds(who: Member) -> list[str]:
        inbox = await list_notifications(ReadConnection(conn), account_id=who.id, cursor=None)
        return [line.kind for line in inbox.items]

    assert await kinds(ada) == ["comment"]
    assert await kinds(bo) == ["reply"]
    assert await kinds(mallory) == ["mention"]
    await comments.remove_comment(conn, ada.viewer, comment_id=top.id)
    assert await kinds(ada) == await kinds(bo) == await kinds(mallory) == []


async def test_a_mention_reaches_only_those_who_may_see_it(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """Being named under a video for followers does not tell outsiders of it."""
    video_id = await insert_live_video(conn, ada, visibility="followers")
    await say(conn, ada, video_id, f"@{bo.name} @{mallory.name}")
    inbox = await list_notifications(ReadConnection(conn), account_id=bo.id, cursor=None)
    assert inbox.items == []


async def test_pages_go_on_where_they_ended(conn: Connection, bo: Member, clip: UUID) -> None:
    """Every comment is on exactly one page, in both orders, the most liked first."""
    patient = CommunitySettings(comments_per_minute_max=1000)
    said = [
        await comments.post_comment(
            conn, bo.viewer, patient, video_id=clip, comment_id=new_id(), text=f"no {n}"
        )
        for n in range(45)
    ]
    await like_comment(conn, viewer_id=bo.id, comment_id=said[7].id)
    await fold_counts(conn)
    for order in ("new", "top"):
        seen: list[UUID] = []
        cursor = None
        while True:
            page = await shown(conn, bo, clip, order=order, cursor=cursor)
            seen += [item.id for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == sorted(item.id for item in said)
    top = (await shown(conn, bo, clip, order="top")).items[0]
    assert (top.id, top.like_count) == (said[7].id, 1)
    assert top.viewer is not None
    assert top.viewer.liked
    await unlike_comment(conn, viewer_id=bo.id, comment_id=said[7].id)
    await fold_counts(conn)
    assert {item.like_count for item in (await shown(conn, bo, clip, order="top")).items} == {0}


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzFd", "bnVsbA", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd"]
)
async def test_a_made_up_cursor_is_refused(
    conn: Connection, bo: Member, clip: UUID, cursor: str
) -> None:
    """Whatever somebody writes into a cursor, the answer is 400 and never a 500."""
    with pytest.raises(Malformed):
        await shown(conn, bo, clip, order="top", cursor=cursor)


async def test_a_flood_is_stopped(conn: Connection, bo: Member, clip: UUID) -> None:
    """The twenty-first comment within a minute is asked to wait."""
    for n in range(SETTINGS.comments_per_minute_max):
        await say(conn, bo, clip, f"no {n}")
    with pytest.raises(TooManyComments):
        await say(conn, bo, clip, "one more")


@pytest.mark.slow
async def test_a_reply_at_the_moment_of_removal_keeps_the_count_exact(dsn: str) -> None:
    """Whoever is first wins: no reply is left under a removed comment, and none is miscounted."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        ada = await insert_member(conn, "ada")
        repliers = [await insert_member(conn, "bo") for _ in range(8)]
        video_id = await insert_live_video(conn, ada)
        for _ in range(5):
            top = await say(conn, ada, video_id)
            outcomes = await asyncio.gather(
                *(_reply(dsn, who, video_id, top.id) for who in repliers),
                _remove(dsn, ada, top.id),
            )
            cursor = await conn.execute(
                "SELECT count(*) FROM comments WHERE parent_id = %s AND removed_at IS NULL",
                [top.id],
            )
            assert await cursor.fetchone() == (0,), outcomes
        assert await comment_count(conn, video_id) == 0


async def _reply(dsn: str, who: Member, video_id: UUID, parent_id: UUID) -> bool:
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        try:
            await say(own, who, video_id, "Reply", parent_id=parent_id)
        except CommentNotFound:
            return False
        return True


async def _remove(dsn: str, who: Member, comment_id: UUID) -> bool:
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        await comments.remove_comment(own, who.viewer, comment_id=comment_id)
        return True
