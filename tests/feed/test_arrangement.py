"""The order of a page: no creator follows themselves while somebody else is left."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.feed.arrangement import PER_WINDOW, WINDOW, arrange

CREATORS = st.lists(st.integers(0, 6), max_size=60)


@given(creators=CREATORS, length=st.integers(0, 80), before=st.integers(-1, 6))
def test_everything_comes_once_and_neighbours_differ_while_they_can(
    creators: list[int], length: int, before: int
) -> None:
    """Nothing is lost or doubled; twins stand together only when nobody else is left."""
    ranked = list(range(100, 100 + len(creators)))
    arranged = arrange(ranked, creators, length=length, before=before)
    assert len(arranged) == min(length, len(ranked))
    assert len(set(arranged)) == len(arranged)
    left = dict(zip(ranked, creators, strict=True))
    last = before
    for video in arranged:
        creator = left.pop(video)
        if creator == last:
            assert not set(left.values()) - {creator}
        last = creator


def test_a_busy_creator_has_at_most_two_of_eight_when_there_are_enough_others() -> None:
    """The best six by one creator do not push everybody else down."""
    creators = [0] * 6 + list(range(1, 21))
    arranged = arrange(list(range(26)), creators, length=16)
    for start in range(len(arranged) - WINDOW + 1):
        window = [creators[video] for video in arranged[start : start + WINDOW]]
        assert window.count(0) <= PER_WINDOW


def test_without_conflicts_the_ranking_is_the_order() -> None:
    """Arranging moves nothing that need not move."""
    assert arrange([5, 3, 9], [1, 2, 3], length=3) == [5, 3, 9]
