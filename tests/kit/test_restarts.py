"""Pauses between restarts: they grow, they are jittered, and they never become for ever."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.kit.restarts import PAUSE_MAX_S, RESTARTS_MAX, WINDOW_S, RestartBudget


@given(st.lists(st.floats(0, 5), min_size=1, max_size=40), st.floats(0, 0.999))
def test_pauses_grow_are_jittered_and_never_exceed_the_cap(
    gaps_s: list[float], random_share: float
) -> None:
    """However a process crashes, the next start is neither immediate nor hopelessly late."""
    budget, now_s = RestartBudget(), 0.0
    for gap_s in gaps_s:
        now_s += gap_s
        pause_s = budget.decide_pause_s(now_s=now_s, random_share=random_share)
        assert 0.1 <= pause_s <= PAUSE_MAX_S


def test_a_spent_budget_waits_at_the_cap_and_a_quiet_minute_refills_it() -> None:
    """Restarting never stops, it only becomes slow while it does not help."""
    budget = RestartBudget()
    pauses = [
        budget.decide_pause_s(now_s=float(n), random_share=0.5) for n in range(RESTARTS_MAX + 2)
    ]
    assert pauses[0] < pauses[1] < pauses[2]
    assert pauses[-1] == PAUSE_MAX_S * 0.75
    assert budget.decide_pause_s(now_s=1000 + WINDOW_S, random_share=0.5) == pauses[0]
