"""Keys: the low 64 bits of an id, which sets and arrays hold instead of the id.

The low half of a UUIDv7 is random but for two bits, so two of 10⁶ videos share a key with a
probability of 10⁻⁷.  Seen videos are remembered by 32 of these bits and cursors carry 24: a
collision there merely leaves an unseen video out for this viewer (at most 6 in 10⁵ of them).
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Slots = NDArray[np.int32]
"""Positions in the index."""

IntegerT = TypeVar("IntegerT", bound=np.integer)

LOW_64 = (1 << 64) - 1
SEEN_MASK = np.uint64(0xFFFFFFFF)
SHORT_MASK = np.uint64(0xFFFFFF)


def key_of(identifier: UUID) -> int:
    """Tell the key of an id."""
    return identifier.int & LOW_64


def short_key_of(key: int) -> bytes:
    """Tell the three bytes of a key that cursors carry."""
    return (key & 0xFFFFFF).to_bytes(3, "big")


def keys_of(identifiers: Iterable[UUID]) -> Keys:
    """Tell the keys of several ids, in their order."""
    return np.fromiter((identifier.int & LOW_64 for identifier in identifiers), dtype=np.uint64)


def sorted_unique(numbers: NDArray[IntegerT]) -> NDArray[IntegerT]:
    """Sort and leave out repeats; for a thousand numbers ten times as fast as `np.unique`."""
    if not len(numbers):
        return numbers
    ordered = np.sort(numbers)
    is_first = np.empty(len(ordered), np.bool_)
    is_first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def unique_in_order(slots: Slots) -> Slots:
    """Leave out repeats and keep the order; no sorting."""
    places = np.arange(len(slots), dtype=np.int32)
    first = np.empty(slots.max(initial=-1) + 1, np.int32)
    # Written backwards, so that of several places the first stays.
    first[slots[::-1]] = places[::-1]
    unique: Slots = slots[first[slots] == places]
    return unique


def keys_from_bytes(joined: bytes | None) -> Keys:
    """Read keys the database joined: eight bytes each, most significant first."""
    if not joined:
        return np.empty(0, np.uint64)
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)
