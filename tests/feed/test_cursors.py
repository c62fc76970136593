"""Cursors of For You."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.feed.cursors import KEY_BYTES, START, Position, parse_position, render_position
from solstice.kit.paging import BadCursor


@given(
    generation=st.integers(0, 2**64 - 1),
    position=st.integers(0, 2**16 - 1),
    creator=st.integers(0, 2**32 - 1),
    keys=st.lists(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), max_size=950),
)
def test_a_cursor_says_again_what_was_given_out_lately(
    generation: int, position: int, creator: int, keys: list[bytes]
) -> None:
    """Whole up to its bound, then without the oldest, and never longer than a browser sends."""
    given_out = Position(generation, position, creator, b"".join(keys))
    rendered = render_position(given_out, served_max=900)
    assert len(rendered) < 4096
    parsed = parse_position(rendered.decode())
    assert parsed[:3] == given_out[:3]
    assert parsed.served_keys() == frozenset(keys[-900:])
    assert [int.from_bytes(key, "big") for key in keys[-900:]] == parsed.served_array().tolist()


def test_no_cursor_is_the_start() -> None:
    """The first page needs none."""
    assert parse_position(None) == START


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é" * 24, "A" * 5000, "AgAAAAAAAAAAAAAAAAAA"])
def test_what_we_did_not_make_is_refused(cursor: str) -> None:
    """A wrong version, a wrong length or no base64 at all is a 400, not a bug."""
    with pytest.raises(BadCursor):
        parse_position(cursor)
