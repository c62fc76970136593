"""For operators: which videos are stuck, and putting one back in line."""

from uuid import UUID

from solstice.kit.database import Connection, ReadConnection
from solstice.kit.jobs import enqueue
from solstice.videos import processing_queries
from solstice.videos.jobs import PROCESS
from solstice.videos.processing_queries import StuckRow

STUCK_S = 600.0
STUCK_MAX = 100


async def list_stuck(
    conn: Connection | ReadConnection, *, older_than_s: float = STUCK_S
) -> list[StuckRow]:
    """List videos in line or in work for longer than this, and those given up after failures."""
    return await processing_queries.list_stuck(conn, older_than_s=older_than_s, limit=STUCK_MAX)


async def redrive_video(conn: Connection, video_id: UUID) -> bool:
    """Put a video back in line with all its attempts; false when there is nothing to re-drive."""
    if not await processing_queries.update_redriven(conn, video_id=video_id):
        return False
    await enqueue(conn, PROCESS)
    return True
