"""Statements about sessions; beside `queries.py`, which would otherwise be too long."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from solstice.accounts.viewer import Role, Viewer
from solstice.kit.database import Connection, ReadConnection


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSession:
    """A session as its owner sees it in the list."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    network: str


async def insert_session(
    conn: Connection,
    *,
    session_id: UUID,
    account_id: UUID,
    at: datetime,
    expires_at: datetime,
    user_agent: str,
    network: str,
) -> None:
    """Begin a session."""
    await conn.execute(
        """
        INSERT INTO sessions (id, account_id, created_at, last_seen_at, expires_at, user_agent,
            network)
        VALUES (%(id)s, %(account_id)s, %(at)s, %(at)s, %(expires_at)s, %(user_agent)s,
            %(network)s)
        """,
        {
            "id": session_id,
            "account_id": account_id,
            "at": at,
            "expires_at": expires_at,
            "user_agent": user_agent,
            "network": network,
        },
    )


async def renew_session(
    conn: Connection, *, session_id: UUID, account_id: UUID, at: datetime, expires_at: datetime
) -> Viewer | None:
    """Prolong a session that has not ended; returns its owner as of now."""
    cursor = await conn.execute(
        """
        UPDATE sessions s SET last_seen_at = %(at)s, expires_at = %(expires_at)s
        FROM accounts a
        WHERE s.id = %(id)s AND s.account_id = %(account_id)s AND a.id = s.account_id
            AND s.ended_at IS NULL AND s.expires_at > %(at)s
        RETURNING a.name, a.role
        """,
        {"id": session_id, "account_id": account_id, "at": at, "expires_at": expires_at},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    name: str = row[0]
    role: Role = row[1]
    return Viewer(id=account_id, session_id=session_id, name=name, role=role)


async def end_session(
    conn: Connection, *, session_id: UUID, account_id: UUID, at: datetime
) -> bool:
    """End one session of an account; False when it has no such session running."""
    cursor = await conn.execute(
        """
        UPDATE sessions SET ended_at = %(at)s
        WHERE id = %(id)s AND account_id = %(account_id)s AND ended_at IS NULL
        """,
        {"id": session_id, "account_id": account_id, "at": at},
    )
    return cursor.rowcount == 1


async def end_sessions(
    conn: Connection, *, account_id: UUID, except_id: UUID | None, at: datetime
) -> int:
    """End an account's sessions, all but one; returns how many."""
    cursor = await conn.execute(
        """
        UPDATE sessions SET ended_at = %(at)s
        WHERE account_id = %(account_id)s AND ended_at IS NULL
            AND id IS DISTINCT FROM %(except_id)s
        """,
        {"account_id": account_id, "except_id": except_id, "at": at},
    )
    return cursor.rowcount


async def list_sessions(
    conn: ReadConnection, *, account_id: UUID, at: datetime, limit: int
) -> list[StoredSession]:
    """List an account's running sessions, last used first."""
    async with conn.cursor(row_factory=class_row(StoredSession)) as cursor:
        await cursor.execute(
            """
            SELECT id, created_at, last_seen_at, user_agent, network
            FROM sessions
            WHERE account_id = %(account_id)s AND ended_at IS NULL AND expires_at > %(at)s
            ORDER BY last_seen_at DESC, id DESC LIMIT %(limit)s
            """,
            {"account_id": account_id, "at": at, "limit": limit},
        )
        return await cursor.fetchall()


async def list_all_sessions(
    conn: ReadConnection, *, account_id: UUID, limit: int
) -> list[StoredSession]:
    """List every session that is still remembered, ended ones too, newest first."""
    async with conn.cursor(row_factory=class_row(StoredSession)) as cursor:
        await cursor.execute(
            """
            SELECT id, created_at, last_seen_at, user_agent, network
            FROM sessions WHERE account_id = %(account_id)s
            ORDER BY id DESC LIMIT %(limit)s
            """,
            {"account_id": account_id, "limit": limit},
        )
        return await cursor.fetchall()


async def is_known_network(
    conn: Connection | ReadConnection, *, account_id: UUID, network: str
) -> bool:
    """Tell whether the account was logged in to from this network before."""
    cursor = await conn.execute(
        """
        SELECT EXISTS (
            SELECT FROM sessions WHERE account_id = %(account_id)s AND network = %(network)s
        )
        """,
        {"account_id": account_id, "network": network},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def list_ended_since(
    conn: Connection | ReadConnection, *, since: datetime, at: datetime, limit: int
) -> list[tuple[UUID, datetime]]:
    """List sessions that ended lately and whose tokens still look valid, newest first."""
    cursor = await conn.execute(
        """
        SELECT id, expires_at FROM sessions
        WHERE ended_at > %(since)s AND expires_at > %(at)s
        ORDER BY ended_at DESC LIMIT %(limit)s
        """,
        {"since": since, "at": at, "limit": limit},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_access_changed_since(
    conn: Connection | ReadConnection, *, since: datetime, limit: int
) -> list[tuple[UUID, datetime]]:
    """List accounts whose role changed lately, newest first."""
    cursor = await conn.execute(
        """
        SELECT id, access_changed_at FROM accounts
        WHERE access_changed_at > %(since)s
        ORDER BY access_changed_at DESC LIMIT %(limit)s
        """,
        {"since": since, "limit": limit},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def delete_old_sessions(conn: Connection, *, before: datetime) -> int:
    """Forget sessions that ended or ran out before an instant; returns how many."""
    cursor = await conn.execute(
        """
        DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions
            WHERE expires_at < %(before)s OR ended_at < %(before)s
            LIMIT 10000
        )
        """,
        {"before": before},
    )
    return cursor.rowcount
