"""The only place that names the tables of accounts (follows aside); one statement each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from solstice.accounts.account import Account
from solstice.accounts.viewer import Role
from solstice.kit.database import Connection, ReadConnection

AnyConnection = Connection | ReadConnection


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a log-in is checked against."""

    account_id: UUID
    name: str
    role: Role
    password_hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """Somebody who holds a role."""

    name: str
    role: Role
    since: datetime


async def insert_account(
    conn: Connection, *, account_id: UUID, name: str, email: str | None, password_hash: str
) -> bool:
    """Insert an account; False when the name or the id is taken."""
    cursor = await conn.execute(
        """
        INSERT INTO accounts (id, name, display_name, email, password_hash)
        VALUES (%(id)s, %(name)s, %(name)s, %(email)s, %(password_hash)s)
        ON CONFLICT DO NOTHING
        """,
        {"id": account_id, "name": name, "email": email, "password_hash": password_hash},
    )
    return cursor.rowcount == 1


async def find_credentials(conn: AnyConnection, *, name: str, at: datetime) -> Credentials | None:
    """Find what a log-in with this name is checked against; none once deletion has begun."""
    async with conn.cursor(row_factory=class_row(Credentials)) as cursor:
        await cursor.execute(
            """
            SELECT id AS account_id, name, role, password_hash
            FROM accounts
            WHERE lower(name) = %(name)s
                AND (deletion_due_at IS NULL OR deletion_due_at > %(at)s)
            """,
            {"name": name, "at": at},
        )
        return await cursor.fetchone()


async def find_account(conn: AnyConnection, *, account_id: UUID) -> Account | None:
    """Find an account by its id, whatever its state."""
    async with conn.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(
            """
            SELECT id, name, display_name, bio, email, role, avatar_object, created_at,
                hidden_at, deletion_due_at
            FROM accounts WHERE id = %(id)s
            """,
            {"id": account_id},
        )
        return await cursor.fetchone()


async def find_account_id(conn: AnyConnection, *, name: str) -> UUID | None:
    """Find an account's id by its name, whatever its state."""
    cursor = await conn.execute(
        "SELECT id FROM accounts WHERE lower(name) = %(name)s", {"name": name}
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def update_profile(
    conn: Connection, *, account_id: UUID, display_name: str, bio: str, email: str | None
) -> None:
    """Replace what somebody says about themselves."""
    await conn.execute(
        """
        UPDATE accounts SET display_name = %(display_name)s, bio = %(bio)s, email = %(email)s
        WHERE id = %(id)s
        """,
        {"id": account_id, "display_name": display_name, "bio": bio, "email": email},
    )


async def update_avatar(conn: Connection, *, account_id: UUID, avatar_object: str | None) -> None:
    """Replace the picture."""
    await conn.execute(
        "UPDATE accounts SET avatar_object = %(avatar_object)s WHERE id = %(id)s",
        {"id": account_id, "avatar_object": avatar_object},
    )


async def find_password_hash(conn: AnyConnection, *, account_id: UUID) -> str | None:
    """Find the hash an account's password is checked against."""
    cursor = await conn.execute(
        "SELECT password_hash FROM accounts WHERE id = %(id)s", {"id": account_id}
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def update_password(conn: Connection, *, account_id: UUID, password_hash: str) -> None:
    """Replace the password's hash."""
    await conn.execute(
        "UPDATE accounts SET password_hash = %(password_hash)s WHERE id = %(id)s",
        {"id": account_id, "password_hash": password_hash},
    )


async def update_role(conn: Connection, *, name: str, role: Role, at: datetime) -> bool:
    """Give an account a role; False when there is no such account."""
    cursor = await conn.execute(
        """
        UPDATE accounts SET role = %(role)s, access_changed_at = %(at)s
        WHERE lower(name) = %(name)s
        """,
        {"name": name, "role": role, "at": at},
    )
    return cursor.rowcount == 1


async def list_staff(conn: AnyConnection, *, limit: int) -> list[StaffMember]:
    """List who holds a role, administrators first."""
    async with conn.cursor(row_factory=class_row(StaffMember)) as cursor:
        await cursor.execute(
            """
            SELECT name, role, coalesce(access_changed_at, created_at) AS since
            FROM accounts WHERE role <> 'viewer'
            ORDER BY role, name LIMIT %(limit)s
            """,
            {"limit": limit},
        )
        return await cursor.fetchall()


async def update_hidden(
    conn: Connection, *, account_id: UUID, is_hidden: bool, at: datetime
) -> bool:
    """Hide an account from everybody else, or show it again; False when nothing changed."""
    cursor = await conn.execute(
        """
        UPDATE accounts
        SET hidden_at = CASE WHEN %(is_hidden)s THEN %(at)s::timestamptz END,
            access_changed_at = %(at)s
        WHERE id = %(id)s AND (hidden_at IS NOT NULL) <> %(is_hidden)s
        """,
        {"id": account_id, "is_hidden": is_hidden, "at": at},
    )
    return cursor.rowcount == 1


async def update_deletion(
    conn: Connection, *, account_id: UUID, due_at: datetime | None, at: datetime
) -> bool:
    """Set the day of deletion unless one is set, or take it back; False when it is too late."""
    cursor = await conn.execute(
        """
        UPDATE accounts
        SET access_changed_at = %(at)s,
            deletion_due_at = CASE WHEN %(due_at)s::timestamptz IS NOT NULL
                THEN coalesce(deletion_due_at, %(due_at)s) END
        WHERE id = %(id)s AND (deletion_due_at IS NULL OR deletion_due_at > %(at)s)
        """,
        {"id": account_id, "due_at": due_at, "at": at},
    )
    return cursor.rowcount == 1


async def list_due_for_deletion(conn: AnyConnection, *, due_at: datetime, limit: int) -> list[UUID]:
    """List accounts whose time to reconsider was over at an instant, longest due first."""
    cursor = await conn.execute(
        """
        SELECT id FROM accounts WHERE deletion_due_at <= %(due_at)s
        ORDER BY deletion_due_at, id LIMIT %(limit)s
        """,
        {"due_at": due_at, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def list_erasable(
    conn: AnyConnection, *, due_at: datetime, ended_before: datetime, limit: int
) -> list[UUID]:
    """List accounts that are due and whose last session ended before an instant."""
    cursor = await conn.execute(
        """
        SELECT a.id FROM accounts a
        WHERE a.deletion_due_at <= %(due_at)s AND NOT EXISTS (
            SELECT FROM sessions s
            WHERE s.account_id = a.id
                AND (s.ended_at IS NULL OR s.ended_at > %(ended_before)s)
        )
        ORDER BY a.deletion_due_at, a.id LIMIT %(limit)s
        """,
        {"due_at": due_at, "ended_before": ended_before, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def delete_account(conn: Connection, *, account_id: UUID) -> None:
    """Delete an account's row and, by cascade, everything that hangs on it."""
    await conn.execute("DELETE FROM accounts WHERE id = %(id)s", {"id": account_id})


async def is_avatar_object_used(conn: AnyConnection, *, avatar_object: str) -> bool:
    """Tell whether any account shows this picture."""
    cursor = await conn.execute(
        "SELECT EXISTS (SELECT FROM accounts WHERE avatar_object = %(avatar_object)s)",
        {"avatar_object": avatar_object},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])
