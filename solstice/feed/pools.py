"""Pools: for whom-ever it is, these are worth ranking.  Made every few seconds in a thread.

Scoring every video for every page would cost milliseconds; a viewer's page is made from about
a thousand candidates out of these sources (Covington et al., "Deep Neural Networks for YouTube
Recommendations", RecSys 2016, section 2: gather, then rank):

    popular      the best by prior, whatever their age
    fresh        the newest
    unproven     young and hardly shown: what nobody is shown can never prove itself
    by cluster   the best of each region of the space of taste
    by creator   everything of one creator, newest first

No pool holds more than PER_CREATOR of one creator, or one busy creator would be the feed.

The *prior* is what is known of a video without knowing the viewer, in log-odds:
`logit((long + k·m) / (shown + k))` with the platform's mean m (a Beta prior of k = 30
impressions), plus engagement, plus freshness 0.7·2^(-age / 3 days), plus an upper-confidence
bonus 1/√(shown + 4) for videos younger than 14 days (Auer et al., UCB1, Machine Learning 47,
2002, with the logarithm held constant).  The weights are docs/decisions/0072.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import COUNTS, PUBLIC, FeedIndex
from solstice.feed.keys import Slots, unique_in_order
from solstice.feed.regions import Regions, divide
from solstice.kit.pace import Rest, go_on

Floats = NDArray[np.float32]

POPULAR: Final = 1200
FRESH: Final = 400
UNPROVEN: Final = 400
PER_CLUSTER: Final = 400
PER_CREATOR: Final = 6

PRIOR_STRENGTH: Final = 30.0
MEAN_LONG_WATCH: Final = 0.3
"""Where nothing is known yet: KuaiRand's base rate is 0.31."""
FRESH_WEIGHT: Final = 0.7
FRESH_HALF_LIFE_MS: Final = 3 * 86_400_000
NEWCOMER_PRIOR: Final = -0.85 + FRESH_WEIGHT + 0.5
"""What `score_prior` gives a video nobody was shown yet."""
UNPROVEN_AGE_MS: Final = 14 * 86_400_000
UNPROVEN_SHOWN: Final = 40
_MOMENTS: Final = 1 << 42
"""Milliseconds until the year 2109; leaves room for two million creators in 63 bits."""
_ENGAGEMENT: Final = np.array([1.0, 1.5, 0.0, 1.0, 2.0], np.float32)
"""Weights of likes, comments, (views), bookmarks and shares for each impression."""


def draw(pool: Slots, *, best: int, more: int, offset: int) -> Slots:
    """Take the best of a pool and a few of the rest, so that nobody ever empties it."""
    rest = len(pool) - best
    if rest <= more:
        return pool
    start = best + offset % (rest - more + 1)
    return np.concatenate([pool[:best], pool[start : start + more]])


@dataclass(frozen=True, kw_only=True)
class Pools:
    """Candidates by source; slots, best first."""

    slot_count: int
    """Slots younger than this are in no pool yet; `Memory` adds them as fresh."""
    public_count: int
    prior: Floats
    """By slot."""
    popular: Slots
    fresh: Slots
    unproven: Slots
    regions: Regions
    centroids: Floats
    clusters: list[Slots]
    creator_starts: NDArray[np.int64]
    """`by_creator[creator_starts[c] : creator_starts[c + 1]]` are the creator's videos."""
    by_creator: Slots
    by_worth: Slots
    """Every public video, first what feeds want most, then the newest: whose cards to have."""

    def prior_of(self, slots: Slots) -> Floats:
        """Return the priors of these slots; newcomers since the pooling get the best start."""
        if not len(self.prior):
            return np.zeros(len(slots), np.float32)
        newest = self.slot_count
        prior = self.prior[np.minimum(slots, newest - 1)]
        prior[slots >= newest] = NEWCOMER_PRIOR
        return prior

    def of_creator(self, creator: int) -> Slots:
        """Return a creator's videos for feeds, newest first."""
        if creator + 1 >= len(self.creator_starts):
            return self.by_creator[:0]
        return self.by_creator[self.creator_starts[creator] : self.creator_starts[creator + 1]]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Copies of what pooling reads, so that it stays the same from step to step."""

    creator_count: int
    visibility: NDArray[np.uint8]
    creator: Slots
    published_ms: NDArray[np.int64]
    impressions: NDArray[np.int32]
    long_watches: NDArray[np.int32]
    counts: NDArray[np.int64]
    vectors: NDArray[np.int8]


def copy_columns(index: FeedIndex, *, count: int) -> Columns:
    """Copy what pooling needs of the first `count` slots; 12 MB and 3 ms for 10⁵ videos.

    A thread may do it, if the count was taken on the loop: what lies below is complete.
    """
    return Columns(
        visibility=index.visibility[:count].copy(),
        creator=index.creator[:count].copy(),
        published_ms=index.published_ms[:count].copy(),
        impressions=index.column("impressions")[:count].copy(),
        long_watches=index.column("long_watches")[:count].copy(),
        counts=index.counts[:count].copy(),
        vectors=index.vectors[:count].copy(),
        creator_count=len(index.creator_ids),
    )


def make_pools(
    columns: Columns, *, now_ms: int, known: Regions | None = None, rest: Rest = go_on
) -> Pools:
    """Pool candidates from the whole index, in steps of at most 3 ms for 10⁵ videos."""
    prior = score_prior(columns, now_ms=now_ms)
    rest()
    public = np.flatnonzero(columns.visibility == PUBLIC).astype(np.int32)
    age_ms = now_ms - columns.published_ms[public]
    is_unproven = (columns.impressions[public] < UNPROVEN_SHOWN) & (age_ms < UNPROVEN_AGE_MS)
    unproven = public[is_unproven]
    rest()
    regions = divide(columns.vectors, known, rest)
    rest()
    starts, by_creator = _sort_by_creator(columns)
    rest()
    clusters = _best_of_regions(columns, public, prior, regions, rest)
    popular = _best(public, prior[public], columns.creator, POPULAR)
    fresh = _best(public, -age_ms.astype(np.float64), columns.creator, FRESH)
    unproven = _best(unproven, prior[unproven], columns.creator, UNPROVEN)
    rest()
    newest = public[np.argsort(age_ms)]
    return Pools(
        slot_count=len(columns.visibility),
        public_count=len(public),
        prior=prior,
        popular=popular,
        fresh=fresh,
        unproven=unproven,
        regions=regions,
        centroids=regions.centroids,
        clusters=clusters,
        creator_starts=starts,
        by_creator=by_creator,
        by_worth=unique_in_order(np.concatenate([popular, fresh, unproven, *clusters, newest])),
    )


def score_prior(columns: Columns, *, now_ms: int) -> Floats:
    """Score every video without knowing the viewer, in log-odds."""
    shown = columns.impressions.astype(np.float32)
    total = float(shown.sum())
    mean = (float(columns.long_watches.sum()) + 30.0 * MEAN_LONG_WATCH) / (total + 30.0)
    rate = (columns.long_watches + PRIOR_STRENGTH * mean) / (shown + PRIOR_STRENGTH)
    rate = np.clip(rate, 0.01, 0.99)
    acts = columns.counts.astype(np.float32) @ _ENGAGEMENT.reshape(COUNTS, 1)
    # Views bound the impressions from below where beacons were lost.
    base = np.maximum(shown, columns.counts[:, 2]) + PRIOR_STRENGTH
    engagement = np.minimum(acts[:, 0] / base, 1.0)
    age_ms = np.maximum(now_ms - columns.published_ms, 0)
    fresh = FRESH_WEIGHT * np.exp2(-age_ms / FRESH_HALF_LIFE_MS)
    unproven = np.where(age_ms < UNPROVEN_AGE_MS, 1.0 / np.sqrt(shown + 4.0), 0.0)
    prior: Floats = (np.log(rate / (1 - rate)) + engagement + fresh + unproven).astype(np.float32)
    return prior


def _best(slots: Slots, score: NDArray[np.floating], creator: Slots, length: int) -> Slots:
    """Take the best, at most PER_CREATOR of one creator."""
    if len(slots) > length * 4:
        cut = np.argpartition(score, -length * 4)[-length * 4 :]
        slots, score = slots[cut], score[cut]
    order = np.argsort(-score, kind="stable")
    slots = slots[order]
    return slots[rank_within(creator[slots]) < PER_CREATOR][:length]


def rank_within(groups: Slots) -> NDArray[np.int64]:
    """Tell for each element how many of its group come before it."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else order
    sizes = np.diff(np.r_[starts, len(ordered)])
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(ordered)) - np.repeat(starts, sizes)
    return ranks


def _best_of_regions(
    columns: Columns, public: Slots, prior: Floats, regions: Regions, rest: Rest
) -> list[Slots]:
    """Take the best of each region."""
    # Sixteen bits: numpy sorts them by radix, in an eighth of the time.
    homes = regions.home[public]
    order = np.argsort(homes, kind="stable")
    bounds = np.searchsorted(homes[order], np.arange(regions.count + 1))
    clusters = []
    for region in range(regions.count):
        members = public[order[bounds[region] : bounds[region + 1]]]
        clusters.append(_best(members, prior[members], columns.creator, PER_CLUSTER))
        rest()
    return clusters


def _sort_by_creator(columns: Columns) -> tuple[NDArray[np.int64], Slots]:
    """Sort all shown videos by creator, each creator's newest first."""
    shown = np.flatnonzero(columns.visibility).astype(np.int32)
    # One number for both, sorted in a tenth of the time two keys take.
    order = np.argsort(
        columns.creator[shown].astype(np.int64) * _MOMENTS - columns.published_ms[shown]
    )
    by_creator = shown[order]
    starts = np.searchsorted(
        columns.creator[by_creator], np.arange(columns.creator_count + 1)
    ).astype(np.int64)
    return starts, by_creator
