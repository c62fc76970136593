"""Under any load a server does its share of work, and takes the most important first.

In simulated time, with the arithmetic of the cost of saying no: at m times the capacity and a
refusal costing r of an acceptance, at best (1 - m·r) / (1 - r) of the peak can be served.
"""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solstice.admission.level import NEVER_SHED, AdmissionLevel
from solstice.admission.priority import CELLS, COHORTS, Priority
from tests.admission.simulation import Second, simulate

CAPACITY_PER_S = 1000.0
EVERYDAY = {
    Priority.PLAYBACK: 0.4,
    Priority.WRITE: 0.1,
    Priority.INTERACTIVE: 0.2,
    Priority.UPLOAD: 0.05,
    Priority.DEFERRABLE: 0.25,
}


def goodput(log: list[Second]) -> float:
    """Mean answers a second, the first two seconds left out."""
    return sum(second.goodput for second in log[2:]) / len(log[2:])


@pytest.mark.parametrize("times", [2, 5, 10])
def test_goodput_stays_near_what_refusing_allows(times: int) -> None:
    """However much is offered, what is lost is the price of the refusals and 10 % more."""
    refuse_share = 0.02
    log = simulate(offered_per_s=lambda _: times * CAPACITY_PER_S, mix=EVERYDAY, seconds=8)
    ideal = CAPACITY_PER_S * (1 - times * refuse_share) / (1 - refuse_share)
    assert goodput(log) >= 0.9 * ideal


@pytest.mark.parametrize("times", [2, 5, 10])
def test_those_who_are_let_in_are_answered_soon(times: int) -> None:
    """An admitted request waits for tens of milliseconds, not until its client has left."""
    log = simulate(offered_per_s=lambda _: times * CAPACITY_PER_S, mix=EVERYDAY, seconds=8)
    waits = sorted(wait for second in log[2:] for wait in second.latencies_s)
    assert waits[int(0.99 * len(waits))] < 0.15


def test_below_capacity_nothing_is_refused() -> None:
    """Protection costs nothing on an ordinary day."""
    log = simulate(offered_per_s=lambda _: 0.7 * CAPACITY_PER_S, mix=EVERYDAY, seconds=6)
    assert sum(s.goodput for s in log) >= 0.995 * sum(sum(s.offered.values()) for s in log) - 10


def test_a_flood_of_the_deferrable_leaves_playback_alone() -> None:
    """Twelve times the capacity in prefetches, and who watches goes on watching."""
    mix = {Priority.PLAYBACK: 0.5, Priority.DEFERRABLE: 12.0}
    log = simulate(offered_per_s=lambda _: 12.5 * CAPACITY_PER_S, mix=mix, seconds=10)
    offered = sum(second.offered[Priority.PLAYBACK] for second in log[2:-1])
    served = sum(second.served[Priority.PLAYBACK] for second in log[2:-1])
    assert served >= 0.99 * offered


def test_the_order_of_priorities_is_never_inverted() -> None:
    """In no second is a lower priority served a larger share than a higher one."""
    log = simulate(offered_per_s=lambda _: 5 * CAPACITY_PER_S, mix=EVERYDAY, seconds=8)
    for second in log[2:]:
        shares = [
            second.served[priority] / second.offered[priority]
            for priority in EVERYDAY
            if second.offered[priority]
        ]
        for higher, lower in itertools.pairwise(shares):
            assert higher >= lower - 0.05


def test_after_the_trigger_everything_is_as_before_within_two_seconds() -> None:
    """No trace of the overload is left that would keep it alive."""

    def spike(at_s: float) -> float:
        return (10.0 if 4 <= at_s < 10 else 0.9) * CAPACITY_PER_S

    log = simulate(offered_per_s=spike, mix=EVERYDAY, seconds=16)
    before = sum(second.goodput for second in log[1:4]) / 3
    after = sum(second.goodput for second in log[12:15]) / 3
    assert after >= 0.95 * before


def test_those_who_have_no_part_in_a_delay_are_not_refused_for_it() -> None:
    """While writes queue for the database, playback from memory goes on whole."""
    level, spared = AdmissionLevel(), Priority.WRITE * COHORTS
    for _ in range(20):
        playing = [level.admits(Priority.PLAYBACK * COHORTS + n % COHORTS, 0.5) for n in range(80)]
        writing = [level.admits(Priority.WRITE * COHORTS + n, 0.5) for n in range(16)]
        assert all(playing)
        admitted = sum(playing) + sum(writing)
        level.adapt(delay_ms=200, admitted=admitted, spared=spared)
    assert spared < level.level < (Priority.WRITE + 1) * COHORTS


def test_one_late_window_of_an_idle_server_refuses_nobody() -> None:
    """A neighbour's stall is no overload."""
    level = AdmissionLevel()
    for _ in range(10):
        for cell in (20, 50, 90):
            level.admits(cell, 0.5)
        level.adapt(delay_ms=300, admitted=3)
    assert level.level == CELLS


def test_few_requests_are_refused_only_for_a_delay_that_stands() -> None:
    """One page's thirty files in a late moment are no sample of what people ask for."""
    level, heights = AdmissionLevel(), []
    for _ in range(3):
        for number in range(30):
            level.admits(Priority.PLAYBACK * COHORTS + number % COHORTS, 0.5)
        level.adapt(delay_ms=60, admitted=30)
        heights.append(level.level)
    assert heights[:2] == [CELLS, CELLS]
    assert heights[2] < CELLS


@given(
    st.lists(st.integers(min_value=0, max_value=CELLS - 1), max_size=300),
    st.floats(min_value=0, max_value=1000),
    st.integers(min_value=0, max_value=300),
)
@settings(max_examples=200)
def test_the_level_stays_in_bounds_whatever_happens(
    cells: list[int], delay_ms: float, admitted: int
) -> None:
    """The critical are below every level, and nothing is above the last cell."""
    level = AdmissionLevel()
    for cell in cells:
        level.admits(cell, 0.5)
    level.adapt(delay_ms=delay_ms, admitted=admitted)
    assert NEVER_SHED <= level.level <= CELLS
    assert level.admits(COHORTS - 1, 0.999)


@given(st.floats(min_value=NEVER_SHED, max_value=CELLS), st.floats(0, 0.999))
def test_whoever_is_admitted_so_is_everyone_before_them(height: float, dice: float) -> None:
    """The order of admission is one order."""
    level = AdmissionLevel(level=height)
    admitted = [level.admits(cell, dice) for cell in range(CELLS)]
    assert admitted == sorted(admitted, reverse=True)
