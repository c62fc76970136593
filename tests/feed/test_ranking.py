"""Ranking: the first likes tell, "not interested" tells more, hashtags and creators count."""

import numpy as np

from solstice.feed.embedding import embed, place_cold, quantize
from solstice.feed.index import PUBLIC, RECORD, FeedIndex
from solstice.feed.learning import list_moved, turn_onto
from solstice.feed.pools import copy_columns, make_pools
from solstice.feed.ranking import learn_taste, score
from solstice.feed.records import (
    NOT_INTERESTED,
    PACKED,
    SEEN_MAX,
    WATCH,
    append_records,
    append_seen,
)

NOBODY = np.empty(0, np.int32)
NO_KEYS = np.empty(0, np.uint64)
NO_RECORDS = np.empty(0, PACKED)


def _two_worlds(each: int = 40) -> FeedIndex:
    """Half the clips lie in one direction, half in the other; twenty creators."""
    records = np.zeros(2 * each, RECORD)
    records["key"] = np.arange(1, 2 * each + 1)
    records["creator_key"] = 1 + np.arange(2 * each) % 20
    records["visibility"] = PUBLIC
    records["vector"][:each, 0] = 127
    records["vector"][each:, 1] = 127
    index = FeedIndex()
    index.put(records)
    return index


def test_one_like_turns_the_ranking_its_way() -> None:
    """Personal from the first like: its kind of clip stands above the other kind."""
    index = _two_worlds()
    everything = np.arange(80, dtype=np.int32)
    taste = learn_taste(index, records=NO_RECORDS, liked=np.array([1], np.uint64), followed=NOBODY)
    scores = score(index, taste, everything, np.zeros(80, np.float32))
    by_others = index.creator != index.creator[0]
    assert scores[:40][by_others[:40]].min() > scores[40:][by_others[40:]].max()
    assert taste.confidence < 1


def test_not_interested_turns_it_away() -> None:
    """One "not interested" outweighs two long watches."""
    index = _two_worlds()
    records = np.array(
        [(1, 10, WATCH, 150), (2, 11, WATCH, 150), (3, 12, NOT_INTERESTED, 0)], PACKED
    )
    taste = learn_taste(index, records=records, liked=NO_KEYS, followed=NOBODY)
    assert taste.direction[0] < 0


def test_a_followed_creator_stands_above_an_equal() -> None:
    """Following somebody shows in For You, too."""
    index = _two_worlds()
    followed = np.array([3], np.int32)
    taste = learn_taste(index, records=NO_RECORDS, liked=NO_KEYS, followed=followed)
    scores = score(index, taste, np.arange(20, dtype=np.int32), np.zeros(20, np.float32))
    assert int(scores.argmax()) == 3


def test_clips_watched_by_the_same_people_lie_close() -> None:
    """Two groups of viewers make two regions, and a new clip joins its hashtag's."""
    random = np.random.default_rng(2)
    viewers, videos = [], []
    for viewer in range(60):
        liked = random.choice(20, size=8, replace=False) + 20 * (viewer % 2)
        viewers += [viewer] * 8
        videos += liked.tolist()
    places = embed(np.array(viewers), np.array(videos), video_count=41)
    near, far = places[:20] @ places[:20].T, places[:20] @ places[20:40].T
    assert near.mean() > far.mean() + 0.3
    assert not places[40].any()
    tags = np.zeros((41, 4), np.uint32)
    tags[20:41, 0] = 9
    warm = place_cold(places, creators=np.arange(41), tags=tags)
    assert warm[40] @ warm[30] > warm[40] @ warm[5] + 0.5


def test_a_map_turned_over_is_turned_back() -> None:
    """Only what really moved is written."""
    random = np.random.default_rng(4)
    old = random.normal(size=(2000, 32)).astype(np.float32)
    old /= np.linalg.norm(old, axis=1, keepdims=True)
    turn, _ = np.linalg.qr(random.normal(size=(32, 32)))
    new = (old @ turn).astype(np.float32)
    new[7] = -new[7]
    held = quantize(old).astype(np.float32) / 127
    assert list_moved(turn_onto(new, held), held) == [7]


def test_what_is_remembered_of_a_viewer_is_bounded_and_keeps_the_latest() -> None:
    """Ten thousand seen clips, each once, at its latest place."""
    seen = append_seen(np.arange(SEEN_MAX, dtype=np.uint32), np.array([5, SEEN_MAX], np.uint32))
    assert len(seen) == SEEN_MAX
    assert seen[-2:].tolist() == [5, SEEN_MAX]
    assert 0 not in seen
    records = np.array([(1, 10, WATCH, 5), (2, 11, WATCH, 5)], PACKED)
    later = append_records(records, np.array([(1, 12, NOT_INTERESTED, 0), (3, 13, 1, 0)], PACKED))
    assert later["key"].tolist() == [2, 1]


def test_no_pool_is_one_creators() -> None:
    """A creator with most of the clips has few of the places in a pool."""
    records = np.zeros(3000, RECORD)
    records["key"] = np.arange(1, 3001)
    records["creator_key"] = np.where(np.arange(3000) < 2500, 1, np.arange(3000))
    records["visibility"] = PUBLIC
    records["impressions"][:2500] = 1000
    records["long_watches"][:2500] = 900
    index = FeedIndex()
    index.put(records)
    pools = make_pools(copy_columns(index, count=index.count), now_ms=1)
    busy = index.creator[0]
    for pool in (pools.popular, pools.fresh, pools.unproven):
        assert (index.creator[pool] == busy).sum() <= 6
