"""Marks: what of a page concerns its viewer, beside the cards that are the same for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from solstice.feed.index import FeedIndex
from solstice.feed.keys import Keys

NOTHING_MARKED: Final = b'{"liked":[],"bookmarked":[],"following":[]}'
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
    wanted = set(keys.tolist())
    held = index.keys[np.asarray(slots, dtype=np.int32)].tolist()
    return frozenset(slot for slot, key in zip(slots, held, strict=True) if key in wanted)


def render_marks(index: FeedIndex, slots: Sequence[int], marks: Marks) -> bytes:
    """Render the `viewer` part of a page."""
    if not (marks.liked or marks.bookmarked or marks.followed):
        return NOTHING_MARKED
    creators = {int(index.creator[slot]) for slot in slots if slot in marks.followed}
    return b'{"liked":[%b],"bookmarked":[%b],"following":[%b]}' % (
        _quoted(str(index.id_of(slot)) for slot in slots if slot in marks.liked),
        _quoted(str(index.id_of(slot)) for slot in slots if slot in marks.bookmarked),
        _quoted(str(index.creator_ids[creator]) for creator in sorted(creators)),
    )


def _quoted(ids: Iterable[str]) -> bytes:
    return ",".join(f'"{text}"' for text in ids).encode()
