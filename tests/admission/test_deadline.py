"""A request's age and what remains of its deadline, whatever the clocks say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.deadline import decide_timing

NOW_S = 1_700_000_000.0


def test_age_counts_from_the_edges_stamp() -> None:
    """Half a second in hidden queues leaves one and a half of two."""
    timing = decide_timing(b"1699999999.500", b"2000", wall_s=NOW_S, default_s=3.0)
    assert timing.age_s == pytest.approx(0.5)
    assert timing.remaining_s == pytest.approx(1.5)


@pytest.mark.parametrize(
    "stamp", [None, b"", b"soon", b"nan", b"inf", b"-1", b"0", b"1700000005.0", b"1699999000.0"]
)
def test_an_absurd_stamp_counts_as_none(stamp: bytes | None) -> None:
    """A clock that jumped must not refuse everybody."""
    assert decide_timing(stamp, None, wall_s=NOW_S, default_s=3.0).age_s == 0.0


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_hostile_headers_are_harmless(stamp: bytes, allowed: bytes) -> None:
    """No exception, no negative age, never more time than the default."""
    timing = decide_timing(stamp, allowed, wall_s=NOW_S, default_s=3.0)
    assert timing.age_s >= 0.0
    assert timing.remaining_s <= 3.0
