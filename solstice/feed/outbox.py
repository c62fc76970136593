"""The outbox: what beacons said, on its way into the database.

Everything of half a second goes in one transaction with a number of its own, so that a
connection that breaks at COMMIT neither loses it nor writes it twice: the same batch is tried
again under the same number until it is known to be there.  Bounded; see `beacons.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from solstice.community.count_queries import ViewDelta
from solstice.community.counts import append_views
from solstice.feed import queries
from solstice.feed.records import PACKED, Record
from solstice.kit.database import Database


@dataclass
class Batch:
    """What is written together."""

    number: int
    records: dict[UUID, list[Record]] = field(default_factory=dict)
    views: dict[UUID, list[int]] = field(default_factory=dict)
    """Views and watch time in ms."""
    tallies: dict[UUID, list[int]] = field(default_factory=dict)
    """Impressions, long watches, skips."""
    event_count: int = 0


class Outbox:
    """Two batches: the one that grows and the one that is being written."""

    def __init__(self, server_id: UUID, *, events_max: int) -> None:
        self._server_id = server_id
        self._events_max = events_max
        self._growing = Batch(0)
        self._leaving: Batch | None = None

    def is_full(self) -> bool:
        """Tell whether nothing more fits."""
        leaving = self._leaving.event_count if self._leaving else 0
        return self._growing.event_count + leaving >= self._events_max

    def is_empty(self) -> bool:
        """Tell whether everything is written."""
        return self._leaving is None and not self._growing.event_count

    def add_records(self, account_id: UUID, records: Sequence[Record]) -> None:
        """Add what a viewer did."""
        self._growing.records.setdefault(account_id, []).extend(records)

    def add_view(self, video_id: UUID, watch_ms: int) -> None:
        """Add a view and its watch time."""
        entry = self._growing.views.setdefault(video_id, [0, 0])
        entry[0] += 1
        entry[1] += watch_ms

    def add_tally(
        self, video_id: UUID, *, is_impression: bool, is_long: bool, is_skip: bool
    ) -> None:
        """Add one event to a video's tally."""
        self._growing.event_count += 1
        entry = self._growing.tallies.setdefault(video_id, [0, 0, 0])
        entry[0] += is_impression
        entry[1] += is_long
        entry[2] += is_skip

    def unwritten_of(self, account_id: UUID) -> list[Record]:
        """List what a viewer did that the database does not have yet, oldest first."""
        leaving = self._leaving.records.get(account_id, []) if self._leaving else []
        return leaving + self._growing.records.get(account_id, [])

    async def flush(self, database: Database) -> None:
        """Write what waits; on an error it waits on.

        Errors: DatabaseUnavailable, StorageFull.
        """
        if self._leaving is None:
            if not self._growing.event_count:
                return
            self._leaving = self._growing
            self._growing = Batch(self._leaving.number + 1)
        batch = self._leaving
        async with database.transaction() as conn:
            is_new = await queries.insert_flush(
                conn, server_id=self._server_id, number=batch.number
            )
            if is_new:
                await queries.append_history(
                    conn,
                    server_id=self._server_id,
                    account_ids=list(batch.records),
                    records=[pack(records) for records in batch.records.values()],
                )
                await queries.append_tallies(conn, tallies=batch.tallies)
                await append_views(
                    conn,
                    [
                        ViewDelta(video_id, view_count, watch_ms, view_count)
                        for video_id, (view_count, watch_ms) in batch.views.items()
                    ],
                )
        self._leaving = None


def pack(records: Sequence[Record]) -> bytes:
    """Pack records for the database."""
    return np.array(records, dtype=PACKED).tobytes()
