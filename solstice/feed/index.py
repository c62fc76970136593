"""The index: every video a feed may show, in memory, about 160 bytes each.

One row of parallel numpy arrays for each video; a video's *slot* is its position in them.  A
slot is never given to another video, so that a queue of slots stays true: a video that is
deleted, hidden or made private keeps its slot with `visibility` 0 until the server restarts.

Records come packed from the database (migrations/0004_feed.sql, view `feed_videos`) and are
taken over without touching single rows.  No I/O here, no clock, no ranking.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from solstice.feed.keys import Keys, Slots, keys_of
from solstice.kit.pace import Rest, go_on

DIMENSIONS = 32
TAGS = 4
COUNTS = 5
"""like, comment, view, bookmark, share: the order in `feed_videos` and in a card."""

RECORD = np.dtype(
    [
        ("id_high", ">u8"),
        ("key", ">u8"),
        ("creator_high", ">u8"),
        ("creator_key", ">u8"),
        ("published_ms", ">i8"),
        ("duration_ms", ">i4"),
        ("visibility", ">i2"),
        ("impressions", ">i4"),
        ("long_watches", ">i4"),
        ("skips", ">i4"),
        ("counts", ">i8", (COUNTS,)),
        ("tags", ">u4", (TAGS,)),
        ("vector", "i1", (DIMENSIONS,)),
    ]
)
Records = NDArray[np.void]

GONE, PUBLIC, FOLLOWERS = 0, 1, 2

_COLUMNS: dict[str, tuple[type, tuple[int, ...]]] = {
    "id_high": (np.uint64, ()),
    "key": (np.uint64, ()),
    "published_ms": (np.int64, ()),
    "duration_ms": (np.int32, ()),
    "visibility": (np.uint8, ()),
    "impressions": (np.int32, ()),
    "long_watches": (np.int32, ()),
    "skips": (np.int32, ()),
    "counts": (np.int64, (COUNTS,)),
    "tags": (np.uint32, (TAGS,)),
    "vector": (np.int8, (DIMENSIONS,)),
    "creator": (np.int32, ()),
}
_LOOSE_MAX = 4096
"""New keys wait in a dictionary until there are this many; then all keys are sorted again."""


def read_records(packed: bytes | None) -> Records:
    """View packed records as an array; nothing is copied."""
    return np.frombuffer(packed or b"", dtype=RECORD)


class FeedIndex:
    """All publishable videos and what ranking needs of them."""

    def __init__(self, *, capacity: int = 1024) -> None:
        self.count = 0
        self.removals = 0
        """How often videos left public view: a queue made since needs no second look."""
        self._columns: dict[str, NDArray[Any]] = {
            name: np.zeros((capacity, *shape), dtype=kind)
            for name, (kind, shape) in _COLUMNS.items()
        }
        self._sorted_keys: Keys = np.empty(0, np.uint64)
        self._sorted_slots: Slots = np.empty(0, np.int32)
        self._loose: dict[int, int] = {}
        self.creator_slot: dict[int, int] = {}
        """Creator's key → creator's number; numbers, too, are never given away again."""
        self.creator_ids: list[UUID] = []
        self.creator_texts: list[bytes] = []
        """The same as JSON strings, which pages need more often."""
        self._creator_by_short_key: dict[int, int] = {}

    def __len__(self) -> int:
        """Count the videos that may be shown."""
        return int(np.count_nonzero(self.visibility))

    def column(self, name: str) -> NDArray[Any]:
        """Return a column, as long as there are slots."""
        return self._columns[name][: self.count]

    @property
    def visibility(self) -> NDArray[np.uint8]:
        """0 gone, 1 public, 2 for followers."""
        return self._columns["visibility"][: self.count]

    @property
    def creator(self) -> Slots:
        """The creator's number."""
        return self._columns["creator"][: self.count]

    @property
    def keys(self) -> Keys:
        """The video's key."""
        return self._columns["key"][: self.count]

    @property
    def published_ms(self) -> NDArray[np.int64]:
        """When the video was published, Unix ms."""
        return self._columns["published_ms"][: self.count]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Shown counts, in the order of a card."""
        return self._columns["counts"][: self.count]

    @property
    def vectors(self) -> NDArray[np.int8]:
        """Where the video lies among what is watched by the same people; zero if unknown."""
        return self._columns["vector"][: self.count]

    @property
    def tags(self) -> NDArray[np.uint32]:
        """Hashes of its first hashtags; 0 for none."""
        return self._columns["tags"][: self.count]

    def nbytes(self) -> int:
        """Tell the memory of the arrays."""
        held = sum(column.nbytes for column in self._columns.values())
        return held + self._sorted_keys.nbytes + self._sorted_slots.nbytes

    def id_of(self, slot: int) -> UUID:
        """Tell the video's id."""
        columns = self._columns
        return UUID(int=int(columns["id_high"][slot]) << 64 | int(columns["key"][slot]))

    def find_slot(self, key: int) -> int:
        """Find a video's slot; -1 when it was never here."""
        slot = self._loose.get(key)
        if slot is not None:
            return slot
        position = int(self._sorted_keys.searchsorted(np.uint64(key)))
        if position < len(self._sorted_keys) and int(self._sorted_keys[position]) == key:
            return int(self._sorted_slots[position])
        return -1

    def find_slots(self, keys: Keys) -> Slots:
        """Find several slots, in the given order; -1 for those never here."""
        if not len(keys):
            return np.empty(0, np.int32)
        found = np.full(len(keys), -1, np.int32)
        if len(self._sorted_keys):
            # In ascending order each search begins where memory is still warm: a third of the time.
            order = np.argsort(keys)
            positions = np.empty(len(keys), np.intp)
            positions[order] = self._sorted_keys.searchsorted(keys[order])
            positions[positions == len(self._sorted_keys)] = 0
            hit = self._sorted_keys[positions] == keys
            found[hit] = self._sorted_slots[positions[hit]]
        if self._loose:
            loose = self._loose
            for place in np.flatnonzero(found < 0).tolist():
                found[place] = loose.get(int(keys[place]), -1)
        return found

    def find_creators(self, keys: Keys) -> Slots:
        """Find the numbers of those creators who are known here."""
        known = self.creator_slot
        return np.array([known[key] for key in keys.tolist() if key in known], dtype=np.int32)

    def creators_of(self, slots: Sequence[int]) -> list[int]:
        """Tell the numbers of the creators of several videos, in their order."""
        found: list[int] = self._columns["creator"][np.asarray(slots, dtype=np.int32)].tolist()
        return found

    def creator_short_key(self, slot: int) -> int:
        """Tell the low 32 bits of the key of a video's creator."""
        owner: UUID = self.creator_ids[self._columns["creator"][slot]]
        return owner.int & 0xFFFFFFFF

    def find_creator_by_short_key(self, short_key: int) -> int:
        """Find a creator's number by those 32 bits; -1 for unknown ones and for 0."""
        return self._creator_by_short_key.get(short_key, -1)

    def put(self, records: Records) -> Slots:
        """Take over records, new ones and changed ones; tells their slots."""
        keys = records["key"].astype(np.uint64)
        slots = self.find_slots(keys)
        fresh = np.flatnonzero(slots < 0)
        if len(fresh):
            slots[fresh] = self._add(keys[fresh])
        columns = self._columns
        if ((columns["visibility"][slots] == PUBLIC) & (records["visibility"] != PUBLIC)).any():
            self.removals += 1
        for name in _COLUMNS:
            if name not in ("creator", "key"):
                columns[name][slots] = records[name]
        columns["creator"][slots] = self._number_creators(records)
        return slots

    def export(self, slots: Slots, rest: Rest = go_on) -> Records:
        """Copy these slots as records, in their order.

        A thread may do it: slots are never given away.  Of a video that changes meanwhile a
        record may tell some things as they were and some as they are.
        """
        records = np.zeros(len(slots), RECORD)
        for name in _COLUMNS:
            if name != "creator":
                records[name] = self._columns[name][slots]
                rest()
        creators = self._columns["creator"][slots]
        owners = self.creator_ids[: creators.max(initial=-1) + 1]
        highs = np.array([owner.int >> 64 for owner in owners], dtype=np.uint64)
        records["creator_high"] = highs[creators]
        records["creator_key"] = keys_of(owners)[creators]
        rest()
        return records

    def remove(self, keys: Keys) -> Slots:
        """Mark videos as gone; tells the slots of those that were here."""
        slots = self.find_slots(keys)
        slots = slots[slots >= 0]
        self._columns["visibility"][slots] = GONE
        self.removals += 1
        return slots

    def retain(self, seen: NDArray[np.bool_]) -> Slots:
        """Mark as gone what a full reload did not come across; `seen` is by slot."""
        missing = np.flatnonzero(~seen & (self.visibility[: len(seen)] != GONE)).astype(np.int32)
        self._columns["visibility"][missing] = GONE
        self.removals += 1
        return missing

    def _add(self, keys: Keys) -> Slots:
        first, self.count = self.count, self.count + len(keys)
        self._grow()
        self._columns["key"][first : self.count] = keys
        slots = np.arange(first, self.count, dtype=np.int32)
        if len(self._loose) + len(keys) > _LOOSE_MAX:
            self._loose.clear()
            order = np.argsort(self.keys, kind="stable")
            self._sorted_keys = self.keys[order]
            self._sorted_slots = order.astype(np.int32)
        else:
            self._loose.update(zip(keys.tolist(), slots.tolist(), strict=True))
        return slots

    def _grow(self) -> None:
        capacity = len(self._columns["key"])
        if self.count <= capacity:
            return
        capacity = max(self.count, capacity + capacity // 2)
        for name, column in self._columns.items():
            larger = np.zeros((capacity, *column.shape[1:]), dtype=column.dtype)
            larger[: len(column)] = column
            self._columns[name] = larger

    def _number_creators(self, records: Records) -> Slots:
        keys, first, inverse = np.unique(
            records["creator_key"].astype(np.uint64), return_index=True, return_inverse=True
        )
        numbers = np.empty(len(keys), np.int32)
        for position, (key, place) in enumerate(zip(keys.tolist(), first.tolist(), strict=True)):
            number = self.creator_slot.get(key)
            if number is None:
                number = self.creator_slot[key] = len(self.creator_ids)
                high = int(records["creator_high"][place])
                owner = UUID(int=high << 64 | key)
                self.creator_ids.append(owner)
                self.creator_texts.append(f'"{owner}"'.encode())
                self._creator_by_short_key[key & 0xFFFFFFFF] = number
            numbers[position] = number
        return numbers[inverse.reshape(-1)]
