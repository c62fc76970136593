"""Cheaper answers come before refusals, one luxury after the other."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.degradation import decide_degradation
from solstice.kit.context import Degradation


def test_nothing_is_left_out_of_an_open_house() -> None:
    """An ordinary day has everything."""
    assert decide_degradation(1.0) is Degradation.NONE


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_more_closed_the_cheaper(one: float, other: float) -> None:
    """Never a luxury back while it gets worse."""
    if one < other:
        assert decide_degradation(one) >= decide_degradation(other)
