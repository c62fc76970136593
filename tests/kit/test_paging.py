"""Cursors come back as they were made, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.kit.paging import BadCursor, parse_cursor, render_cursor


@given(st.integers(min_value=-(2**53), max_value=2**53), st.text(max_size=100))
def test_a_cursor_comes_back_as_it_was_made(number: int, text: str) -> None:
    """Whatever the position holds."""
    assert parse_cursor(render_cursor((number, text)), tuple[int, str]) == (number, text)


@pytest.mark.parametrize("missing", [None, ""])
def test_no_cursor_means_the_first_page(missing: str | None) -> None:
    """An absent and an empty cursor are the same."""
    assert parse_cursor(missing, tuple[int, str]) is None


@given(st.text(min_size=1, max_size=200))
def test_a_made_up_cursor_is_a_clear_refusal(cursor: str) -> None:
    """Never an exception nobody expects: a hostile cursor is a 400."""
    try:
        parsed = parse_cursor(cursor, tuple[int, str])
    except BadCursor:
        return
    assert parsed is not None
    assert isinstance(parsed[0], int)


def test_an_endless_cursor_is_refused_unread() -> None:
    """Length is checked before anything is decoded."""
    with pytest.raises(BadCursor):
        parse_cursor("A" * 5000, tuple[int, str])
