"""SQL of profiles and of who follows whom, as others may see them."""

from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.kit.database import Connection, ReadConnection, only_row
from solstice.videos.visibility import VISIBLE

AnyConnection = Connection | ReadConnection

MET: LiteralString = """
    (
        a.id = %(viewer_id)s::uuid
        OR (
            a.hidden_at IS NULL AND a.deletion_due_at IS NULL
            AND NOT EXISTS (
                SELECT FROM blocks b
                WHERE (b.blocker_id = a.id AND b.blocked_id = %(viewer_id)s::uuid)
                    OR (b.blocker_id = %(viewer_id)s::uuid AND b.blocked_id = a.id)
            )
        )
    )
"""
"""On `accounts a`: the viewer meets this account, for there is no block between them."""


class PersonRow(NamedTuple):
    """An account in a list, and since when it is in it."""

    id: UUID
    name: str
    display_name: str
    avatar_object: str | None
    since: datetime


class ProfileRow(NamedTuple):
    """An account with its counts and what the viewer has to do with it."""

    id: UUID
    name: str
    display_name: str
    avatar_object: str | None
    bio: str
    created_at: datetime
    follower_count: int | None
    following_count: int | None
    follows: bool
    mutes: bool


async def find_met_id(conn: AnyConnection, *, name: str, viewer_id: UUID | None) -> UUID | None:
    """Find the account of this name if the viewer meets it."""
    cursor = await conn.execute(
        "SELECT a.id FROM accounts a WHERE lower(a.name) = %(name)s AND " + MET,
        {"name": name, "viewer_id": viewer_id},
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def find_profile(
    conn: AnyConnection, *, name: str, viewer_id: UUID | None
) -> ProfileRow | None:
    """Find the profile of this name if the viewer meets the account."""
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(
            """
            SELECT a.id, a.name, a.display_name, a.avatar_object, a.bio, a.created_at,
                k.follower_count, k.following_count,
                EXISTS (
                    SELECT FROM follows f
                    WHERE f.follower_id = %(viewer_id)s::uuid AND f.followed_id = a.id
                ) AS follows,
                EXISTS (
                    SELECT FROM mutes m
                    WHERE m.muter_id = %(viewer_id)s::uuid AND m.muted_id = a.id
                ) AS mutes
            FROM accounts a LEFT JOIN account_counts k ON k.account_id = a.id
            WHERE lower(a.name) = %(name)s AND """
            + MET,
            {"name": name, "viewer_id": viewer_id},
        )
        return await cursor.fetchone()


async def sum_videos(
    conn: AnyConnection, *, creator_id: UUID, viewer_id: UUID | None
) -> tuple[int, int | None]:
    """Count a creator's videos this viewer may see, and their likes (None: not known)."""
    cursor = await conn.execute(
        """
        SELECT count(*),
            CASE WHEN count(*) = count(c.video_id) THEN coalesce(sum(c.like_count), 0) END
        FROM videos v LEFT JOIN video_counts c ON c.video_id = v.id
        WHERE v.creator_id = %(creator_id)s AND """
        + VISIBLE,
        {"creator_id": creator_id, "viewer_id": viewer_id},
    )
    videos, likes = only_row(await cursor.fetchone())
    return int(videos), None if likes is None else int(likes)


async def list_followers(
    conn: AnyConnection,
    *,
    account_id: UUID,
    viewer_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PersonRow]:
    """List who follows an account, the newest first."""
    async with conn.cursor(row_factory=class_row(PersonRow)) as cursor:
        await cursor.execute(
            """
            SELECT a.id, a.name, a.display_name, a.avatar_object, f.created_at AS since
            FROM follows f JOIN accounts a ON a.id = f.follower_id
            WHERE f.followed_id = %(account_id)s
                AND (%(at)s::timestamptz IS NULL
                    OR (f.created_at, f.follower_id) < (%(at)s, %(id)s::uuid))
                AND """
            + MET
            + " ORDER BY f.created_at DESC, f.follower_id DESC LIMIT %(limit)s",
            _people(account_id, viewer_id, before, limit),
        )
        return await cursor.fetchall()


async def list_following(
    conn: AnyConnection,
    *,
    account_id: UUID,
    viewer_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PersonRow]:
    """List whom an account follows, the newest first."""
    async with conn.cursor(row_factory=class_row(PersonRow)) as cursor:
        await cursor.execute(
            """
            SELECT a.id, a.name, a.display_name, a.avatar_object, f.created_at AS since
            FROM follows f JOIN accounts a ON a.id = f.followed_id
            WHERE f.follower_id = %(account_id)s
                AND (%(at)s::timestamptz IS NULL
                    OR (f.created_at, f.followed_id) < (%(at)s, %(id)s::uuid))
                AND """
            + MET
            + " ORDER BY f.created_at DESC, f.followed_id DESC LIMIT %(limit)s",
            _people(account_id, viewer_id, before, limit),
        )
        return await cursor.fetchall()


def _people(
    account_id: UUID, viewer_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> dict[str, object]:
    at, last_id = before or (None, None)
    return {
        "account_id": account_id,
        "viewer_id": viewer_id,
        "at": at,
        "id": last_id,
        "limit": limit,
    }


async def count_following(conn: Connection, *, account_id: UUID, limit: int) -> int:
    """Count whom an account follows, up to a limit."""
    cursor = await conn.execute(
        """
        SELECT count(*) FROM (
            SELECT FROM follows WHERE follower_id = %(account_id)s LIMIT %(limit)s
        ) counted
        """,
        {"account_id": account_id, "limit": limit},
    )
    return int(only_row(await cursor.fetchone())[0])
