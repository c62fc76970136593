"""A queue: the next clips in order, made by one ranking and given out page by page.

Ranking takes most of a millisecond, a page out of a queue a few microseconds; that
difference is why queues exist.  Each has a generation no other queue of any server has, so
that a cursor finds its place again exactly where its queue still is, and nowhere else.
"""

import secrets
from array import array
from collections.abc import Sequence
from itertools import count
from operator import eq
from typing import Final

import numpy as np

from solstice.feed.cursors import KEY_BYTES
from solstice.feed.index import FeedIndex
from solstice.feed.marks import UNMARKED, Marks

NEVER: Final = 1 << 31
_GENERATIONS = count(secrets.randbits(63))


class Queue:
    """Clips in the order in which they are to be given out."""

    __slots__ = (
        "alternating_count",
        "generation",
        "has_seen_all",
        "made_at_s",
        "marks",
        "removals",
        "renewed_from",
        "short_keys",
        "slots",
    )

    def __init__(
        self,
        index: FeedIndex,
        slots: Sequence[int],
        creators: Sequence[int],
        *,
        made_at_s: float,
        has_seen_all: bool = False,
        marks: Marks = UNMARKED,
        renewed_from: int = NEVER,
    ) -> None:
        self.slots = array("i", slots)
        self.short_keys = render_short_keys(index, slots)
        """Three bytes for each slot, as cursors carry them."""
        self.alternating_count = count_alternating(creators)
        """How many at the head stand beside nobody by their own creator."""
        self.removals = index.removals
        self.made_at_s = made_at_s
        self.has_seen_all = has_seen_all
        """Whether these are repeats, because nothing unseen was left."""
        self.marks = marks
        self.renewed_from = renewed_from
        """Once so many were given out, the next queue is to be ranked."""
        self.generation = next(_GENERATIONS)


def count_alternating(creators: Sequence[int], *, before: int = -1) -> int:
    """Count how many come before a creator follows themselves; `before` was shown last."""
    twins = list(map(eq, creators, [before, *creators]))
    return twins.index(True) if True in twins else len(twins)


def render_short_keys(index: FeedIndex, slots: Sequence[int]) -> bytes:
    """Render the low 24 bits of each video's key."""
    low = index.keys[np.asarray(slots, dtype=np.int32)].astype(">u8")
    return low.view(np.uint8).reshape(-1, 8)[:, 8 - KEY_BYTES :].tobytes()
