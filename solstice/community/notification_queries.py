"""SQL of inboxes: append once, list by groups, count, mark as read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.community.notice import Kind
from solstice.kit.database import Connection, ReadConnection, only_row
from solstice.videos.visibility import VISIBLE

SHOWN: LiteralString = """
    (
        n.actor_id IS NULL
        OR EXISTS (
            SELECT FROM accounts a WHERE a.id = n.actor_id
                AND a.hidden_at IS NULL AND a.deletion_due_at IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM mutes m
            WHERE m.muter_id = n.account_id AND m.muted_id = n.actor_id
        )
        AND NOT EXISTS (
            SELECT FROM blocks b
            WHERE (b.blocker_id = n.account_id AND b.blocked_id = n.actor_id)
                OR (b.blocker_id = n.actor_id AND b.blocked_id = n.account_id)
        )
    )
"""
"""On `notifications n`: the actor is there and neither blocked nor muted."""


class HeadRow(NamedTuple):
    """The newest row of a group, with what is known of the group."""

    id: UUID
    kind: Kind
    group_id: UUID
    video_id: UUID | None
    thumb_object: str | None
    comment_id: UUID | None
    text: str
    created_at: datetime
    is_read: bool
    actor_count: int
    counted: int | None


class Heads(NamedTuple):
    """A page of groups and after which id to go on; None at the end."""

    rows: list[HeadRow]
    go_on_at: UUID | None


class ActorRow(NamedTuple):
    """Somebody in a group."""

    head_id: UUID
    id: UUID
    name: str
    display_name: str
    avatar_object: str | None


class VideoEvent(NamedTuple):
    """What became of an upload."""

    kind: Literal["live", "refused"]
    video_id: UUID
    creator_id: UUID
    refusal_sentence: str


async def append_notification(
    conn: Connection,
    *,
    account_id: UUID,
    notification_id: UUID,
    kind: Kind,
    group_id: UUID,
    actor_id: UUID | None,
    video_id: UUID | None,
    comment_id: UUID | None,
    text: str,
    unread_max: int,
) -> bool:
    """Append it unless its natural key is there or its group is full of unread ones."""
    cursor = await conn.execute(
        """
        INSERT INTO notifications (account_id, id, kind, group_id, actor_id, video_id, comment_id,
            text)
        SELECT %(account_id)s, %(id)s, %(kind)s, %(group_id)s, %(actor_id)s, %(video_id)s,
            %(comment_id)s, %(text)s
        WHERE has_room(%(account_id)s, %(kind)s, %(group_id)s, %(unread_max)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "account_id": account_id,
            "id": notification_id,
            "kind": kind,
            "group_id": group_id,
            "actor_id": actor_id,
            "video_id": video_id,
            "comment_id": comment_id,
            "text": text,
            "unread_max": unread_max,
        },
    )
    return cursor.rowcount == 1


async def delete_notifications(
    conn: Connection, *, account_id: UUID, kind: str, group_id: UUID, actor_id: UUID
) -> None:
    """Delete what an account was told about one actor's act."""
    await conn.execute(
        """
        DELETE FROM notifications
        WHERE account_id = %(account_id)s AND kind = %(kind)s AND group_id = %(group_id)s
            AND actor_id = %(actor_id)s
        """,
        {"account_id": account_id, "kind": kind, "group_id": group_id, "actor_id": actor_id},
    )


async def delete_comment_notifications(conn: Connection, *, comment_ids: list[UUID]) -> None:
    """Delete what was told about these comments."""
    await conn.execute(
        """
        DELETE FROM notifications n
        USING comments c
        WHERE c.id = ANY(%(comment_ids)s) AND n.actor_id = c.author_id AND n.comment_id = c.id
        """,
        {"comment_ids": comment_ids},
    )


_HEADS: LiteralString = (
    """
    WITH recent AS (
        SELECT n.id, n.kind, n.group_id,
            """
    + SHOWN
    + """ AS is_shown
        FROM notifications n
        WHERE n.account_id = %(account_id)s
            AND (%(before)s::uuid IS NULL OR n.id < %(before)s)
        ORDER BY n.id DESC LIMIT %(window)s
    ), heads AS (
        SELECT DISTINCT ON (kind, group_id) id, kind, group_id
        FROM recent WHERE is_shown ORDER BY kind, group_id, id DESC
    ), page AS (
        SELECT h.id FROM heads h
        WHERE %(before)s::uuid IS NULL OR NOT EXISTS (
            SELECT FROM notifications n
            WHERE n.account_id = %(account_id)s AND n.kind = h.kind
                AND n.group_id = h.group_id AND n.id >= %(before)s AND
        """
    + SHOWN
    + """
        )
        ORDER BY h.id DESC LIMIT %(limit)s
    ), span AS (
        SELECT CASE
            WHEN (SELECT count(*) FROM page) = %(limit)s
                THEN (SELECT id FROM page ORDER BY id LIMIT 1)
            WHEN (SELECT count(*) FROM recent) = %(window)s
                THEN (SELECT id FROM recent ORDER BY id LIMIT 1)
        END AS go_on_at
    )
    SELECT s.go_on_at, n.id, n.kind, n.group_id, n.video_id, v.thumb_object, n.comment_id,
        n.text, n.created_at,
        n.id <= coalesce(
            (SELECT i.read_up_to FROM inboxes i WHERE i.account_id = %(account_id)s),
            '00000000-0000-0000-0000-000000000000'
        ) AS is_read,
        grouped.actor_count,
        CASE n.kind
            WHEN 'like' THEN
                (SELECT c.like_count FROM video_counts c WHERE c.video_id = n.video_id)
            WHEN 'follow' THEN
                (SELECT c.follower_count FROM account_counts c
                 WHERE c.account_id = n.account_id)
        END AS counted
    FROM span s
    LEFT JOIN notifications n
        ON n.account_id = %(account_id)s AND n.id IN (SELECT id FROM page)
    LEFT JOIN videos v ON v.id = n.video_id AND """
    + VISIBLE
    + """
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT n.actor_id) AS actor_count FROM (
            SELECT g.actor_id, g.account_id FROM notifications g
            WHERE g.account_id = n.account_id AND g.kind = n.kind
                AND g.group_id = n.group_id
            ORDER BY g.id DESC LIMIT %(window)s
        ) n
        WHERE """
    + SHOWN
    + """
    ) grouped ON true
    ORDER BY n.id DESC
    """
)


async def list_heads(
    conn: Connection | ReadConnection,
    *,
    account_id: UUID,
    before: UUID | None,
    window: int,
    limit: int,
) -> Heads:
    """List groups by their newest shown row, among the `window` newest rows before `before`."""
    async with conn.cursor() as cursor:
        await cursor.execute(
            _HEADS,
            {
                "account_id": account_id,
                "viewer_id": account_id,
                "before": before,
                "window": window,
                "limit": limit,
            },
        )
        rows = await cursor.fetchall()
    return Heads([HeadRow(*row[1:]) for row in rows if row[1] is not None], rows[0][0])


async def list_actors(
    conn: Connection | ReadConnection,
    *,
    account_id: UUID,
    heads: Sequence[HeadRow],
    actors_max: int,
) -> dict[UUID, list[ActorRow]]:
    """List the newest actors of each group."""
    if not heads:
        return {}
    found: dict[UUID, list[ActorRow]] = {}
    async with conn.cursor(row_factory=class_row(ActorRow)) as cursor:
        await cursor.execute(
            """
            SELECT h.head_id, a.id, a.name, a.display_name, a.avatar_object
            FROM unnest(%(head_ids)s::uuid[], %(kinds)s::text[], %(group_ids)s::uuid[])
                AS h (head_id, kind, group_id)
            CROSS JOIN LATERAL (
                SELECT n.actor_id, max(n.id::text) AS newest FROM notifications n
                WHERE n.account_id = %(account_id)s AND n.kind = h.kind
                    AND n.group_id = h.group_id AND n.actor_id IS NOT NULL AND
            """
            + SHOWN
            + """
                GROUP BY n.actor_id ORDER BY newest DESC LIMIT %(actors_max)s
            ) o
            JOIN accounts a ON a.id = o.actor_id
            ORDER BY h.head_id, o.newest DESC
            """,
            {
                "account_id": account_id,
                "head_ids": [head.id for head in heads],
                "kinds": [head.kind for head in heads],
                "group_ids": [head.group_id for head in heads],
                "actors_max": actors_max,
            },
        )
        for row in await cursor.fetchall():
            found.setdefault(row.head_id, []).append(row)
    return found


async def count_unread(
    conn: Connection | ReadConnection, *, account_id: UUID, window: int, counted_max: int
) -> int:
    """Count groups with an unread row among the newest `window` unread rows."""
    cursor = await conn.execute(
        """
        WITH recent AS (
            SELECT n.kind, n.group_id, n.actor_id, n.account_id FROM notifications n
            WHERE n.account_id = %(account_id)s
                AND n.id > coalesce(
                    (SELECT i.read_up_to FROM inboxes i WHERE i.account_id = %(account_id)s),
                    '00000000-0000-0000-0000-000000000000'
                )
            ORDER BY n.id DESC LIMIT %(window)s
        )
        SELECT count(*) FROM (
            SELECT DISTINCT n.kind, n.group_id FROM recent n WHERE """
        + SHOWN
        + """
            LIMIT %(counted_max)s
        ) groups
        """,
        {"account_id": account_id, "window": window, "counted_max": counted_max},
    )
    return int(only_row(await cursor.fetchone())[0])


async def upsert_read_up_to(conn: Connection, *, account_id: UUID, up_to: UUID) -> bool:
    """Move the mark forward to one of the account's notifications; False if it has none such."""
    cursor = await conn.execute(
        """
        INSERT INTO inboxes AS i (account_id, read_up_to)
        SELECT n.account_id, n.id FROM notifications n
        WHERE n.account_id = %(account_id)s AND n.id = %(up_to)s
        ON CONFLICT (account_id) DO UPDATE
        SET read_up_to = greatest(i.read_up_to, excluded.read_up_to)
        """,
        {"account_id": account_id, "up_to": up_to},
    )
    return cursor.rowcount == 1


async def is_any_video_event_waiting(conn: Connection | ReadConnection) -> bool:
    """Tell whether videos wants anything told."""
    cursor = await conn.execute("SELECT EXISTS (SELECT FROM video_events)")
    return bool(only_row(await cursor.fetchone())[0])


async def take_video_events(conn: Connection, *, limit: int) -> list[VideoEvent]:
    """Take what videos wants told; events of deleted videos are dropped."""
    async with conn.cursor(row_factory=class_row(VideoEvent)) as cursor:
        await cursor.execute(
            """
            WITH taken AS (
                DELETE FROM video_events WHERE id IN (
                    SELECT id FROM video_events ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
                )
                RETURNING id, kind, video_id
            )
            SELECT t.kind, v.id AS video_id, v.creator_id,
                coalesce(v.refusal_sentence, '') AS refusal_sentence
            FROM taken t JOIN videos v ON v.id = t.video_id
            WHERE v.deleted_at IS NULL
            ORDER BY t.id
            """,
            {"limit": limit},
        )
        return await cursor.fetchall()


async def delete_old_notifications(conn: Connection, *, days_max: int, limit: int) -> int:
    """Delete notifications nobody scrolls back to; tells how many."""
    cursor = await conn.execute(
        """
        WITH old AS (
            SELECT account_id, id FROM notifications
            WHERE created_at < now() - make_interval(days => %(days_max)s)
            ORDER BY created_at LIMIT %(limit)s
        )
        DELETE FROM notifications n USING old
        WHERE n.account_id = old.account_id AND n.id = old.id
        """,
        {"days_max": days_max, "limit": limit},
    )
    return cursor.rowcount
