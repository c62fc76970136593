"""Composition: a ranking becomes a queue.  Gather, score, mix in the unproven, arrange.

A third of a millisecond for one of 10⁵ videos; done once for sixteen pages or when taste moved.
"""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solstice.feed.arrangement import arrange
from solstice.feed.candidates import NO_KEYS, NO_SLOTS, Exclusions, Gathered, gather
from solstice.feed.keys import SHORT_MASK, Slots
from solstice.feed.marks import Marks, marked_among
from solstice.feed.memory import Memory
from solstice.feed.pools import UNPROVEN_SHOWN, Floats
from solstice.feed.queues import Queue
from solstice.feed.ranking import NOISE, Taste, learn_taste, score
from solstice.feed.records import NOTHING
from solstice.feed.viewer_state import ViewerState

QUEUE_LENGTH: Final = 256
FIRST_QUEUE_LENGTH: Final = 32
"""For a viewer whose state was just read: four pages, ranked in half the time."""
EXPLORED_EVERY: Final = 7
"""One clip in seven is one that has hardly been shown to anybody."""
SERVED_FORGOTTEN_S: Final = 1800.0
"""What was given out and not seen within half an hour may come again."""


class Way(NamedTuple):
    """How a queue is to be composed."""

    only_cached: bool = False
    """Whether only clips whose card is here will do: the database is away."""
    is_first: bool = False
    """Whether somebody waits whose state was just read."""


def compose_personal(
    memory: Memory,
    state: ViewerState,
    *,
    given: NDArray[np.uint32],
    before: int = -1,
    only_cached: bool = False,
) -> Queue:
    """Rank anew for a signed-in viewer; `given` is what the cursor says was given out."""
    index = memory.index
    way = Way(only_cached=only_cached, is_first=not state.was_ranked)
    state.was_ranked = True
    state.merge()
    followed = index.find_creators(state.followed_keys)
    taste = learn_taste(
        index,
        records=state.records,
        liked=state.liked[: state.teaching_like_count],
        followed=followed,
    )
    hard = Exclusions(
        seen=state.seen,
        given=given,
        creators=index.find_creators(state.excluded_creators()),
        unwanted=index.find_slots(state.unwanted_keys()),
    )
    soft = replace(hard, given=np.concatenate([_served(memory, state), given]))
    gathered = _gather(memory, taste, followed, soft, way)
    if gathered.has_seen_all and len(soft.given) > len(given):
        gathered = _gather(memory, taste, followed, hard, way)
    slots = _order(memory, gathered, taste, way, before=before)
    chosen = np.array(slots, dtype=np.int32)
    state.signals_since_ranking = 0
    state.seen_since_ranking.clear()
    state.position = 0
    state.queue = Queue(
        index,
        slots,
        made_at_s=memory.now_s(),
        has_seen_all=gathered.has_seen_all,
        marks=Marks(
            liked=marked_among(index, slots, state.liked),
            bookmarked=marked_among(index, slots, state.bookmarked),
            followed=_by_followed(slots, index.creator[chosen].tolist(), followed),
        ),
        before=before,
    )
    return state.queue


def compose_shared(
    memory: Memory,
    *,
    given: NDArray[np.uint32] = NO_KEYS,
    before: int = -1,
    only_cached: bool = False,
) -> Queue:
    """Rank for somebody of whom nothing is known."""
    taste = learn_taste(
        memory.index, records=NOTHING, liked=np.empty(0, np.uint64), followed=NO_SLOTS
    )
    exclusions = Exclusions(given=given)
    way = Way(only_cached=only_cached)
    gathered = _gather(memory, taste, NO_SLOTS, exclusions, way)
    slots = _order(memory, gathered, taste, way, before=before)
    return Queue(
        memory.index,
        slots,
        made_at_s=memory.now_s(),
        has_seen_all=gathered.has_seen_all,
        before=before,
    )


def _by_followed(slots: list[int], creators: list[int], followed: Slots) -> frozenset[int]:
    wanted = set(followed.tolist())
    return frozenset(
        slot for slot, creator in zip(slots, creators, strict=True) if creator in wanted
    )


def _gather(
    memory: Memory, taste: Taste, followed: Slots, exclusions: Exclusions, way: Way
) -> Gathered:
    return gather(
        memory.index,
        memory.pools,
        taste=taste,
        followed=followed,
        exclusions=exclusions,
        random=memory.random,
        available=memory.cards.available() if way.only_cached else None,
        is_first=way.is_first,
    )


def _order(memory: Memory, gathered: Gathered, taste: Taste, way: Way, *, before: int) -> list[int]:
    index, slots = memory.index, gathered.slots
    length = FIRST_QUEUE_LENGTH if way.is_first else QUEUE_LENGTH
    if not gathered.has_seen_all and len(slots):
        scores = score(index, taste, slots, memory.pools.prior_of(slots))
        scores += memory.random.standard_normal(len(slots), dtype=np.float32) * np.float32(NOISE)
        slots = _mix(memory, slots, scores, length)
    return arrange(slots.tolist(), index.creator[slots].tolist(), length=length, before=before)


def _mix(memory: Memory, slots: Slots, scores: Floats, length: int) -> Slots:
    """Put the candidates in order, with an unproven one at every EXPLORED_EVERYth place.

    Shape: best first; half as many again as a queue holds, which arranging seldom exhausts.
    """
    wanted = length + length // 2
    if len(slots) <= wanted:
        return slots[np.argsort(-scores, kind="stable")]
    best = np.argpartition(scores, -wanted)[-wanted:]
    best = best[np.argsort(-scores[best], kind="stable")]
    unproven = np.flatnonzero(memory.index.column("impressions")[slots] < UNPROVEN_SHOWN)
    explored = memory.random.permutation(unproven)[: length // EXPLORED_EVERY]
    is_explored = np.zeros(len(slots), np.bool_)
    is_explored[explored] = True
    best = best[~is_explored[best]]
    places = np.arange(1, len(explored) + 1) * (EXPLORED_EVERY - 1) - 2
    return slots[np.insert(best, places, explored)]


def _served(memory: Memory, state: ViewerState) -> NDArray[np.uint32]:
    """Tell the short keys of what this server gave the viewer within half an hour."""
    oldest = memory.now_s() - SERVED_FORGOTTEN_S
    state.served = {slot: at_s for slot, at_s in state.served.items() if at_s > oldest}
    slots = np.fromiter(state.served, dtype=np.int32, count=len(state.served))
    return (memory.index.keys[slots] & SHORT_MASK).astype(np.uint32)
