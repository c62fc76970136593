"""Composition: a ranking becomes a queue.  Gather, score, mix in the unproven, arrange.

Most of a millisecond for one of 10⁵ videos; done once for 32 pages or when taste moved.
"""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solstice.feed.arrangement import arrange
from solstice.feed.candidates import (
    NO_KEYS,
    NO_SLOTS,
    SMALL,
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
from solstice.feed.queues import Queue, count_alternating
from solstice.feed.ranking import (
    NO_TASTE,
    NOISE,
    TASTE_WEIGHT,
    Taste,
    learn_direction,
    learn_taste,
    score,
)
from solstice.feed.viewer_state import ViewerState

QUEUE_LENGTH: Final = 256
FIRST_QUEUE_LENGTH: Final = 16
"""For a viewer whose state was just read: two pages, in a third of the time (0078)."""
COHORT_QUEUE_LENGTH: Final = 64
EXPLORED_EVERY: Final = 7
"""One clip in seven is one that has hardly been shown to anybody."""
SERVED_FORGOTTEN_S: Final = 1800.0
"""What was given out and not seen within half an hour may come again."""


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
    hard = _exclusions(memory, state, given)
    soft = replace(hard, given=np.concatenate([_served(memory, state), given]))
    slots, has_seen_all = _rank(memory, taste, followed, soft, way, before=before)
    if has_seen_all and len(soft.given) > len(given):
        slots, has_seen_all = _rank(memory, taste, followed, hard, way, before=before)
    state.signals_since_ranking = 0
    return _hand_over(memory, state, slots, followed, has_seen_all=has_seen_all)


def compose_first(
    memory: Memory, state: ViewerState, *, given: NDArray[np.uint32], before: int = -1
) -> Queue | None:
    """Compose two pages for somebody who waits, their state just read.

    Out of what the ranking of their cohort holds, ordered by their own taste; creators, hashtags
    and whom they follow count from the next queue on.

    Shape: FIRST_QUEUE_LENGTH clips, no creator twice in a row; None where that is not to be had,
    and on a small platform, where everything is ranked at once.
    """
    state.was_ranked = True
    if memory.pools.public_count <= SMALL:
        return None
    index = memory.index
    state.merge()
    taste = learn_direction(
        index, records=state.records, liked=state.liked[: state.teaching_like_count]
    )
    state.direction = taste.direction
    listed, may = _list_of_cohort(memory, state, taste.direction, given)
    noise = memory.random.standard_normal(len(may), dtype=np.float32) * np.float32(NOISE)
    scores = listed.prior + noise
    scores += listed.directions @ (taste.direction * np.float32(TASTE_WEIGHT * taste.confidence))
    order = np.argsort(-scores)
    best = order[may[order]][: 4 * FIRST_QUEUE_LENGTH]
    slots = arrange(
        listed.slots[best].tolist(),
        listed.creators[best].tolist(),
        length=FIRST_QUEUE_LENGTH,
        before=before,
    )
    if count_alternating(index, slots, before=before) < FIRST_QUEUE_LENGTH:
        return None
    state.signals_since_ranking = 0
    return _hand_over(memory, state, slots, index.find_creators(state.followed_keys))


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
    listed, may = _list_of_cohort(memory, state, direction, given)
    slots = arrange(
        listed.slots[may].tolist(),
        listed.creators[may].tolist(),
        length=COHORT_QUEUE_LENGTH,
        before=before,
    )
    slots = slots[: count_alternating(index, slots, before=before)]
    return _hand_over(memory, state, slots, followed, is_of_cohort=True)


def _list_of_cohort(
    memory: Memory, state: ViewerState, direction: Floats, given: NDArray[np.uint32]
) -> tuple[Shortlist, NDArray[np.bool_]]:
    """List the ranking of a viewer's cohort, and which of it may come for this viewer now."""
    centroids = memory.pools.centroids
    cohort = cohort_of(centroids, direction)
    listed = memory.cohorts.pick(
        cohort, centroids, lambda: _rank_cohort(memory, cohort), now_s=memory.now_s()
    )
    given = np.concatenate([_served(memory, state), given])
    return listed, may_come(memory.index, listed, _exclusions(memory, state, given))


def compose_shared(
    memory: Memory,
    *,
    given: NDArray[np.uint32] = NO_KEYS,
    before: int = -1,
    only_cached: bool = False,
) -> Queue:
    """Rank for somebody of whom nothing is known."""
    slots, has_seen_all = _rank(
        memory,
        NO_TASTE,
        NO_SLOTS,
        Exclusions(given=given),
        Way(only_cached=only_cached),
        before=before,
    )
    return Queue(memory.index, slots, made_at_s=memory.now_s(), has_seen_all=has_seen_all)


def _learn(memory: Memory, state: ViewerState, followed: Slots) -> Taste:
    taste = learn_taste(
        memory.index,
        records=state.records,
        liked=state.liked[: state.teaching_like_count],
        followed=followed,
    )
    state.direction = taste.direction
    return taste


def _exclusions(memory: Memory, state: ViewerState, given: NDArray[np.uint32]) -> Exclusions:
    index = memory.index
    just_seen = np.fromiter(state.unmerged_seen, dtype=np.uint32)
    return Exclusions(
        seen=np.concatenate([state.seen, just_seen]) if len(just_seen) else state.seen,
        given=given,
        creators=index.find_creators(state.excluded_creators()),
        unwanted=index.find_slots(state.unwanted_keys()),
    )


def _hand_over(
    memory: Memory,
    state: ViewerState,
    slots: list[int],
    followed: Slots,
    *,
    has_seen_all: bool = False,
    is_of_cohort: bool = False,
) -> Queue:
    """Make the queue and let it be the viewer's."""
    index = memory.index
    creators = index.creator[np.array(slots, dtype=np.int32)].tolist()
    state.seen_since_ranking.clear()
    state.position = 0
    state.queue = Queue(
        index,
        slots,
        made_at_s=memory.now_s(),
        has_seen_all=has_seen_all,
        is_of_cohort=is_of_cohort,
        marks=Marks(
            liked=marked_among(index, slots, state.liked),
            bookmarked=marked_among(index, slots, state.bookmarked),
            followed=_by_followed(slots, creators, followed),
        ),
    )
    return state.queue


def _by_followed(slots: list[int], creators: list[int], followed: Slots) -> frozenset[int]:
    wanted = set(followed.tolist())
    return frozenset(
        slot for slot, creator in zip(slots, creators, strict=True) if creator in wanted
    )


def _rank_cohort(memory: Memory, cohort: int) -> Shortlist:
    """Rank for a region of taste: for somebody who likes just that, and has seen nothing."""
    taste = NO_TASTE
    if cohort != NO_COHORT:
        taste = replace(NO_TASTE, direction=memory.pools.centroids[cohort], confidence=1.0)
    slots, _ = _rank(memory, taste, NO_SLOTS, Exclusions(), Way())
    return make_shortlist(memory.index, memory.pools, np.array(slots, dtype=np.int32))


def _rank(
    memory: Memory,
    taste: Taste,
    followed: Slots,
    exclusions: Exclusions,
    way: Way,
    *,
    before: int = -1,
) -> tuple[list[int], bool]:
    """Gather, order, arrange; tells also whether these are repeats.

    When a creator would follow themselves, the pools or the cut may have lost those who could
    stand between, so everything is gone through once more with a share for every creator.
    """
    slots, has_seen_all = _rank_once(memory, taste, followed, exclusions, way, before=before)
    is_alternating = count_alternating(memory.index, slots, before=before) == len(slots)
    if is_alternating or has_seen_all:
        return slots, has_seen_all
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
) -> tuple[list[int], bool]:
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
    arranged = arrange(
        slots.tolist(), index.creator[slots].tolist(), length=QUEUE_LENGTH, before=before
    )
    return arranged, gathered.has_seen_all


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
