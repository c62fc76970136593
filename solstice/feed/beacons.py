"""Beacons: what browsers tell of clips shown and watched, in batches, soon after it happened.

A beacon is telemetry: it is answered when it is in this process's memory and written within
half a second.  A killed server loses that half second of it; a stopped one writes it first.
While the database is away beacons wait, `beacons_buffered_max` of them; what comes beyond is
dropped and counted in `solstice_feed_beacons_total{outcome="dropped"}`.  Likes, comments and
follows never come this way.  Why: docs/decisions/0075.

What counts as a view is `views.py`; writing is `outbox.py`.  Here is no I/O.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from solstice.feed.beacon import Beacon, Source
from solstice.feed.errors import TooManyBeacons
from solstice.feed.index import GONE, FeedIndex
from solstice.feed.keys import key_of
from solstice.feed.metrics import BEACONS
from solstice.feed.outbox import Outbox
from solstice.feed.records import IMPRESSION, LONG_WATCH, SKIP, VIEW, WATCH, Record, watch_value
from solstice.feed.settings import FeedSettings
from solstice.feed.viewers import Viewers
from solstice.feed.views import Recent, ViewCounter

EVENTS_MAX: Final = 100
LATE_MAX_S: Final = 86_400.0
"""A phone that was offline tells later; of what is older than a day nobody knows the order."""
REPEATED_WITHIN_S: Final = 900.0
REMEMBERED_MAX: Final = 100_000


class Beaconry:
    """Takes in beacons for one server."""

    def __init__(
        self, settings: FeedSettings, *, index: FeedIndex, viewers: Viewers, outbox: Outbox
    ) -> None:
        self._index = index
        self._viewers = viewers
        self._outbox = outbox
        self._events = Recent(kept_s=REPEATED_WITHIN_S, count_max=REMEMBERED_MAX)
        self.views = ViewCounter(settings)

    def take_in(self, source: Source, events: Sequence[Beacon], *, now_s: float) -> None:
        """Take in a batch; what is unknown, repeated or too much is left out without a word.

        Errors: TooManyBeacons (413).
        """
        if len(events) > EVENTS_MAX:
            raise TooManyBeacons
        records: list[Record] = []
        for event in events:
            BEACONS.labels(self._take_in_one(source, event, now_s, records)).inc()
        if source.account_id is not None and records:
            self._viewers.note(source.account_id, records)
            self._outbox.add_records(source.account_id, records)

    def _take_in_one(
        self, source: Source, event: Beacon, now_s: float, records: list[Record]
    ) -> str:
        if self._outbox.is_full():
            return "dropped"
        key = key_of(event.video_id)
        slot = self._index.find_slot(key)
        if slot < 0 or self._index.visibility[slot] == GONE:
            return "unknown"
        if self._events.has(event.id.int, now_s):
            return "repeated"
        self._events.add(event.id.int, now_s)
        kind, value, watch_ms = self._judge(source, event, slot, now_s)
        if kind == VIEW:
            self._outbox.add_view(event.video_id, watch_ms)
        self._outbox.add_tally(
            event.video_id,
            is_impression=kind == IMPRESSION,
            is_long=value >= LONG_WATCH,
            is_skip=kind == SKIP,
        )
        records.append((key, int(decide_time(event.at, now_s)), kind, value))
        return "taken"

    def _judge(
        self, source: Source, event: Beacon, slot: int, now_s: float
    ) -> tuple[int, int, int]:
        """Tell the record's kind and value, and for how long we believe it was watched."""
        if event.kind == "impression":
            return IMPRESSION, 0, 0
        duration_ms = int(self._index.column("duration_ms")[slot])
        watch_ms = min(event.watch_ms, (event.loops + 1) * max(duration_ms, 1))
        value = watch_value(watch_ms=watch_ms, duration_ms=duration_ms)
        if event.kind == "skip":
            return SKIP, value, watch_ms
        is_own = self._is_own(source.account_id, slot)
        is_view = not is_own and self.views.is_view(
            source,
            video_key=key_of(event.video_id),
            watch_ms=watch_ms,
            duration_ms=duration_ms,
            now_s=now_s,
        )
        return (VIEW if is_view else WATCH), value, watch_ms

    def _is_own(self, account_id: UUID | None, slot: int) -> bool:
        if account_id is None:
            return False
        return bool(self._index.creator_ids[self._index.creator[slot]] == account_id)


def decide_time(claimed: datetime | None, now_s: float) -> float:
    """Believe the client's clock only as far as it is possible: from a day ago until now."""
    if claimed is None or claimed.tzinfo is None:
        return now_s
    return max(now_s - LATE_MAX_S, min(now_s, claimed.timestamp()))
