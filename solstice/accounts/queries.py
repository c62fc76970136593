"""The only place that names the tables of accounts (follows aside); one statement each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from solstice.accounts.account import Account
from solstice.accounts.summary import AccountSummary, render_summary
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


async def find_credentials(conn: AnyConnection, *, name: str) -> Credentials | None:
    """Find what a log-in with this name is checked against."""
    async with conn.cursor(row_factory=class_row(Credentials)) as cursor:
        await cursor.execute(
            """
            SELECT id AS account_id, name, role, password_hash
            FROM accounts WHERE lower(name) = %(name)s
            """,
            {"name": name},
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


async def update_avatar(
    conn: Connection, *, account_id: UUID, avatar_object: str | None
) -> str | None:
    """Replace the picture; returns the object that was shown before."""
    cursor = await conn.execute(
        """
        UPDATE accounts AS a SET avatar_object = %(avatar_object)s
        FROM (SELECT id, avatar_object FROM accounts WHERE id = %(id)s FOR UPDATE) AS before
        WHERE a.id = before.id RETURNING before.avatar_object
        """,
        {"id": account_id, "avatar_object": avatar_object},
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


async def update_hidden(conn: Connection, *, account_id: UUID, hidden_at: datetime | None) -> bool:
    """Hide an account from everybody else, or show it again; False when nothing changed."""
    cursor = await conn.execute(
        """
        UPDATE accounts SET hidden_at = %(hidden_at)s
        WHERE id = %(id)s AND (hidden_at IS NULL) <> (%(hidden_at)s::timestamptz IS NULL)
        """,
        {"id": account_id, "hidden_at": hidden_at},
    )
    return cursor.rowcount == 1


async def update_deletion(
    conn: Connection, *, account_id: UUID, deletion_due_at: datetime | None
) -> datetime | None:
    """Set the day of deletion unless one is set, or take it back; returns what stands."""
    cursor = await conn.execute(
        """
        UPDATE accounts SET deletion_due_at = CASE
            WHEN %(due_at)s::timestamptz IS NULL THEN NULL
            ELSE coalesce(deletion_due_at, %(due_at)s) END
        WHERE id = %(id)s RETURNING deletion_due_at
        """,
        {"id": account_id, "due_at": deletion_due_at},
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def list_due_for_deletion(conn: Connection, *, due_at: datetime, limit: int) -> list[UUID]:
    """List accounts whose time to reconsider is over, and keep others from taking them."""
    cursor = await conn.execute(
        """
        SELECT id FROM accounts WHERE deletion_due_at <= %(due_at)s
        ORDER BY deletion_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        """,
        {"due_at": due_at, "limit": limit},
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


async def is_blocked_between(conn: AnyConnection, *, a: UUID, b: UUID) -> bool:
    """Tell whether either of two accounts has blocked the other."""
    cursor = await conn.execute(
        """
        SELECT EXISTS (
            SELECT FROM blocks WHERE blocker_id = %(a)s AND blocked_id = %(b)s
            UNION ALL
            SELECT FROM blocks WHERE blocker_id = %(b)s AND blocked_id = %(a)s
        )
        """,
        {"a": a, "b": b},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def list_blocked_ids(conn: AnyConnection, *, account_id: UUID, limit: int) -> list[UUID]:
    """List the accounts on the other end of this account's blocks, whoever made them."""
    cursor = await conn.execute(
        """
        SELECT blocked_id FROM blocks WHERE blocker_id = %(id)s
        UNION
        SELECT blocker_id FROM blocks WHERE blocked_id = %(id)s
        LIMIT %(limit)s
        """,
        {"id": account_id, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def list_muted_ids(conn: AnyConnection, *, account_id: UUID, limit: int) -> list[UUID]:
    """List whom an account has muted."""
    cursor = await conn.execute(
        "SELECT muted_id FROM mutes WHERE muter_id = %(id)s LIMIT %(limit)s",
        {"id": account_id, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def insert_block(conn: Connection, *, blocker_id: UUID, blocked_id: UUID) -> None:
    """Block, unless blocked already."""
    await conn.execute(
        """
        INSERT INTO blocks (blocker_id, blocked_id) VALUES (%(blocker_id)s, %(blocked_id)s)
        ON CONFLICT DO NOTHING
        """,
        {"blocker_id": blocker_id, "blocked_id": blocked_id},
    )


async def delete_block(conn: Connection, *, blocker_id: UUID, blocked_id: UUID) -> None:
    """End a block, if there is one."""
    await conn.execute(
        "DELETE FROM blocks WHERE blocker_id = %(blocker_id)s AND blocked_id = %(blocked_id)s",
        {"blocker_id": blocker_id, "blocked_id": blocked_id},
    )


async def insert_mute(conn: Connection, *, muter_id: UUID, muted_id: UUID) -> None:
    """Mute, unless muted already."""
    await conn.execute(
        """
        INSERT INTO mutes (muter_id, muted_id) VALUES (%(muter_id)s, %(muted_id)s)
        ON CONFLICT DO NOTHING
        """,
        {"muter_id": muter_id, "muted_id": muted_id},
    )


async def delete_mute(conn: Connection, *, muter_id: UUID, muted_id: UUID) -> None:
    """End a mute, if there is one."""
    await conn.execute(
        "DELETE FROM mutes WHERE muter_id = %(muter_id)s AND muted_id = %(muted_id)s",
        {"muter_id": muter_id, "muted_id": muted_id},
    )


async def list_blocks(
    conn: ReadConnection, *, blocker_id: UUID, after: str | None, limit: int
) -> list[AccountSummary]:
    """List whom an account has blocked, by name, after a name."""
    cursor = await conn.execute(
        """
        SELECT a.id, a.name, a.display_name, a.avatar_object
        FROM blocks b JOIN accounts a ON a.id = b.blocked_id
        WHERE b.blocker_id = %(id)s AND (%(after)s::text IS NULL OR a.name > %(after)s)
        ORDER BY a.name LIMIT %(limit)s
        """,
        {"id": blocker_id, "after": after, "limit": limit},
    )
    return [_summary(row) for row in await cursor.fetchall()]


async def list_mutes(
    conn: ReadConnection, *, muter_id: UUID, after: str | None, limit: int
) -> list[AccountSummary]:
    """List whom an account has muted, by name, after a name."""
    cursor = await conn.execute(
        """
        SELECT a.id, a.name, a.display_name, a.avatar_object
        FROM mutes m JOIN accounts a ON a.id = m.muted_id
        WHERE m.muter_id = %(id)s AND (%(after)s::text IS NULL OR a.name > %(after)s)
        ORDER BY a.name LIMIT %(limit)s
        """,
        {"id": muter_id, "after": after, "limit": limit},
    )
    return [_summary(row) for row in await cursor.fetchall()]


def _summary(row: tuple[Any, ...]) -> AccountSummary:
    account_id, name, display_name, avatar_object = row
    return render_summary(
        account_id=account_id, name=name, display_name=display_name, avatar_object=avatar_object
    )
