"""The limit finds how much concurrency a place can use, and stays in its bounds."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.limit import InFlightLimit, LimitSettings


def settle(slots: int, *, windows: int = 200) -> float:
    """Drive a place with this many slots, always asked for more, and return the last limit."""
    limit = InFlightLimit()
    for _ in range(windows):
        waiting = max(0.0, limit.value - slots)
        limit.adapt(
            delay_ms=40.0 * waiting / slots,
            target_ms=40.0,
            in_flight_peak=int(limit.value),
            was_full=True,
        )
    return limit.value


def test_it_settles_near_the_slots_of_the_place_behind() -> None:
    """Two slots or fifty: found by delay alone, within a few above."""
    for slots in (2, 10, 50):
        assert slots <= settle(slots) <= 2.5 * slots + 2


def test_it_does_not_grow_while_nobody_needs_it() -> None:
    """Or an idle night would leave a limit that a morning's spike runs through."""
    limit = InFlightLimit()
    for _ in range(1000):
        limit.adapt(delay_ms=0.0, target_ms=20.0, in_flight_peak=3, was_full=False)
    assert limit.value == LimitSettings().in_flight_start


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10_000), st.booleans()), max_size=100))
def test_it_stays_in_its_bounds(windows: list[tuple[float, int, bool]]) -> None:
    """Never below two, or nothing would be learnt; never above the maximum."""
    limit = InFlightLimit()
    for delay_ms, peak, was_full in windows:
        limit.adapt(delay_ms=delay_ms, target_ms=20.0, in_flight_peak=peak, was_full=was_full)
        assert 2 <= limit.value <= 256
