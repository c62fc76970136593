"""Comments and replies: said once, shown to those who may see both video and author.

The client's Idempotency-Key is the comment's id (docs/decisions/0012), so a comment that is
sent again is the same comment.  There is one level of replies; a reply to a reply joins the
thread of the top one.  A removed comment stays as a tombstone for a month: a late retry must
not bring it back, and an appeal needs its words.  It takes its replies along.

Counting is exact: a reply holds its thread's first comment until it is there, so a removal at
the same moment either sees the reply or refuses it.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from solstice.accounts.summary import render_summary
from solstice.accounts.viewer import Viewer
from solstice.community import comment_queries as queries
from solstice.community.comment import (
    Comment,
    CommentPage,
    CommentState,
    CommentViewer,
    decide_remover,
    list_mentions,
    render_excerpt,
    require_words,
)
from solstice.community.errors import (
    CommentNotFound,
    KeyUsed,
    NotYourComment,
    TooManyComments,
)
from solstice.community.notice import Kind, Notice
from solstice.community.notification_queries import delete_comment_notifications
from solstice.community.notifications import tell
from solstice.community.positions import Count
from solstice.community.settings import CommunitySettings
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.paging import parse_cursor, render_cursor
from solstice.videos import VisibleVideo, require_visible

Order = Literal["top", "new"]
PAGE = 20


async def post_comment(
    conn: Connection,
    viewer: Viewer,
    settings: CommunitySettings,
    *,
    video_id: UUID,
    comment_id: UUID,
    text: str,
    parent_id: UUID | None = None,
) -> Comment:
    """Say something under a video; the same id again returns what was said first.

    Errors: VideoNotVisible (404), CommentNotFound (404) for a parent that is not there,
    CommentUnsuitable and CommentTooLong (400), TooManyComments (429), KeyUsed (409).
    """
    words = require_words(text, chars_max=settings.comment_chars_max)
    video = await require_visible(conn, viewer.id, video_id)
    try:
        await _require_pace(conn, viewer.id, settings)
        answered = await _require_thread(conn, viewer, video, parent_id) if parent_id else None
    except (TooManyComments, CommentNotFound):
        # Looked for only now: it is a round trip, and one in thousands is sent again.
        if said := await _find_said(conn, viewer, video_id=video_id, comment_id=comment_id):
            return said
        raise
    added = await queries.insert_comment(
        conn,
        comment_id=comment_id,
        video_id=video_id,
        author_id=viewer.id,
        parent_id=(answered.parent_id or answered.id) if answered else None,
        text=words,
    )
    if not added:
        said = await _find_said(conn, viewer, video_id=video_id, comment_id=comment_id)
        if said is None:
            raise KeyUsed
        return said
    await _tell(conn, viewer, video, answered, comment_id=comment_id, words=words)
    row = await queries.find_row(conn, comment_id=comment_id, viewer_id=viewer.id)
    if row is None:
        raise CommentNotFound
    return _render(row, viewer)


async def _find_said(
    conn: Connection, viewer: Viewer, *, video_id: UUID, comment_id: UUID
) -> Comment | None:
    """Find what this key said already; refuse a key of somebody else or for another video."""
    state = await queries.find_state(conn, comment_id=comment_id)
    if state is None:
        return None
    if state.author_id != viewer.id or state.video_id != video_id:
        raise KeyUsed
    row = await queries.find_row(conn, comment_id=comment_id, viewer_id=viewer.id)
    if row is None:
        raise CommentNotFound
    return _render(row, viewer)


async def _require_pace(conn: Connection, author_id: UUID, settings: CommunitySettings) -> None:
    recent = await queries.count_recent(
        conn, author_id=author_id, seconds=60, limit=settings.comments_per_minute_max
    )
    if recent >= settings.comments_per_minute_max:
        raise TooManyComments


async def _require_thread(
    conn: Connection, viewer: Viewer, video: VisibleVideo, parent_id: UUID
) -> CommentState:
    """Return the comment that is answered, and hold its thread until the reply is there."""
    answered = await queries.find_reachable(conn, comment_id=parent_id, viewer_id=viewer.id)
    if answered is None or answered.video_id != video.id:
        raise CommentNotFound
    if not await queries.lock_thread(conn, comment_id=answered.parent_id or answered.id):
        raise CommentNotFound
    return answered


async def _tell(
    conn: Connection,
    viewer: Viewer,
    video: VisibleVideo,
    answered: CommentState | None,
    *,
    comment_id: UUID,
    words: str,
) -> None:
    """Tell whoever is concerned, each once: the one answered, the creator, those named."""
    told: dict[UUID, tuple[Kind, UUID]] = {}
    if answered:
        told[answered.author_id] = ("reply", answered.parent_id or answered.id)
    told.setdefault(video.creator_id, ("comment", video.id))
    if names := list_mentions(words):
        for account_id in await queries.list_mentionable_ids(
            conn, names=names, video_id=video.id, author_id=viewer.id
        ):
            told.setdefault(account_id, ("mention", comment_id))
    for account_id, (kind, group_id) in told.items():
        notice = Notice(
            kind=kind,
            group_id=group_id,
            actor_id=viewer.id,
            video_id=video.id,
            comment_id=comment_id,
            text=render_excerpt(words),
        )
        await tell(conn, account_id, notice)


async def list_comments(
    conn: ReadConnection,
    viewer: Viewer | None,
    *,
    video_id: UUID,
    order: Order,
    cursor: str | None,
) -> CommentPage:
    """List a page of a video's comments: the most liked, or the newest first.

    Errors: VideoNotVisible (404), BadCursor (400).
    """
    viewer_id = viewer.id if viewer else None
    await require_visible(conn, viewer_id, video_id)
    if order == "top":
        most_liked = await queries.list_top(
            conn,
            video_id=video_id,
            viewer_id=viewer_id,
            after=parse_cursor(cursor, tuple[Count, UUID]),
            limit=PAGE + 1,
        )
        return _page(most_liked, viewer, [(row.like_count, row.id) for row in most_liked])
    newest = await queries.list_newest(
        conn,
        video_id=video_id,
        viewer_id=viewer_id,
        after=parse_cursor(cursor, tuple[datetime, UUID]),
        limit=PAGE + 1,
    )
    return _page(newest, viewer, [(row.created_at, row.id) for row in newest])


async def list_replies(
    conn: ReadConnection, viewer: Viewer | None, *, comment_id: UUID, cursor: str | None
) -> CommentPage:
    """List a page of the replies to a comment, the oldest first.

    Errors: CommentNotFound (404), BadCursor (400).
    """
    viewer_id = viewer.id if viewer else None
    if await queries.find_reachable(conn, comment_id=comment_id, viewer_id=viewer_id) is None:
        raise CommentNotFound
    rows = await queries.list_replies(
        conn,
        parent_id=comment_id,
        viewer_id=viewer_id,
        after=parse_cursor(cursor, tuple[datetime, UUID]),
        limit=PAGE + 1,
    )
    return _page(rows, viewer, [(row.created_at, row.id) for row in rows])


def _page(
    rows: list[queries.CommentRow],
    viewer: Viewer | None,
    positions: list[tuple[int, UUID]] | list[tuple[datetime, UUID]],
) -> CommentPage:
    return CommentPage(
        items=[_render(row, viewer) for row in rows[:PAGE]],
        next_cursor=render_cursor(positions[PAGE - 1]) if len(rows) > PAGE else None,
    )


def _render(row: queries.CommentRow, viewer: Viewer | None) -> Comment:
    return Comment(
        id=row.id,
        video_id=row.video_id,
        parent_id=row.parent_id,
        author=render_summary(
            account_id=row.author_id,
            name=row.author_name,
            display_name=row.author_display_name,
            avatar_object=row.author_avatar_object,
        ),
        text=row.text,
        created_at=row.created_at,
        like_count=row.like_count,
        reply_count=row.reply_count,
        viewer=CommentViewer(
            liked=row.has_liked,
            can_delete=viewer.id in (row.author_id, row.creator_id) or viewer.is_moderator,
        )
        if viewer
        else None,
    )


async def remove_comment(conn: Connection, viewer: Viewer, *, comment_id: UUID) -> CommentState:
    """Remove a comment and its replies; removing it again changes nothing.

    Errors: CommentNotFound (404), NotYourComment (403) for one that can be seen but belongs to
    others.
    """
    comment = await queries.find_state(conn, comment_id=comment_id)
    if comment is None:
        raise CommentNotFound
    role = decide_remover(comment, viewer)
    if role is None:
        seen = await queries.find_reachable(conn, comment_id=comment_id, viewer_id=viewer.id)
        raise NotYourComment if seen else CommentNotFound
    await take_away(conn, comment_id=comment_id, removed_by=role)
    return comment


async def take_away(conn: Connection, *, comment_id: UUID, removed_by: str) -> bool:
    """Take a comment, its replies and what was told of them away; tells whether it was there.

    The comment is marked first: after that no new reply can join, so the second statement sees
    them all.
    """
    if not await queries.mark_removed(conn, comment_id=comment_id, removed_by=removed_by):
        return False
    replies = await queries.mark_replies_removed(conn, parent_id=comment_id, removed_by=removed_by)
    await delete_comment_notifications(conn, comment_ids=[comment_id, *replies])
    return True
