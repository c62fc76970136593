"""Skew: who got more than the weights say."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.edge.skew import find_skew


@given(st.integers(2, 20), st.integers(100, 10_000))
def test_even_shares_are_no_skew(servers: int, each: int) -> None:
    """Nor is a little chance."""
    names = [f"s{n}" for n in range(servers)]
    got = {name: each + (n % 3) for n, name in enumerate(names)}
    assert find_skew(got, dict.fromkeys(names, 100)) == {}


@given(st.integers(2, 20))
def test_four_fifths_to_one_server_is_skew(servers: int) -> None:
    """The incident itself: the hot one is named, with how many times its share it got."""
    names = [f"s{n}" for n in range(servers)]
    got = dict.fromkeys(names[1:], 200 // (servers - 1)) | {"s0": 800}
    assert list(find_skew(got, dict.fromkeys(names, 100))) == ["s0"]


def test_a_share_that_the_weights_give_is_right() -> None:
    """A drained server gets little, on purpose."""
    assert find_skew({"a": 990, "b": 10}, {"a": 99, "b": 1}) == {}


def test_few_requests_say_nothing() -> None:
    """Four of five is chance."""
    assert find_skew({"a": 4, "b": 1}, {"a": 100, "b": 100}) == {}
