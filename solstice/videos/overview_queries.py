"""How many videos are in which state, for the people who run the place."""

from solstice.kit.database import ReadConnection, only_row


async def count_by_state(conn: ReadConnection) -> dict[str, int]:
    """Count the videos that are not deleted, by state; at most five rows."""
    cursor = await conn.execute(
        "SELECT state, count(*) FROM videos WHERE deleted_at IS NULL GROUP BY state LIMIT 10"
    )
    return {str(state): int(count) for state, count in await cursor.fetchall()}


async def find_oldest_waiting_s(conn: ReadConnection) -> float | None:
    """Tell for how long the oldest received video has waited; None when none waits."""
    cursor = await conn.execute(
        """
        SELECT extract(epoch FROM now() - min(received_at))
        FROM videos
        WHERE state IN ('received', 'processing') AND deleted_at IS NULL
        """
    )
    waited_s = only_row(await cursor.fetchone())[0]
    return None if waited_s is None else float(waited_s)
