"""Not interested, and a fresh start: what a viewer says about their feed outright.

Unlike beacons these are acknowledged writes: they are in the database when they are answered,
in this server's memory with the answer, and in every other's within a second.
"""

from uuid import UUID

from solstice.accounts.viewer import Viewer
from solstice.feed import queries
from solstice.feed.keys import key_of
from solstice.feed.memory import Memory
from solstice.feed.outbox import pack
from solstice.feed.records import INTERESTED_AGAIN, NOT_INTERESTED, Record
from solstice.kit.database import Connection
from solstice.videos import require_visible


async def mark_not_interested(
    conn: Connection, memory: Memory, *, viewer: Viewer, video_id: UUID
) -> Record:
    """Show less like this; safe to repeat.  Returns what to note once it is committed.

    Errors: VideoNotVisible (404).
    """
    await require_visible(conn, viewer.id, video_id)
    return await _append(conn, memory, viewer, video_id, NOT_INTERESTED)


async def take_back_not_interested(
    conn: Connection, memory: Memory, *, viewer: Viewer, video_id: UUID
) -> Record:
    """Take that back; safe to repeat.  Returns what to note once it is committed."""
    return await _append(conn, memory, viewer, video_id, INTERESTED_AGAIN)


async def reset_taste(conn: Connection, *, viewer: Viewer) -> None:
    """Forget what the viewer likes; what they have seen stays seen."""
    await queries.reset_taste(conn, account_id=viewer.id)


async def _append(
    conn: Connection, memory: Memory, viewer: Viewer, video_id: UUID, kind: int
) -> Record:
    record = (key_of(video_id), int(memory.now_s()), kind, 0)
    await queries.append_history(
        conn, server_id=memory.server_id, account_ids=[viewer.id], records=[pack([record])]
    )
    return record
