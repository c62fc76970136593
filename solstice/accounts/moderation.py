"""Roles, and hiding an account from everybody else: what administrators and moderators decide.

A change of role reaches every server within a second: tokens from before it are looked up again.
A hidden account's owner can still log in, read why, appeal, take the own data and leave.
"""

from datetime import datetime
from uuid import UUID

from solstice.accounts import queries
from solstice.accounts.errors import AccountNotFound
from solstice.accounts.viewer import Role
from solstice.kit.database import Connection

STAFF_MAX = 1000


async def give_role(conn: Connection, *, name: str, role: Role, at: datetime) -> None:
    """Make somebody a moderator or an administrator, or a viewer again; safe to repeat.

    Errors: AccountNotFound (404).
    """
    if not await queries.update_role(conn, name=name.lower(), role=role, at=at):
        raise AccountNotFound


async def list_staff(conn: Connection) -> list[queries.StaffMember]:
    """List who holds a role."""
    return await queries.list_staff(conn, limit=STAFF_MAX)


async def hide_account(conn: Connection, *, account_id: UUID, at: datetime) -> bool:
    """Hide an account from everybody but its owner; tells whether that is new."""
    return await queries.update_hidden(conn, account_id=account_id, is_hidden=True, at=at)


async def show_account(conn: Connection, *, account_id: UUID, at: datetime) -> bool:
    """Show a hidden account again; tells whether it was hidden."""
    return await queries.update_hidden(conn, account_id=account_id, is_hidden=False, at=at)


async def require_account_id(conn: Connection, *, name: str) -> UUID:
    """Find an account by its name, hidden or not.

    Errors: AccountNotFound (404).
    """
    account_id = await queries.find_account_id(conn, name=name.lower())
    if account_id is None:
        raise AccountNotFound
    return account_id
