"""Everything the platform keeps about somebody, as one JSON document for that somebody.

Each feature contributes its own part (`EXPORTS`, collected in app.py), because only it knows its
tables.  Passwords' hashes stay out: they are of no use to their owner, and of some to a thief.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from solstice.accounts import block_queries, session_queries
from solstice.accounts.account import render_me
from solstice.accounts.profile import require_account
from solstice.kit.database import ReadConnection

Export = Callable[[ReadConnection, UUID], Awaitable[Mapping[str, Any]]]
"""One feature's part: top-level names that no other feature uses, and what is kept there."""

EXPORT_TIMEOUT_MS = 30_000
LISTED_MAX = 100_000


async def export_account(conn: ReadConnection, account_id: UUID) -> dict[str, Any]:
    """Contribute the account itself: profile, sessions, blocks and mutes."""
    account = await require_account(conn, account_id)
    sessions = await session_queries.list_all_sessions(
        conn, account_id=account_id, limit=LISTED_MAX
    )
    blocked = await block_queries.list_blocks(
        conn, blocker_id=account_id, after=None, limit=LISTED_MAX
    )
    muted = await block_queries.list_mutes(conn, muter_id=account_id, after=None, limit=LISTED_MAX)
    return {
        "account": render_me(account),
        "sessions": sessions,
        "blocks": [other.name for other in blocked],
        "mutes": [other.name for other in muted],
    }


async def export_everything(
    conn: ReadConnection, account_id: UUID, *, exports: tuple[Export, ...]
) -> dict[str, Any]:
    """Collect every feature's part."""
    everything: dict[str, Any] = {}
    for export in exports:
        everything.update(await export(conn, account_id))
    return everything
