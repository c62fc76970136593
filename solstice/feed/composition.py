"""Composition: a ranking becomes a queue.  Gather, score, mix in the unproven, arrange.

Most of a millisecond for one of 10⁵ videos; done once for 30 pages or when taste moved.
"""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solstice.feed.arrangement import arrange
from solstice.feed.candidates import (
    NO_KEYS,
    NO_SLOTS,
    Exclusions,
    Shortlist,
    gather,
    make_shortlist,
    may_come,
    share_out,
)
from solstice.feed.cohorts import NO_COHORT, cohort_of
from solstice.feed.keys import SHORT_MASK, Slots
from solstice.feed.marks import Marks, marked_among
from solstice.feed.memory import Memory
from solstice.feed.pools import UNPROVEN_SHOWN, Floats
from solstice.feed.queues import NEVER, Queue, count_alternating
from solstice.feed.ranking import (
    NO_TASTE,
    NOISE,
    Taste,
    learn_taste,
    score,
)
from solstice.feed.viewer_state import ViewerState

QUEUE_LENGTH: Final = 320
RENEWED_AFTER: Final = (0.6, 0.9)
"""Which share of a queue is given out before its successor is ranked: 24 to 36 of 40 pages."""
COHORT_QUEUE_LENGTH: Final = 64
EXPLORED_EVERY: Final = 7
"""One clip in seven is one that has hardly been shown to anybody."""
SERVED_FORGOTTEN_S: Final = 1800.0
"""What was given out and not seen within half an hour may come again."""


class Ranked(NamedTuple):
    """Clips in the order in which they are to come."""

    slots: "array[int]"
    """C integers, as numpy takes them over without looking at each."""
    creators: list[int]
    """Whose each is."""
    has_seen_all: bool = False
    """Whether these are repeats."""


class Way(NamedTuple):
    """How a queue is to be composed."""

    only_cached: bool = False
    """Whether only clips whose card is here will do: the database is away."""
    is_whole: bool = False
    """Whether to go through the whole index, and to keep enough of every creator."""


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
    way = Way(only_cached=only_cached)
    state.merge()
    followed = index.find_creators(state.followed_keys)
    taste = _learn(memory, state, followed)
    soft = exclude(memory, state, given)
    hard = replace(soft, given=given)
    ranked = _rank(memory, taste, followed, soft, way, before=before)
    if ranked.has_seen_all and len(soft.given) > len(given):
        ranked = _rank(memory, taste, followed, hard, way, before=before)
    state.signals_since_ranking = 0
    # Viewers who came together do not come to their next ranking together.
    share = memory.random.uniform(*RENEWED_AFTER)
    renewed_from = int(share * len(ranked.slots))
    return hand_over(memory, state, ranked, followed, renewed_from=renewed_from)


def compose_of_cohort(
    memory: Memory, state: ViewerState, *, given: NDArray[np.uint32], before: int = -1
) -> Queue:
    """Cut a queue from the ranking of the viewer's cohort: a sixth of the cost.

    Shape: no creator twice in a row; shorter than asked for, even empty, for somebody who has
    seen most of what the cohort sees.
    """
    index = memory.index
    followed = index.find_creators(state.followed_keys)
    direction = state.direction
    if direction is None:
        direction = _learn(memory, state, followed).direction
    listed = list_of_cohort(memory, direction)
    may = may_come(index, [listed], [exclude(memory, state, given)])
    slots = array(
        "i",
        arrange(
            listed.slots[may].tolist(),
            listed.creators[may].tolist(),
            length=COHORT_QUEUE_LENGTH,
            before=before,
        ),
    )
    creators = index.creators_of(slots)
    length = count_alternating(creators, before=before)
    ranked = Ranked(slots[:length], creators[:length])
    return hand_over(memory, state, ranked, followed, renewed_from=0)


def list_of_cohort(memory: Memory, direction: Floats) -> Shortlist:
    """List the ranking of the cohort of those whose taste points there."""
    centroids = memory.pools.centroids
    cohort = cohort_of(centroids, direction)
    return memory.cohorts.pick(
        cohort, centroids, lambda: _rank_cohort(memory, cohort), now_s=memory.now_s()
    )


def compose_shared(
    memory: Memory,
    *,
    given: NDArray[np.uint32] = NO_KEYS,
    before: int = -1,
    only_cached: bool = False,
) -> Queue:
    """Rank for somebody of whom nothing is known."""
    slots, creators, has_seen_all = _rank(
        memory,
        NO_TASTE,
        NO_SLOTS,
        Exclusions(given=given),
        Way(only_cached=only_cached),
        before=before,
    )
    return Queue(memory.index, slots, creators, made_at_s=memory.now_s(), has_seen_all=has_seen_all)


def _learn(memory: Memory, state: ViewerState, followed: Slots) -> Taste:
    taste = learn_taste(
        memory.index,
        records=state.records,
        liked=state.liked[: state.teaching_like_count],
        followed=followed,
    )
    state.direction = taste.direction
    return taste


def exclude(memory: Memory, state: ViewerState, given: NDArray[np.uint32]) -> Exclusions:
    """Tell what a viewer must not be given now, what they were given here lately among it."""
    index = memory.index
    just_seen = np.fromiter(state.unmerged_seen, dtype=np.uint32)
    return Exclusions(
        seen=np.concatenate([state.seen, just_seen]) if len(just_seen) else state.seen,
        given=np.concatenate([_served(memory, state), given]) if state.served else given,
        creators=index.find_creators(state.excluded_creators()),
        unwanted=index.find_slots(state.unwanted_keys()),
    )


def hand_over(
    memory: Memory,
    state: ViewerState,
    ranked: Ranked,
    followed: Slots,
    *,
    renewed_from: int = NEVER,
) -> Queue:
    """Make the queue and let it be the viewer's."""
    index, (slots, creators, has_seen_all) = memory.index, ranked
    state.seen_since_ranking.clear()
    state.position = 0
    state.queue = Queue(
        index,
        slots,
        creators,
        made_at_s=memory.now_s(),
        has_seen_all=has_seen_all,
        renewed_from=NEVER if has_seen_all else renewed_from,
        marks=Marks(
            liked=marked_among(index, slots, state.liked),
            bookmarked=marked_among(index, slots, state.bookmarked),
            followed=_by_followed(slots, creators, followed),
        ),
    )
    return state.queue


def _by_followed(slots: Sequence[int], creators: list[int], followed: Slots) -> frozenset[int]:
    wanted = set(followed.tolist())
    return frozenset(
        slot for slot, creator in zip(slots, creators, strict=True) if creator in wanted
    )


def _rank_cohort(memory: Memory, cohort: int) -> Shortlist:
    """Rank for a region of taste: for somebody who likes just that, and has seen nothing."""
    taste = NO_TASTE
    if cohort != NO_COHORT:
        taste = replace(NO_TASTE, direction=memory.pools.centroids[cohort], confidence=1.0)
    ranked = _rank(memory, taste, NO_SLOTS, Exclusions(), Way())
    return make_shortlist(memory.index, memory.pools, np.array(ranked.slots, dtype=np.int32))


def _rank(
    memory: Memory,
    taste: Taste,
    followed: Slots,
    exclusions: Exclusions,
    way: Way,
    *,
    before: int = -1,
) -> Ranked:
    """Gather, order, arrange.

    When a creator would follow themselves, the pools or the cut may have lost those who could
    stand between, so everything is gone through once more with a share for every creator.
    """
    ranked = _rank_once(memory, taste, followed, exclusions, way, before=before)
    alternating_count = count_alternating(ranked.creators, before=before)
    if alternating_count == len(ranked.slots) or ranked.has_seen_all:
        return ranked
    way = way._replace(is_whole=True)
    return _rank_once(memory, taste, followed, exclusions, way, before=before)


def _rank_once(
    memory: Memory,
    taste: Taste,
    followed: Slots,
    exclusions: Exclusions,
    way: Way,
    *,
    before: int,
) -> Ranked:
    index = memory.index
    gathered = gather(
        index,
        memory.pools,
        taste=taste,
        followed=followed,
        exclusions=exclusions,
        random=memory.random,
        available=memory.cards.available() if way.only_cached else None,
        is_whole=way.is_whole,
    )
    slots = gathered.slots
    if not gathered.has_seen_all and len(slots):
        scores = score(index, taste, slots, memory.pools.prior_of(slots))
        scores += memory.random.standard_normal(len(slots), dtype=np.float32) * np.float32(NOISE)
        if way.is_whole:
            is_kept = share_out(index, slots, scores, per_creator=QUEUE_LENGTH // 2)
            slots, scores = slots[is_kept], scores[is_kept]
        slots = _mix(memory, slots, scores, QUEUE_LENGTH)
    arranged = array(
        "i",
        arrange(slots.tolist(), index.creator[slots].tolist(), length=QUEUE_LENGTH, before=before),
    )
    return Ranked(arranged, index.creators_of(arranged), gathered.has_seen_all)


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
