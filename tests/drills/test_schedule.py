"""A schedule is fixed before the run, repeatable, and as busy as was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.drills.schedule import constant, make_schedule, ramp, steps

MIX = {"feed": 0.8, "like": 0.2}


def test_the_same_seed_gives_the_same_schedule() -> None:
    """A failing drill can be repeated."""
    made = [
        make_schedule(rate=constant(100), duration_s=5, mix=MIX, people=10, seed=1)
        for _ in range(2)
    ]
    assert made[0] == made[1]


@given(st.integers(0, 1000))
def test_it_is_as_busy_as_was_asked_for(seed: int) -> None:
    """Poisson: within five standard deviations of the mean, in order, inside the duration."""
    events = make_schedule(rate=constant(200), duration_s=5, mix=MIX, people=10, seed=seed)
    assert 1000 - 5 * 32 < len(events) < 1000 + 5 * 32
    instants = [event.at_s for event in events]
    assert instants == sorted(instants)
    assert instants[0] >= 0
    assert instants[-1] < 5


def test_the_mix_is_kept() -> None:
    """Four feed pages for each like."""
    events = make_schedule(rate=constant(1000), duration_s=10, mix=MIX, people=10, seed=3)
    likes = sum(event.action == "like" for event in events)
    assert likes / len(events) == pytest.approx(0.2, abs=0.02)


def test_rates_change_when_they_say() -> None:
    """A spike has edges; a ramp has none."""
    spike = steps((0, 10), (5, 100), (7, 10))
    assert [spike(at_s) for at_s in (0, 4.9, 5, 6.9, 7)] == [10, 10, 100, 100, 10]
    slope = ramp(from_rate=0, to_rate=10, over_s=5)
    assert [slope(at_s) for at_s in (0, 2.5, 5, 9)] == [0, 5, 10, 10]


def test_an_absurd_schedule_is_refused() -> None:
    """Before it fills the memory."""
    with pytest.raises(ValueError, match="events are more than"):
        make_schedule(rate=constant(1e6), duration_s=60, mix=MIX, people=1, seed=1)
