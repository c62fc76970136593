"""Notifications: what others did and what the platform has to say, grouped when read.

A row is appended in the transaction of the act it tells about, so neither exists without the
other; its natural key (who, what, about what) makes telling twice telling once.  Nobody is told
of their own acts.  Whoever is blocked, muted or hidden is left out when reading, so a block
works at once and an unmute brings things back.

A popular video does not fill its creator's inbox: while GROUP_UNREAD_MAX rows of a group are
unread, no more are appended, and the line's number then comes from the counts.

The id is a UUIDv7, so the order of ids is the order of time and "read up to" is one id.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from solstice.accounts.summary import AccountSummary, render_summary
from solstice.community import notification_queries as queries
from solstice.community.errors import NotificationNotFound
from solstice.community.notice import Kind, Notice
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from solstice.kit.media import render_media_url
from solstice.kit.paging import parse_cursor, render_cursor

PAGE = 20
WINDOW = 2000
"""Rows looked at for a page of groups."""
GROUP_UNREAD_MAX = 50
ACTORS_SHOWN = 3
UNREAD_COUNTED_MAX = 99
"""More than this is "99+" on every badge there is; counting on would be work for nothing."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an inbox: the newest of its group stands for all."""

    id: UUID
    kind: Kind
    actors: list[AccountSummary]
    actor_count: int
    video_id: UUID | None
    thumb_url: str | None
    comment_id: UUID | None
    text: str
    created_at: datetime
    is_read: bool


class NotificationPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an inbox, the newest first."""

    items: list[Notification]
    next_cursor: str | None


async def tell(conn: Connection, account_id: UUID, notice: Notice) -> None:
    """Append a notification unless it is about one's own act or was told before."""
    if notice.actor_id != account_id:
        await queries.append_notification(
            conn,
            account_id=account_id,
            notification_id=new_id(),
            unread_max=GROUP_UNREAD_MAX,
            **vars(notice),
        )


async def untell(
    conn: Connection, account_id: UUID, *, kind: Kind, group_id: UUID, actor_id: UUID
) -> None:
    """Take back what was told about an act that was taken back."""
    await queries.delete_notifications(
        conn, account_id=account_id, kind=kind, group_id=group_id, actor_id=actor_id
    )


async def list_notifications(
    conn: ReadConnection, *, account_id: UUID, cursor: str | None
) -> NotificationPage:
    """List an inbox by groups, the newest first.

    Shape: a group appears once in all pages together, at its newest row.
    """
    before = parse_cursor(cursor, UUID)
    heads = await queries.list_heads(
        conn, account_id=account_id, before=before, window=WINDOW, limit=PAGE
    )
    actors = await queries.list_actors(
        conn, account_id=account_id, heads=heads.rows, actors_max=ACTORS_SHOWN
    )
    return NotificationPage(
        items=[_render(head, actors.get(head.id, [])) for head in heads.rows],
        next_cursor=render_cursor(heads.go_on_at) if heads.go_on_at else None,
    )


def _render(head: queries.HeadRow, actors: Sequence[queries.ActorRow]) -> Notification:
    saturated = head.actor_count >= GROUP_UNREAD_MAX and head.counted is not None
    return Notification(
        id=head.id,
        kind=head.kind,
        actors=[
            render_summary(
                account_id=actor.id,
                name=actor.name,
                display_name=actor.display_name,
                avatar_object=actor.avatar_object,
            )
            for actor in actors
        ],
        actor_count=max(head.actor_count, head.counted or 0) if saturated else head.actor_count,
        video_id=head.video_id,
        thumb_url=render_media_url(head.thumb_object) if head.thumb_object else None,
        comment_id=head.comment_id,
        text=head.text,
        created_at=head.created_at,
        is_read=head.is_read,
    )


async def count_unread(conn: ReadConnection, *, account_id: UUID) -> int:
    """Count unread groups, up to UNREAD_COUNTED_MAX."""
    return await queries.count_unread(
        conn, account_id=account_id, window=WINDOW, counted_max=UNREAD_COUNTED_MAX
    )


async def mark_read(conn: Connection, *, account_id: UUID, up_to: UUID) -> None:
    """Mark everything up to this notification as read; never takes a later mark back.

    Errors: NotificationNotFound (404) when it is nobody's or somebody else's: an id from the
    future would mark what has not happened yet.
    """
    if not await queries.upsert_read_up_to(conn, account_id=account_id, up_to=up_to):
        raise NotificationNotFound
