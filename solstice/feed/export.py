"""The feed's part of what somebody may take along: what it learnt from, as far as it is kept."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import numpy as np

from solstice.feed import queries
from solstice.feed.records import (
    INTERESTED_AGAIN,
    NOT_INTERESTED,
    SKIP,
    VIEW,
    WATCH,
    append_records,
    unpack,
)
from solstice.kit.database import ReadConnection

_NAMES: Final = {
    WATCH: "watched",
    VIEW: "watched",
    SKIP: "skipped",
    NOT_INTERESTED: "not interested",
    INTERESTED_AGAIN: "interested again",
}


async def export_feed(conn: ReadConnection, account_id: UUID) -> dict[str, Any]:
    """Contribute the latest acts, by the low half of the video's id: more is not kept."""
    (row,) = await queries.read_viewers(conn, account_ids=[account_id])
    records = append_records(unpack(row.records), unpack(row.tail))
    seen = np.frombuffer(row.seen or b"", dtype="<u4")
    return {
        "feed": {
            "taste_reset_at": row.reset_at,
            "seen_video_count": len(seen) + len(unpack(row.tail)),
            "latest_acts": [
                {
                    "video_id_ends_with": f"{key >> 48:04x}-{key & 0xFFFFFFFFFFFF:012x}",
                    "at": datetime.fromtimestamp(at_s, UTC),
                    "act": _NAMES.get(kind, "other"),
                    "watched_percent_of_a_long_watch": value,
                }
                for key, at_s, kind, value in records.tolist()
            ],
        }
    }


EXPORTS = (export_feed,)
