"""Ranking: who is this viewer, and which of these candidates would they watch for long?

Taste is the decayed mean of the places of what was watched long or liked, less what was
skipped, in the space of co-watching (`embedding.py`); affinities to creators and hashtags are
sums over the same acts.  A score adds them to the prior, in log-odds.  `bench/ranking.py`
measures each part on real logs; weights and figures are in docs/decisions/0072.

Pure: arrays in, arrays out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import DIMENSIONS, FeedIndex
from solstice.feed.keys import Keys, Slots, sorted_unique
from solstice.feed.pools import Floats
from solstice.feed.records import (
    HALF_WATCH,
    LONG_WATCH,
    NOT_INTERESTED,
    SKIP,
    VIEW,
    WATCH,
    Packed,
)

TASTE_WEIGHT: Final = 0.6
CREATOR_WEIGHT: Final = 0.5
TAG_WEIGHT: Final = 0.35
FOLLOWED_BONUS: Final = 0.6
NOISE: Final = 0.15
"""Two openings of the app should not begin alike."""
LIKE_SIGNAL: Final = 1.5
LONG_WATCH_SIGNAL: Final = 1.0
HALF_WATCH_SIGNAL: Final = 0.2
BRIEF_WATCH_SIGNAL: Final = -0.3
SKIP_SIGNAL: Final = -0.4
NOT_INTERESTED_SIGNAL: Final = -3.0
DECAY: Final = 0.985
"""For each act since: half the weight after 46."""
TEACHING_MAX: Final = 200
_FULL_TASTE: Final = 3.0
"""After three clear signals taste counts fully; before, in proportion."""


@dataclass(frozen=True, kw_only=True)
class Taste:
    """What a viewer's acts say they like."""

    direction: Floats
    """Unit length, or zero."""
    confidence: float
    creators: NDArray[np.integer]
    """Sorted numbers of creators with an affinity."""
    creator_affinity: Floats
    tags: NDArray[np.integer]
    """Sorted."""
    tag_affinity: Floats


def signal_of(records: Packed) -> Floats:
    """Tell how much each record speaks for (or against) its video."""
    kind, value = records["kind"], records["value"].astype(np.float32)
    watched = np.where(
        value >= LONG_WATCH,
        LONG_WATCH_SIGNAL,
        np.where(value >= HALF_WATCH, HALF_WATCH_SIGNAL, BRIEF_WATCH_SIGNAL),
    )
    signal: Floats = np.select(
        [(kind == WATCH) | (kind == VIEW), kind == SKIP, kind == NOT_INTERESTED],
        [watched, SKIP_SIGNAL, NOT_INTERESTED_SIGNAL],
        0.0,
    ).astype(np.float32)
    return signal


def learn_taste(index: FeedIndex, *, records: Packed, liked: Keys) -> Taste:
    """Learn a viewer's taste; `records` oldest first, `liked` newest first."""
    taught = records[-TEACHING_MAX:]
    liked = liked[:TEACHING_MAX]
    slots = index.find_slots(np.concatenate([taught["key"].astype(np.uint64), liked]))
    signals = np.concatenate(
        [
            signal_of(taught) * DECAY ** np.arange(len(taught) - 1, -1, -1),
            np.float32(LIKE_SIGNAL) * DECAY ** np.arange(len(liked)),
        ]
    ).astype(np.float32)
    known = (slots >= 0) & (signals != 0)
    return taste_from(index, slots=slots[known], signals=signals[known])


def taste_from(index: FeedIndex, *, slots: Slots, signals: Floats) -> Taste:
    """Sum signals up into a direction and affinities."""
    direction = signals @ index.vectors[slots].astype(np.float32) / 127
    norm = float(np.linalg.norm(direction))
    if norm > 0:
        direction = direction / norm
    creators, creator_sums = _sum_by(index.creator[slots], signals)
    tags = index.tags[slots]
    tag_keys, tag_sums = _sum_by(tags.reshape(-1), np.repeat(signals, tags.shape[1]))
    is_tag = tag_keys != 0
    positive = float(signals[signals > 0].sum())
    return Taste(
        direction=direction.astype(np.float32).reshape(DIMENSIONS),
        confidence=min(1.0, (positive + 0.3 * len(signals)) / _FULL_TASTE),
        creators=creators,
        creator_affinity=np.tanh(creator_sums / 2).astype(np.float32),
        tags=tag_keys[is_tag],
        tag_affinity=np.tanh(tag_sums[is_tag] / 3).astype(np.float32),
    )


def score(
    index: FeedIndex, taste: Taste, candidates: Slots, prior: Floats, *, followed: Slots
) -> Floats:
    """Score candidates for one viewer; `prior` stands beside them."""
    scores = prior.copy()
    if len(followed):
        scores[np.isin(index.creator[candidates], followed)] += np.float32(FOLLOWED_BONUS)
    if taste.confidence:
        near = index.vectors[candidates].astype(np.float32) @ (taste.direction / 127)
        scores += np.float32(TASTE_WEIGHT * taste.confidence) * near
        scores += np.float32(CREATOR_WEIGHT) * _look_up(
            taste.creators, taste.creator_affinity, index.creator[candidates]
        )
        if len(taste.tags):
            per_tag = _look_up(taste.tags, taste.tag_affinity, index.tags[candidates])
            scores += np.float32(TAG_WEIGHT) * per_tag.sum(axis=1)
    return scores


def _sum_by(
    keys: NDArray[np.integer], signals: Floats
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    unique = sorted_unique(keys)
    places = np.searchsorted(unique, keys)
    sums = np.zeros(len(unique), np.float64)
    np.add.at(sums, places, signals)
    return unique, sums


def _look_up(known: NDArray[np.integer], values: Floats, wanted: NDArray[np.integer]) -> Floats:
    """Tell the value of each wanted key; 0 for unknown ones."""
    if not len(known):
        return np.zeros(wanted.shape, np.float32)
    places = np.searchsorted(known, wanted)
    places[places == len(known)] = 0
    found: Floats = np.where(known[places] == wanted, values[places], np.float32(0))
    return found
