"""Blocks and mutes: whom somebody keeps away.

A block works both ways and at once: neither sees nor reaches the other, wherever they meet;
other features ask `is_blocked_between`, `require_not_blocked` or `list_blocked_ids` and never
read the table.  Blocking ends follows in both directions.  A mute works one way and is not
told to anybody: the muted one can still do everything and is merely not shown to the other.
"""

from uuid import UUID

from solstice.accounts import block_queries, follow_queries, queries
from solstice.accounts.errors import AccountNotFound, BlockedBetween, NotYourself
from solstice.accounts.summary import AccountSummary
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.paging import Slice, parse_cursor, render_cursor

BLOCKED_MAX = 10_000
"""Blocks of one account in both directions that are looked at; far more than anybody has."""
PAGE = 50


async def is_blocked_between(conn: Connection | ReadConnection, a: UUID, b: UUID) -> bool:
    """Tell whether either of the two has blocked the other."""
    return await block_queries.is_blocked_between(conn, a=a, b=b)


async def require_not_blocked(conn: Connection | ReadConnection, a: UUID, b: UUID) -> None:
    """Let pass unless one of the two has blocked the other.

    Errors: BlockedBetween (403).
    """
    if await block_queries.is_blocked_between(conn, a=a, b=b):
        raise BlockedBetween


async def list_blocked_ids(conn: Connection | ReadConnection, viewer_id: UUID) -> set[UUID]:
    """List whom the viewer has blocked and who has blocked the viewer."""
    return set(await block_queries.list_blocked_ids(conn, account_id=viewer_id, limit=BLOCKED_MAX))


async def list_muted_ids(conn: Connection | ReadConnection, viewer_id: UUID) -> set[UUID]:
    """List whom the viewer does not want to be shown."""
    return set(await block_queries.list_muted_ids(conn, account_id=viewer_id, limit=BLOCKED_MAX))


async def block(conn: Connection, viewer: Viewer, *, name: str) -> None:
    """Keep an account away; safe to repeat.

    Errors: AccountNotFound (404), NotYourself (400).
    """
    other = await _require_other(conn, viewer, name=name)
    await block_queries.insert_block(conn, blocker_id=viewer.id, blocked_id=other)
    await follow_queries.delete_follow(conn, follower_id=viewer.id, followed_id=other)
    await follow_queries.delete_follow(conn, follower_id=other, followed_id=viewer.id)


async def unblock(conn: Connection, viewer: Viewer, *, name: str) -> None:
    """Stop keeping an account away; safe to repeat.

    Errors: AccountNotFound (404), NotYourself (400).
    """
    other = await _require_other(conn, viewer, name=name)
    await block_queries.delete_block(conn, blocker_id=viewer.id, blocked_id=other)


async def mute(conn: Connection, viewer: Viewer, *, name: str) -> None:
    """Stop being shown an account; safe to repeat.

    Errors: AccountNotFound (404), NotYourself (400).
    """
    other = await _require_other(conn, viewer, name=name)
    await block_queries.insert_mute(conn, muter_id=viewer.id, muted_id=other)


async def unmute(conn: Connection, viewer: Viewer, *, name: str) -> None:
    """Be shown an account again; safe to repeat.

    Errors: AccountNotFound (404), NotYourself (400).
    """
    other = await _require_other(conn, viewer, name=name)
    await block_queries.delete_mute(conn, muter_id=viewer.id, muted_id=other)


async def list_blocks(
    conn: ReadConnection, viewer: Viewer, *, cursor: str | None
) -> Slice[AccountSummary]:
    """List whom the viewer has blocked, by name."""
    after = parse_cursor(cursor, str)
    rows = await block_queries.list_blocks(conn, blocker_id=viewer.id, after=after, limit=PAGE + 1)
    return _page(rows)


async def list_mutes(
    conn: ReadConnection, viewer: Viewer, *, cursor: str | None
) -> Slice[AccountSummary]:
    """List whom the viewer has muted, by name."""
    after = parse_cursor(cursor, str)
    rows = await block_queries.list_mutes(conn, muter_id=viewer.id, after=after, limit=PAGE + 1)
    return _page(rows)


def _page(rows: list[AccountSummary]) -> Slice[AccountSummary]:
    more = len(rows) > PAGE
    shown = rows[:PAGE]
    return Slice(items=shown, next_cursor=render_cursor(shown[-1].name) if more else None)


async def _require_other(conn: Connection, viewer: Viewer, *, name: str) -> UUID:
    account_id = await queries.find_account_id(conn, name=name.lower())
    if account_id is None:
        raise AccountNotFound
    if account_id == viewer.id:
        raise NotYourself
    return account_id
