"""Ids sort by the time they were made, and are UUIDs to everybody else."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.kit.ids import new_id

INSTANTS_MS = st.integers(min_value=0, max_value=2**48 - 1)


@given(INSTANTS_MS, INSTANTS_MS)
def test_ids_sort_by_their_instant(earlier: int, later: int) -> None:
    """Keyset paging relies on this order."""
    if earlier > later:
        earlier, later = later, earlier
    if earlier < later:
        assert new_id(earlier) < new_id(later)


def test_an_id_is_a_version_7_uuid_of_the_rfc_variant() -> None:
    """RFC 9562 section 5.7."""
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_ids_of_one_instant_differ() -> None:
    """74 random bits: ten thousand in one millisecond do not meet."""
    assert len({new_id(1) for _ in range(10_000)}) == 10_000
