"""Ranking: who is this viewer, and which of these candidates would they watch for long?

Taste is the decayed mean of the places of what was watched long or liked, less what was
skipped, in the space of co-watching (`embedding.py`); affinities to creators and hashtags are
sums over the same acts.  A score adds them to the prior, in log-odds.  `bench/ranking.py`
measures each part on real logs; weights and figures are in docs/decisions/0072.

Pure: arrays in, arrays out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solstice.feed.index import DIMENSIONS, TAGS, FeedIndex
from solstice.feed.keys import Keys, Slots
from solstice.feed.pools import Floats
from solstice.feed.records import (
    HALF_WATCH,
    KINDS,
    LONG_WATCH,
    NOT_INTERESTED,
    SKIP,
    VIEW,
    WATCH,
    Packed,
    unpack,
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
CREATOR_BUCKETS: Final = 4096
TAG_BUCKETS: Final = 4096
_FULL_TASTE: Final = 3.0
"""After three clear signals taste counts fully; before, in proportion."""


@dataclass(frozen=True, kw_only=True)
class Taste:
    """What a viewer's acts say they like."""

    direction: Floats
    """Unit length, or zero."""
    confidence: float
    creator_bonus: Floats
    """By creator's number modulo CREATOR_BUCKETS."""
    tag_bonus: Floats
    """By hashtag's hash modulo TAG_BUCKETS; bucket 0 is no hashtag."""


NO_TASTE: Final = Taste(
    direction=np.zeros(DIMENSIONS, np.float32),
    confidence=0.0,
    creator_bonus=np.zeros(CREATOR_BUCKETS, np.float32),
    tag_bonus=np.zeros(TAG_BUCKETS, np.float32),
)
"""Of somebody who is not known."""


def _make_signals() -> Floats:
    """Tabulate how much a record of a kind and value speaks for (or against) its video."""
    signals = np.zeros((KINDS, 256), np.float32)
    for kind in (WATCH, VIEW):
        signals[kind] = BRIEF_WATCH_SIGNAL
        signals[kind, HALF_WATCH:] = HALF_WATCH_SIGNAL
        signals[kind, LONG_WATCH:] = LONG_WATCH_SIGNAL
    signals[SKIP] = SKIP_SIGNAL
    signals[NOT_INTERESTED] = NOT_INTERESTED_SIGNAL
    return signals


_SIGNALS: Final = _make_signals()
_ONES: Final = np.ones(TAGS, np.float32)
_DECAYS: Final = (DECAY ** np.arange(TEACHING_MAX)).astype(np.float32)


def signal_of(records: Packed) -> Floats:
    """Tell how much each record speaks for (or against) its video."""
    signals: Floats = _SIGNALS[np.minimum(records["kind"], KINDS - 1), records["value"]]
    return signals


def learn_taste(index: FeedIndex, *, records: Packed, liked: Keys, followed: Slots) -> Taste:
    """Learn a viewer's taste; `records` oldest first, `liked` newest first."""
    slots, signals = _find_signals(index, records, liked)
    return taste_from(index, slots=slots, signals=signals, followed=followed)


def learn_directions(
    index: FeedIndex, acts: Sequence[tuple[Packed, Keys]]
) -> tuple[Floats, Floats]:
    """Learn only where the tastes of several viewers point: no creators, no hashtags.

    `acts` are records, oldest first, and likes, newest first, of each.

    Shape: a row of unit length, or zero, and a confidence for each viewer.
    """
    taught = [records[-TEACHING_MAX:] for records, _ in acts]
    liked = [keys[:TEACHING_MAX] for _, keys in acts]
    # As bytes: numpy's own joining of records takes ten times as long.
    records = unpack(b"".join([each.tobytes() for each in taught]))
    slots = index.find_slots(np.concatenate([records["key"].astype(np.uint64), *liked]))
    signals = np.concatenate(
        [_DECAYS[: len(each)][::-1] for each in taught] + [_DECAYS[: len(each)] for each in liked]
    )
    signals[: len(records)] *= signal_of(records)
    signals[len(records) :] *= np.float32(LIKE_SIGNAL)
    signals[slots < 0] = 0
    # One row for each viewer, so that one product sums up for all of them.
    spread = np.zeros((len(acts), len(slots)), np.float32)
    owners = np.repeat(np.tile(np.arange(len(acts)), 2), [len(each) for each in (*taught, *liked)])
    spread[owners, np.arange(len(slots))] = signals
    directions = spread @ index.vectors[slots].astype(np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", directions, directions))
    directions /= np.where(norms > 0, norms, 1)[:, np.newaxis]
    positive = np.maximum(spread, 0).sum(axis=1)
    confidences = (positive + 0.3 * np.count_nonzero(spread, axis=1)) / _FULL_TASTE
    return directions, np.minimum(confidences, 1).astype(np.float32)


def _find_signals(index: FeedIndex, records: Packed, liked: Keys) -> tuple[Slots, Floats]:
    """Find what a viewer's acts say of which videos."""
    taught = records[-TEACHING_MAX:]
    liked = liked[:TEACHING_MAX]
    slots = index.find_slots(np.concatenate([taught["key"].astype(np.uint64), liked]))
    signals = np.concatenate(
        [
            signal_of(taught) * _DECAYS[: len(taught)][::-1],
            np.float32(LIKE_SIGNAL) * _DECAYS[: len(liked)],
        ]
    )
    known = (slots >= 0) & (signals != 0)
    return slots[known], signals[known]


def taste_from(index: FeedIndex, *, slots: Slots, signals: Floats, followed: Slots) -> Taste:
    """Sum signals up into a direction and bonuses.

    Bonuses stand in tables with few buckets, because one look-up for all candidates then costs
    15 µs and not 60; of a hundred creators and hashtags that have one, two lend it to a stranger.
    """
    creators = index.creator[slots] & (CREATOR_BUCKETS - 1)
    creator_sums = np.bincount(creators, weights=signals, minlength=CREATOR_BUCKETS)
    creator_bonus = _bounded(creator_sums, scale=2, weight=CREATOR_WEIGHT)
    creator_bonus[followed & (CREATOR_BUCKETS - 1)] += np.float32(FOLLOWED_BONUS)
    tags = index.tags[slots] & np.uint32(TAG_BUCKETS - 1)
    repeated = np.repeat(signals, tags.shape[1])
    tag_sums = np.bincount(tags.reshape(-1), weights=repeated, minlength=TAG_BUCKETS)
    tag_bonus = _bounded(tag_sums, scale=3, weight=TAG_WEIGHT)
    tag_bonus[0] = 0
    return Taste(
        direction=_direction_from(index, slots, signals),
        confidence=_confidence_from(signals),
        creator_bonus=creator_bonus,
        tag_bonus=tag_bonus,
    )


def _direction_from(index: FeedIndex, slots: Slots, signals: Floats) -> Floats:
    direction = signals @ index.vectors[slots].astype(np.float32) / 127
    norm = math.sqrt(float(direction @ direction))
    if norm > 0:
        direction = direction / norm
    pointing: Floats = direction.astype(np.float32).reshape(DIMENSIONS)
    return pointing


def _confidence_from(signals: Floats) -> float:
    positive = float(signals[signals > 0].sum())
    return min(1.0, (positive + 0.3 * len(signals)) / _FULL_TASTE)


def score(index: FeedIndex, taste: Taste, candidates: Slots, prior: Floats) -> Floats:
    """Score candidates for one viewer; `prior` stands beside them."""
    near = index.vectors[candidates].astype(np.float32) @ (taste.direction / 127)
    scores = prior + np.float32(TASTE_WEIGHT * taste.confidence) * near
    scores += taste.creator_bonus[index.creator[candidates] & (CREATOR_BUCKETS - 1)]
    tags = index.tags[candidates] & np.uint32(TAG_BUCKETS - 1)
    scores += taste.tag_bonus[tags] @ _ONES
    summed: Floats = scores.astype(np.float32, copy=False)
    return summed


def _bounded(sums: NDArray[np.number], *, scale: float, weight: float) -> Floats:
    """Let nobody gain or lose more than the weight; clipping costs a tenth of a tanh."""
    bounded: Floats = sums.astype(np.float32)
    bounded *= np.float32(weight / scale)
    np.minimum(bounded, np.float32(weight), out=bounded)
    np.maximum(bounded, np.float32(-weight), out=bounded)
    return bounded
