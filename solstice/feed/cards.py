"""Cards as bytes: each video's JSON, encoded once, joined into every page that shows it.

A card's counts stand at its end, so a new count replaces a tail of 110 bytes and leaves the
rest.  Memory is bounded: above `bytes_max` the clock hand (second chance) takes cards no page
has used since its last round; they are read again when wanted.

What is not here: who may see a card, and reading (`hydration.py`).
"""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import FeedIndex
from solstice.videos.cards import VideoCard

_UNKNOWN_COUNTS = (
    b',"like_count":null,"comment_count":null,"view_count":null,'
    b'"bookmark_count":null,"share_count":null'
)
_OVERHEAD_BYTES = 33
"""What CPython adds to a bytes object."""

_encode = msgspec.json.Encoder().encode


def encode_head(card: VideoCard) -> bytes:
    """Encode everything of a card but its counts and the closing brace."""
    encoded = _encode(card)
    before, found, after = encoded.rpartition(_UNKNOWN_COUNTS)
    if not found:
        raise ValueError("a card for the feed is hydrated without counts")
    return before + after[:-1]


def encode_counts(counts: Iterable[int]) -> bytes:
    """Encode the counts of a card and close it."""
    return (
        b',"like_count":%d,"comment_count":%d,"view_count":%d,"bookmark_count":%d,"share_count":%d}'
        % tuple(counts)
    )


class Cards:
    """Encoded cards by slot; None where the card was never read or had to make room."""

    def __init__(self, index: FeedIndex, *, bytes_max: int) -> None:
        self.index = index
        self.bytes_max = bytes_max
        self.bytes_held = 0
        self.encoded: list[bytes | None] = []
        self._head_bytes: list[int] = []
        self._was_used = bytearray()
        self._is_stale = bytearray()
        self._hand = 0
        self.grow()

    def grow(self) -> None:
        """Make room for slots the index got since."""
        missing = self.index.count - len(self.encoded)
        if missing > 0:
            self.encoded.extend([None] * missing)
            self._head_bytes.extend([0] * missing)
            self._was_used.extend(bytes(missing))
            self._is_stale.extend(bytes(missing))

    def put(self, slot: int, head: bytes) -> None:
        """Keep a card's head, with the counts as they are now."""
        self.drop(slot)
        encoded = head + encode_counts(self.index.counts[slot].tolist())
        self.encoded[slot] = encoded
        self._head_bytes[slot] = len(head)
        self._is_stale[slot] = 0
        self.bytes_held += len(encoded) + _OVERHEAD_BYTES
        if self.bytes_held > self.bytes_max:
            self._make_room()

    def drop(self, slot: int) -> None:
        """Forget a card."""
        encoded = self.encoded[slot]
        if encoded is not None:
            self.bytes_held -= len(encoded) + _OVERHEAD_BYTES
            self.encoded[slot] = None

    def head(self, slot: int) -> bytes | None:
        """Return a card without its counts, for the snapshot."""
        encoded = self.encoded[slot]
        return None if encoded is None else encoded[: self._head_bytes[slot]]

    def mark_counted(self, slots: Iterable[int]) -> None:
        """Note that counts changed; the tails are rendered when next shown."""
        for slot in slots:
            self._is_stale[slot] = 1

    def missing(self, slots: Sequence[int]) -> list[int]:
        """List those whose card is not here."""
        encoded = self.encoded
        return [slot for slot in slots if encoded[slot] is None]

    def available(self) -> NDArray[np.bool_]:
        """Tell by slot which cards are here; for when no others can be had."""
        return np.fromiter(
            (card is not None for card in self.encoded), dtype=np.bool_, count=len(self.encoded)
        )

    def join(self, slots: Sequence[int]) -> bytes | None:
        """Join cards into the inside of a JSON array; None when one of them is not here."""
        stale, used, encoded = self._is_stale, self._was_used, self.encoded
        parts = []
        for slot in slots:
            if stale[slot]:
                self._count_anew(slot)
            card = encoded[slot]
            if card is None:
                return None
            used[slot] = 1
            parts.append(card)
        return b",".join(parts)

    def _count_anew(self, slot: int) -> None:
        encoded = self.encoded[slot]
        if encoded is not None:
            head = encoded[: self._head_bytes[slot]]
            fresh = head + encode_counts(self.index.counts[slot].tolist())
            self.bytes_held += len(fresh) - len(encoded)
            self.encoded[slot] = fresh
        self._is_stale[slot] = 0

    def _make_room(self) -> None:
        """Turn the hand until a sixteenth is free; two rounds find something for certain."""
        goal = self.bytes_max - self.bytes_max // 16
        for _ in range(2 * len(self.encoded)):
            if self.bytes_held <= goal:
                return
            self._hand = (self._hand + 1) % len(self.encoded)
            if self._was_used[self._hand]:
                self._was_used[self._hand] = 0
            else:
                self.drop(self._hand)
