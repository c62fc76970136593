"""Gathering: which videos are worth ranking for this viewer at all.

From the pools (`pools.py`), the regions nearest to the viewer's taste, and the creators they
follow; on a small platform simply everything.  What the viewer has seen, was just given, made
themselves, or must not meet is left out here, before any ranking.  When that leaves nothing,
the whole index is gone through, and when that leaves nothing, the viewer has seen everything:
the least recently seen come again, and the page says so (`has_seen_all`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import PUBLIC, FeedIndex
from solstice.feed.keys import SEEN_MASK, SHORT_MASK, Slots, sorted_unique
from solstice.feed.pools import Floats, Pools, draw, rank_within
from solstice.feed.ranking import Taste

SMALL: Final = 2000
"""Up to so many public videos everything is a candidate: pools would only lose some."""
NEAREST_CLUSTERS: Final = 4
SAMPLED: Final = 2000
PER_CREATOR_OF_ALL: Final = 128
PER_FOLLOWED: Final = 3
FOLLOWED_MAX: Final = 200
FEW: Final = 8
ENOUGH: Final = 24
"""Fewer candidates than this send us through the whole index."""
ENDINGS: Final = 4096
_ROW: Final = np.uint64(1 << 32)
NO_SLOTS: Slots = np.empty(0, np.int32)
NO_KEYS: NDArray[np.uint32] = np.empty(0, np.uint32)


@dataclass(frozen=True, kw_only=True)
class Exclusions:
    """What this viewer must not be given now."""

    seen: NDArray[np.uint32] = field(default_factory=lambda: NO_KEYS)
    """Low halves of keys, oldest first."""
    given: NDArray[np.uint32] = field(default_factory=lambda: NO_KEYS)
    """Low 24 bits of the keys of what was given out, oldest first."""
    creators: Slots = field(default_factory=lambda: NO_SLOTS)
    """Blocked either way, muted, or the viewer."""
    unwanted: Slots = field(default_factory=lambda: NO_SLOTS)
    """Marked "not interested": not even as a repeat."""


class Ordered(NamedTuple):
    """Numbers of a list in ascending order, and at which place of the list each stands."""

    numbers: NDArray[np.uint32]
    places: NDArray[np.intp]
    has_ending: NDArray[np.bool_]
    """By a number's last bits, whether one of these ends so: nine in ten that are not here do not,
    and to look that up takes a sixth of a search."""


class Shortlist(NamedTuple):
    """Candidates for many viewers, with what is asked of each looked up once."""

    slots: Slots
    creators: Slots
    seen_keys: Ordered
    """Low halves of their keys."""
    short_keys: Ordered
    """Low 24 bits of their keys; each is there once."""
    directions: Floats
    """Where each lies; unit length, or zero."""
    prior: Floats


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Candidates, and whether they are repeats."""

    slots: Slots
    has_seen_all: bool = False


def gather(
    index: FeedIndex,
    pools: Pools,
    *,
    taste: Taste,
    followed: Slots,
    exclusions: Exclusions,
    random: np.random.Generator,
    available: NDArray[np.bool_] | None = None,
    is_whole: bool = False,
) -> Gathered:
    """Gather candidates for one viewer; `available` by slot says which can be had at all.

    `is_whole` asks for the whole index, whatever the pools hold.

    Shape: unique slots in no order; empty only if nothing at all may be shown to this viewer.
    """
    if pools.public_count > SMALL and not is_whole:
        pooled = _from_pools(index, pools, taste, followed, random)
        if available is not None:
            pooled = pooled[available[pooled]]
        found = leave_over(index, pooled, exclusions)
        if len(found) >= ENOUGH:
            return Gathered(slots=found)
    is_public = index.visibility == PUBLIC
    if available is not None:
        is_public &= available
    everything = np.flatnonzero(is_public).astype(np.int32)
    allowed = _allowed(index, everything, exclusions)
    unseen = _left_over(index, allowed, exclusions)
    if len(unseen):
        return Gathered(slots=_sample(index, unseen, random))
    return Gathered(slots=_least_recent(index, allowed, exclusions), has_seen_all=True)


def _from_pools(
    index: FeedIndex,
    pools: Pools,
    taste: Taste,
    followed: Slots,
    random: np.random.Generator,
) -> Slots:
    offset = int(random.integers(1 << 30))
    sources = [
        draw(pools.popular, best=140, more=60, offset=offset),
        draw(pools.fresh, best=60, more=20, offset=offset),
        draw(pools.unproven, best=20, more=60, offset=offset),
    ]
    sources.append(np.arange(pools.slot_count, index.count, dtype=np.int32))
    if taste.confidence and len(pools.clusters):
        nearness = pools.centroids @ taste.direction
        nearest = np.argpartition(nearness, -NEAREST_CLUSTERS)[-NEAREST_CLUSTERS:]
        sources += [
            draw(pools.clusters[cluster], best=50, more=20, offset=offset)
            for cluster in nearest.tolist()
        ]
    elif len(pools.clusters):
        # Somebody new meets a bit of everything, so that the first likes can tell something.
        some = random.integers(0, len(pools.clusters), size=12).tolist()
        sources += [
            draw(pools.clusters[cluster], best=15, more=5, offset=offset) for cluster in some
        ]
    if len(followed):
        some_followed = followed.tolist()
        if len(some_followed) > FOLLOWED_MAX:
            some_followed = random.permutation(followed)[:FOLLOWED_MAX].tolist()
        sources += [pools.of_creator(creator)[:PER_FOLLOWED] for creator in some_followed]
    found = sorted_unique(np.concatenate(sources).astype(np.int32))
    public: Slots = found[index.visibility[found] == PUBLIC]
    return public


def _sample(index: FeedIndex, unseen: Slots, random: np.random.Generator) -> Slots:
    """Take what can be ranked in a few milliseconds: the newest and some of the others.

    No creator has more than a share, or one with very many would hide all the others.
    """
    if len(unseen) <= SAMPLED:
        return unseen
    newness = index.published_ms[unseen]
    unseen = unseen[share_out(index, unseen, newness, per_creator=PER_CREATOR_OF_ALL)]
    if len(unseen) <= SAMPLED:
        return unseen
    newest = np.argpartition(-index.published_ms[unseen], SAMPLED // 2)[: SAMPLED // 2]
    others = random.integers(len(unseen), size=SAMPLED // 2)
    return sorted_unique(np.concatenate([unseen[newest], unseen[others]]))


def share_out(
    index: FeedIndex, slots: Slots, score: NDArray[np.number], *, per_creator: int
) -> NDArray[np.bool_]:
    """Tell which are among the best `per_creator` of their creator."""
    order = np.argsort(-score, kind="stable")
    is_kept = np.empty(len(slots), np.bool_)
    is_kept[order] = rank_within(index.creator[slots[order]]) < per_creator
    return is_kept


def make_shortlist(index: FeedIndex, pools: Pools, slots: Slots) -> Shortlist:
    """Look up what is asked of candidates; of two that look alike in a cursor the first stays."""
    _, first = np.unique(index.keys[slots] & SHORT_MASK, return_index=True)
    slots = slots[np.sort(first)]
    keys = index.keys[slots]
    return Shortlist(
        slots=slots,
        creators=index.creator[slots],
        seen_keys=_put_in_order((keys & SEEN_MASK).astype(np.uint32)),
        short_keys=_put_in_order((keys & SHORT_MASK).astype(np.uint32)),
        directions=(index.vectors[slots] / np.float32(127)).astype(np.float32),
        prior=pools.prior_of(slots),
    )


def may_come(
    index: FeedIndex, listed: Sequence[Shortlist], exclusions: Sequence[Exclusions]
) -> NDArray[np.bool_]:
    """Tell what of these shortlists may be given to their viewers now; for all in one go.

    Shape: one after the other, as `np.concatenate` would put their slots.
    """
    slots = np.concatenate([each.slots for each in listed])
    may: NDArray[np.bool_] = index.visibility[slots] == PUBLIC
    _strike_out(may, [each.seen_keys for each in listed], [each.seen for each in exclusions])
    _strike_out(may, [each.short_keys for each in listed], [each.given for each in exclusions])
    start = 0
    for each, excluded in zip(listed, exclusions, strict=True):
        own = may[start : start + len(each.slots)]
        if len(excluded.creators):
            own &= _differs_from_all(each.creators, excluded.creators)
        if len(excluded.unwanted):
            own &= ~np.isin(each.slots, excluded.unwanted)
        start += len(each.slots)
    return may


def _put_in_order(numbers: NDArray[np.uint32]) -> Ordered:
    places = np.argsort(numbers)
    has_ending = np.zeros(ENDINGS, np.bool_)
    has_ending[numbers & (ENDINGS - 1)] = True
    return Ordered(numbers[places], places, has_ending)


def _strike_out(
    may: NDArray[np.bool_], listed: Sequence[Ordered], known: Sequence[NDArray[np.uint32]]
) -> None:
    """Strike out what of each list, whose numbers differ, is among what is known to its viewer."""
    rows = np.repeat(np.arange(len(known)), [len(each) for each in known])
    if not len(rows):
        return
    asked = np.concatenate(known)
    is_likely = np.stack([each.has_ending for each in listed])[rows, asked & (ENDINGS - 1)]
    # One list for all: a number with its row before it.
    asked = asked[is_likely] + rows[is_likely].astype(np.uint64) * _ROW
    lengths = [len(each.numbers) for each in listed]
    row_of = np.repeat(np.arange(len(listed), dtype=np.uint64), lengths)
    numbers = np.concatenate([each.numbers for each in listed]) + row_of * _ROW
    starts = np.repeat(np.cumsum([0, *lengths[:-1]]), lengths)
    places = np.concatenate([each.places for each in listed]) + starts
    at = numbers.searchsorted(asked)
    at[at == len(numbers)] = 0
    may[places[at[numbers[at] == asked]]] = False


def leave_over(index: FeedIndex, slots: Slots, exclusions: Exclusions) -> Slots:
    """Leave out everything that must not be given now."""
    return _left_over(index, _allowed(index, slots, exclusions), exclusions)


def _allowed(index: FeedIndex, slots: Slots, exclusions: Exclusions) -> Slots:
    if len(exclusions.creators):
        slots = slots[_differs_from_all(index.creator[slots], exclusions.creators)]
    if len(exclusions.unwanted):
        slots = slots[~np.isin(slots, exclusions.unwanted)]
    return slots


def _differs_from_all(creators: Slots, excluded: Slots) -> NDArray[np.bool_]:
    if len(excluded) > FEW:
        return ~np.isin(creators, excluded)
    differs: NDArray[np.bool_] = creators != excluded[0]
    for creator in excluded[1:].tolist():
        differs &= creators != creator
    return differs


def _left_over(index: FeedIndex, slots: Slots, exclusions: Exclusions) -> Slots:
    """Leave out what was seen and what was given."""
    keys = index.keys[slots]
    kept = _absent((keys & SEEN_MASK).astype(np.uint32), exclusions.seen)
    kept &= _absent((keys & SHORT_MASK).astype(np.uint32), exclusions.given)
    return slots[kept]


def _absent(wanted: NDArray[np.uint32], known: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell which of `wanted` are not in `known`; half the time of numpy's isin."""
    if not len(known):
        return np.ones(len(wanted), np.bool_)
    ordered = np.sort(known)
    places = np.searchsorted(ordered, wanted)
    places[places == len(ordered)] = 0
    absent: NDArray[np.bool_] = ordered[places] != wanted
    return absent


def _least_recent(index: FeedIndex, allowed: Slots, exclusions: Exclusions) -> Slots:
    """Order what is allowed: what was given longest ago first, then what was seen longest ago.

    Shape: the first half; the rest is too fresh in mind.
    """
    keys = index.keys[allowed]
    last_given = _last_places((keys & SHORT_MASK).astype(np.uint32), exclusions.given)
    last_seen = _last_places((keys & SEEN_MASK).astype(np.uint32), exclusions.seen)
    order = np.lexsort((last_seen, last_given))
    return allowed[order][: (len(allowed) + 1) // 2]


def _last_places(wanted: NDArray[np.uint32], known: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Tell where in `known` each was last; -1 for never."""
    places = {key: place for place, key in enumerate(known.tolist())}
    return np.array([places.get(key, -1) for key in wanted.tolist()], dtype=np.int64)
