"""Leaving: thirty days to reconsider, then nothing is left.

While the time runs the account is invisible to everybody else, and its owner can log in and stay
after all.  Then its sessions end; once no token of theirs can be believed any more its data go,
feature by feature (`ERASURES`, collected in app.py), the account's row last, in one transaction:
a process that dies in between has done nothing.  Files follow by each feature's own sweep.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from solstice.accounts import queries, session_queries
from solstice.accounts.account import Me
from solstice.accounts.errors import DeletionBegun
from solstice.accounts.profile import read_me
from solstice.accounts.settings import AccountSettings
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection
from solstice.kit.resources import Resources

Erasure = Callable[[Connection, UUID], Awaitable[None]]
"""What a feature does before an account's row goes; cascades do the rest."""

ERASED_AT_ONCE_MAX = 20
ERASE_TIMEOUT_MS = 60_000
MARGIN_S = 60.0

log = structlog.get_logger()


async def plan_deletion(conn: Connection, viewer: Viewer, *, at: datetime, grace_s: float) -> Me:
    """Set the day; asked again the first day stands.  Every other session ends.

    Errors: DeletionBegun (409), NotSignedIn (401).
    """
    due_at = at + timedelta(seconds=grace_s)
    if not await queries.update_deletion(conn, account_id=viewer.id, due_at=due_at, at=at):
        raise DeletionBegun
    await session_queries.end_sessions(
        conn, account_id=viewer.id, except_id=viewer.session_id, at=at
    )
    return await read_me(conn, viewer)


async def take_back_deletion(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Stay after all; safe to repeat.

    Errors: DeletionBegun (409).
    """
    if not await queries.update_deletion(conn, account_id=viewer.id, due_at=None, at=at):
        raise DeletionBegun


async def erase_due_accounts(resources: Resources, erasures: tuple[Erasure, ...]) -> int:
    """Close and then erase accounts whose time is over; returns how many were erased."""
    at = resources.clock()
    fresh_s = resources.settings_of(AccountSettings).session_fresh_s
    async with resources.database.transaction() as conn:
        for account_id in await queries.list_due_for_deletion(
            conn, due_at=at, limit=ERASED_AT_ONCE_MAX
        ):
            await session_queries.end_sessions(conn, account_id=account_id, except_id=None, at=at)
        erasable = await queries.list_erasable(
            conn,
            due_at=at,
            ended_before=at - timedelta(seconds=fresh_s + MARGIN_S),
            limit=ERASED_AT_ONCE_MAX,
        )
    erased = 0
    for account_id in erasable:
        try:
            await _erase_account(resources, erasures, account_id)
            erased += 1
        except Exception:  # one account must not keep the others from leaving
            log.exception("accounts.not_erased", account_id=str(account_id))
    return erased


async def _erase_account(
    resources: Resources, erasures: tuple[Erasure, ...], account_id: UUID
) -> None:
    async with resources.database.transaction(timeout_ms=ERASE_TIMEOUT_MS) as conn:
        for erase in erasures:
            await erase(conn, account_id)
        await queries.delete_account(conn, account_id=account_id)
