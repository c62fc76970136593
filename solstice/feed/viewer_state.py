"""What a server remembers of one viewer: seen videos, taste, relations, and the next clips.

Made from one row of the database (`ViewerRow`), kept up to date by records as they arrive from
this server's beacons and, a second later, from the other servers'.  Pure but for being mutable;
loading and bounding is `viewers.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from solstice.feed.keys import Keys, Slots, key_of, keys_from_bytes, short_key_of
from solstice.feed.pools import Floats, Pools
from solstice.feed.queries import ViewerRow
from solstice.feed.queues import Queue
from solstice.feed.records import (
    IMPRESSION,
    NOT_INTERESTED,
    PACKED,
    Packed,
    Record,
    append_records,
    append_seen,
    seen_in,
    unpack,
)


class FollowedVideos(NamedTuple):
    """The videos of everybody the viewer follows, newest first, as of one pooling."""

    pools: Pools
    slots: Slots
    published_ms: NDArray[np.int64]
    """Descending."""


class ViewerState:
    """One viewer, as far as the feed is concerned."""

    __slots__ = (
        "account_id",
        "barred",
        "bookmarked",
        "direction",
        "followed",
        "followed_keys",
        "following",
        "is_stale",
        "liked",
        "loaded_at_s",
        "nbytes",
        "position",
        "queue",
        "records",
        "reset_at_s",
        "seen",
        "seen_since_ranking",
        "served",
        "signals_since_ranking",
        "teaching_like_count",
        "unmerged",
        "unmerged_seen",
        "was_ranked",
    )

    def __init__(self, account_id: UUID, row: ViewerRow, *, now_s: float) -> None:
        self.account_id = account_id
        tail = unpack(row.tail)
        self.seen: NDArray[np.uint32] = append_seen(
            np.frombuffer(row.seen or b"", dtype="<u4"), seen_in(tail)
        )
        """Low halves of keys, oldest first, unique."""
        self.unmerged_seen: dict[int, None] = {}
        self.reset_at_s = _seconds(row.reset_at)
        records = append_records(unpack(row.records), tail)
        self.records: Packed = records[records["at_s"] > self.reset_at_s]
        self.unmerged: list[Record] = []
        self.liked: Keys = keys_from_bytes(row.liked)
        """Newest first."""
        self.teaching_like_count = row.teaching_like_count
        """How many of the newest likes are younger than the last reset."""
        self.bookmarked: Keys = keys_from_bytes(row.bookmarked)
        self.followed_keys: Keys = keys_from_bytes(row.followed)
        self.followed: frozenset[int] = frozenset(self.followed_keys.tolist())
        self.barred: frozenset[int] = frozenset(keys_from_bytes(row.barred).tolist())
        """Keys of creators who are blocked, either way, or muted."""
        self.queue: Queue | None = None
        self.position = 0
        """How much of the queue was given out on this server."""
        self.served: dict[int, float] = {}
        """Slots given out on this server lately and when, whether or not they were then seen."""
        self.signals_since_ranking = 0
        self.seen_since_ranking: set[bytes] = set()
        """Short keys of what was seen since, here or elsewhere: the queue may still hold them."""
        self.following: FollowedVideos | None = None
        self.direction: Floats | None = None
        """Where the viewer's taste pointed when last learnt."""
        self.was_ranked = False
        self.is_stale = False
        self.loaded_at_s = now_s
        self.nbytes = (
            1200
            + self.seen.nbytes
            + self.records.nbytes
            + 3 * (self.liked.nbytes + self.bookmarked.nbytes)
            + 80 * (len(self.followed) + len(self.barred))
        )

    def excluded_creators(self) -> Keys:
        """Tell the keys of creators this viewer must not meet in For You: themselves, too."""
        return np.array([*self.barred, key_of(self.account_id)], dtype=np.uint64)

    def unwanted_keys(self) -> Keys:
        """Tell which videos the viewer does not want to meet again."""
        is_unwanted = self.records["kind"] == NOT_INTERESTED
        unwanted: Keys = self.records["key"][is_unwanted].astype(np.uint64)
        return unwanted

    def note(self, records: Iterable[Record]) -> None:
        """Take in records (key, at_s, kind, value) as they arrive."""
        for record in records:
            self.unmerged_seen[record[0] & 0xFFFFFFFF] = None
            self.seen_since_ranking.add(short_key_of(record[0]))
            if record[2] != IMPRESSION:
                self.unmerged.append(record)
                self.signals_since_ranking += 1
            if record[2] == NOT_INTERESTED:
                self.queue = None

    def note_packed(self, packed: bytes) -> None:
        """Take in records as another server packed them."""
        self.note(unpack(packed).tolist())

    def merge(self) -> None:
        """Bring what arrived one by one into the arrays ranking works with."""
        if self.unmerged_seen:
            fresh = np.fromiter(self.unmerged_seen, dtype=np.uint32)
            self.seen = append_seen(self.seen, fresh)
            self.unmerged_seen.clear()
        if self.unmerged:
            self.records = append_records(self.records, np.array(self.unmerged, dtype=PACKED))
            self.unmerged.clear()


def _seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else 0
