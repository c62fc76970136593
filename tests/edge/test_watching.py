"""What counts as worse after a publication."""

from dataclasses import replace

import pytest

from solstice.edge.watching import Reading, find_worsening

BEFORE = Reading(answered=1000, healthy=2, members=2, failed=10)
PUBLISHED = replace(BEFORE, answered=2000, failed=20)
FINE = replace(PUBLISHED, answered=3000, failed=30)


def test_as_before_is_not_worse() -> None:
    """Not even with the failures that were there before."""
    assert find_worsening(BEFORE, PUBLISHED, FINE) is None


def test_a_server_taken_out_on_purpose_is_not_worse() -> None:
    """All of the remaining members are well."""
    assert find_worsening(BEFORE, PUBLISHED, replace(FINE, healthy=1, members=1)) is None


def test_a_few_requests_are_no_share() -> None:
    """Three failures of four, one second after midnight."""
    quiet = replace(PUBLISHED, answered=2004, failed=23)
    assert find_worsening(BEFORE, PUBLISHED, quiet) is None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (None, "stopped answering"),
        (Reading(), "stopped answering"),
        (replace(FINE, rejected=1), "rejected"),
        (replace(FINE, healthy=1), "1 of 2 servers"),
        (replace(FINE, failed=80), "6% of requests failed"),
        (replace(FINE, refused=500), "50% of requests refused"),
    ],
)
def test_what_is_worse_is_said(now: Reading | None, words: str) -> None:
    """In words for the operator."""
    assert words in str(find_worsening(BEFORE, PUBLISHED, now))


def test_newcomers_have_until_the_last_look_to_be_well() -> None:
    """Envoy keeps the old servers meanwhile, so nobody suffers from waiting."""
    newcomers = replace(FINE, members=4)
    assert find_worsening(BEFORE, PUBLISHED, newcomers) is None
    assert "2 of 4" in str(find_worsening(BEFORE, PUBLISHED, newcomers, is_last=True))
