"""Marks: what of a page concerns its viewer, beside the cards that are the same for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from solstice.feed.index import FeedIndex
from solstice.feed.keys import Keys

NOTHING_MARKED: Final = b'{"liked":[],"bookmarked":[],"following":[]}'
MARKS_UNKNOWN: Final = b'{"liked":null,"bookmarked":null,"following":null}'
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Marks:
    """Slots the viewer liked, bookmarked, or follows the creator of."""

    liked: frozenset[int] = _NONE
    bookmarked: frozenset[int] = _NONE
    followed: frozenset[int] = _NONE


UNMARKED: Final = Marks()


def marked_among(index: FeedIndex, slots: Sequence[int], keys: Keys) -> frozenset[int]:
    """Tell which of these slots are among a viewer's keys."""
    if not len(keys) or not len(slots):
        return _NONE
    held = index.keys[np.asarray(slots, dtype=np.int32)].tolist()
    wanted = set(keys.tolist()).intersection(held)
    if not wanted:
        return _NONE
    return frozenset(slot for slot, key in zip(slots, held, strict=True) if key in wanted)


def render_marks(index: FeedIndex, slots: Sequence[int], marks: Marks) -> bytes:
    """Render the `viewer` part of a page."""
    if (
        marks.followed.isdisjoint(slots)
        and marks.liked.isdisjoint(slots)
        and marks.bookmarked.isdisjoint(slots)
    ):
        return NOTHING_MARKED
    creator = index.creator
    texts = {index.creator_texts[creator[slot]] for slot in marks.followed.intersection(slots)}
    return b'{"liked":[%b],"bookmarked":[%b],"following":[%b]}' % (
        _ids(index, slots, marks.liked),
        _ids(index, slots, marks.bookmarked),
        b",".join(texts),
    )


def _ids(index: FeedIndex, slots: Sequence[int], marked: frozenset[int]) -> bytes:
    if marked.isdisjoint(slots):
        return b""
    return ",".join(f'"{index.id_of(slot)}"' for slot in slots if slot in marked).encode()
