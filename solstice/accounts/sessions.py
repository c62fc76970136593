"""Own sessions: where somebody is logged in, and ending it there."""

from datetime import datetime
from uuid import UUID

import msgspec

from solstice.accounts import session_queries
from solstice.accounts.errors import SessionNotFound
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection

SHOWN_MAX = 100


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A place where somebody is logged in."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    """Exact to a quarter of an hour: so long a token is believed without asking."""
    user_agent: str
    network: str
    is_current: bool


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """Everywhere somebody is logged in."""

    items: list[Session]


async def list_sessions(conn: ReadConnection, viewer: Viewer, *, at: datetime) -> Sessions:
    """List the viewer's running sessions, last used first."""
    rows = await session_queries.list_sessions(conn, account_id=viewer.id, at=at, limit=SHOWN_MAX)
    return Sessions(
        items=[
            Session(
                id=row.id,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                user_agent=row.user_agent,
                network=row.network,
                is_current=row.id == viewer.session_id,
            )
            for row in rows
        ]
    )


async def end_session(conn: Connection, viewer: Viewer, *, session_id: UUID, at: datetime) -> None:
    """End one of the viewer's sessions.

    Errors: SessionNotFound (404).
    """
    if not await session_queries.end_session(
        conn, session_id=session_id, account_id=viewer.id, at=at
    ):
        raise SessionNotFound


async def end_current_session(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Log out here; safe to repeat."""
    await session_queries.end_session(
        conn, session_id=viewer.session_id, account_id=viewer.id, at=at
    )


async def end_other_sessions(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Log out everywhere else; safe to repeat."""
    await session_queries.end_sessions(
        conn, account_id=viewer.id, except_id=viewer.session_id, at=at
    )
