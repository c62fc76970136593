"""Profiles: an account as others meet it, with its followers and those it follows.

With a block between them, whoever made it, two accounts do not exist for each other: the
profile answers 404 to both, like that of a hidden account or one that is leaving.
"""

import re
from datetime import datetime
from uuid import UUID

import msgspec

from solstice.accounts.errors import AccountNotFound
from solstice.accounts.summary import AccountSummary, render_summary
from solstice.community import people_queries as queries
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.media import render_media_url
from solstice.kit.paging import parse_cursor, render_cursor

PEOPLE_PAGE = 50
_NAME_LIKE = re.compile(r"[a-z0-9_.]{1,64}")


class ProfileViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer has to do with an account."""

    follows: bool
    mutes: bool
    is_self: bool


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """An account's page; a count that is not known is null."""

    id: UUID
    name: str
    display_name: str
    avatar_url: str | None
    bio: str
    created_at: datetime
    follower_count: int | None
    following_count: int | None
    video_count: int
    like_count: int | None
    viewer: ProfileViewer | None


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of accounts."""

    items: list[AccountSummary]
    next_cursor: str | None


async def require_met(
    conn: Connection | ReadConnection, *, viewer_id: UUID | None, name: str
) -> UUID:
    """Return the id of the account of this name if the viewer meets it.

    Errors: AccountNotFound (404), the same for blocked, hidden, leaving and missing ones.
    """
    account_id = None
    if _NAME_LIKE.fullmatch(name.lower()):
        account_id = await queries.find_met_id(conn, name=name.lower(), viewer_id=viewer_id)
    if account_id is None:
        raise AccountNotFound
    return account_id


async def read_profile(conn: ReadConnection, *, viewer_id: UUID | None, name: str) -> Profile:
    """Read a profile with its counts.

    Errors: AccountNotFound (404).
    """
    row = None
    if _NAME_LIKE.fullmatch(name.lower()):
        row = await queries.find_profile(conn, name=name.lower(), viewer_id=viewer_id)
    if row is None:
        raise AccountNotFound
    video_count, like_count = await queries.sum_videos(conn, creator_id=row.id, viewer_id=viewer_id)
    return Profile(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        avatar_url=render_media_url(row.avatar_object) if row.avatar_object else None,
        bio=row.bio,
        created_at=row.created_at,
        follower_count=row.follower_count,
        following_count=row.following_count,
        video_count=video_count,
        like_count=like_count,
        viewer=ProfileViewer(follows=row.follows, mutes=row.mutes, is_self=row.id == viewer_id)
        if viewer_id
        else None,
    )


async def list_followers(
    conn: ReadConnection, *, viewer_id: UUID | None, name: str, cursor: str | None
) -> AccountPage:
    """List who follows an account, the newest first.

    Errors: AccountNotFound (404), BadCursor (400).
    """
    account_id = await require_met(conn, viewer_id=viewer_id, name=name)
    before = parse_cursor(cursor, tuple[datetime, UUID])
    rows = await queries.list_followers(
        conn, account_id=account_id, viewer_id=viewer_id, before=before, limit=PEOPLE_PAGE + 1
    )
    return _page(rows)


async def list_following(
    conn: ReadConnection, *, viewer_id: UUID | None, name: str, cursor: str | None
) -> AccountPage:
    """List whom an account follows, the newest first.

    Errors: AccountNotFound (404), BadCursor (400).
    """
    account_id = await require_met(conn, viewer_id=viewer_id, name=name)
    before = parse_cursor(cursor, tuple[datetime, UUID])
    rows = await queries.list_following(
        conn, account_id=account_id, viewer_id=viewer_id, before=before, limit=PEOPLE_PAGE + 1
    )
    return _page(rows)


def _page(rows: list[queries.PersonRow]) -> AccountPage:
    shown = rows[:PEOPLE_PAGE]
    more = len(rows) > PEOPLE_PAGE
    return AccountPage(
        items=[
            render_summary(
                account_id=row.id,
                name=row.name,
                display_name=row.display_name,
                avatar_object=row.avatar_object,
            )
            for row in shown
        ],
        next_cursor=render_cursor((shown[-1].since, shown[-1].id)) if more else None,
    )
