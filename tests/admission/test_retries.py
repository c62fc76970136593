"""Retries stay a tenth of successes, whatever anybody asks for."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.retries import RetryGrants


@given(st.lists(st.booleans(), max_size=500))
def test_grants_never_exceed_a_tenth_of_successes_and_the_first_ten(steps: list[bool]) -> None:
    """A storm of fast failures is granted ten retries, then none."""
    grants, successes, granted = RetryGrants(), 0, 0
    for succeeded in steps:
        if succeeded:
            successes += 1
            grants.note_success()
        else:
            granted += grants.take(openness=1.0)
    assert granted <= 10 + successes / 10


def test_an_overloaded_place_grants_none() -> None:
    """Elsewhere is as full as here."""
    assert RetryGrants().take(openness=0.3) is False
