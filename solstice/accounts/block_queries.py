"""Statements about blocks and mutes, one each."""

from typing import Any
from uuid import UUID

from solstice.accounts.summary import AccountSummary, render_summary
from solstice.kit.database import Connection, ReadConnection

AnyConnection = Connection | ReadConnection


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
