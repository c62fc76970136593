"""Candidates: what may come to each of several viewers, told in one go."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solstice.feed.candidates import ENDINGS, Exclusions, make_shortlist, may_come
from solstice.feed.index import PUBLIC, RECORD, FeedIndex
from solstice.feed.keys import SEEN_MASK, SHORT_MASK
from solstice.feed.pools import copy_columns, make_pools

CLIPS = 24
PLACES = st.lists(st.integers(0, CLIPS - 1), max_size=CLIPS, unique=True)


@given(
    viewers=st.lists(st.tuples(PLACES, PLACES, PLACES, PLACES), min_size=1, max_size=4),
    hidden=PLACES,
)
def test_each_gets_what_is_public_and_neither_seen_nor_given_nor_barred_for_them(
    viewers: list[tuple[list[int], list[int], list[int], list[int]]], hidden: list[int]
) -> None:
    """Nobody is spared or denied a clip for what another one saw, though all look alike."""
    index = _index_of_lookalikes(hidden)
    pools = make_pools(copy_columns(index, count=CLIPS), now_ms=0)
    listed, exclusions, wanted = [], [], []
    for listing, seen, was_given, unwanted in viewers:
        listed.append(make_shortlist(index, pools, np.array(listing, np.int32)))
        exclusions.append(
            Exclusions(
                seen=(index.keys[seen] & SEEN_MASK).astype(np.uint32),
                given=(index.keys[was_given] & SHORT_MASK).astype(np.uint32),
                creators=np.array([0], np.int32),
                unwanted=np.array(unwanted, np.int32),
            )
        )
        left_out = {*seen, *was_given, *unwanted, *hidden}
        wanted += [slot not in left_out and index.creator[slot] != 0 for slot in listing]
    assert may_come(index, listed, exclusions).tolist() == wanted


def test_of_two_that_look_alike_in_a_cursor_one_is_listed() -> None:
    """Or the one that was given would stand for the other, and come twice."""
    records = np.zeros(2, RECORD)
    records["key"] = (7, 7 + (1 << 24))
    records["visibility"] = PUBLIC
    index = FeedIndex()
    index.put(records)
    pools = make_pools(copy_columns(index, count=2), now_ms=0)
    assert make_shortlist(index, pools, np.array([1, 0], np.int32)).slots.tolist() == [1]


def _index_of_lookalikes(hidden: list[int]) -> FeedIndex:
    """Clips whose keys end alike: no look-up by their last bits tells them apart."""
    records = np.zeros(CLIPS, RECORD)
    records["key"] = 1 + ENDINGS * np.arange(CLIPS)
    records["creator_key"] = 1 + np.arange(CLIPS) // 4
    records["visibility"] = PUBLIC
    records["visibility"][hidden] = 0
    index = FeedIndex()
    index.put(records)
    return index
