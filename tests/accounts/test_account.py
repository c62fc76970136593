"""Names and texts: what one may call oneself, and what is taken out of what people write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.accounts.account import (
    clean_text,
    require_bio,
    require_display_name,
    require_email,
    require_name,
)
from solstice.accounts.errors import NameMalformed, NameTaken, TextTooLong

TEXTS = st.text(max_size=60)


@given(TEXTS)
def test_a_name_is_either_refused_or_plain(text: str) -> None:
    """Whatever is typed: nothing but small ASCII letters, digits, dots, underscores comes out."""
    try:
        name = require_name(text)
    except (NameMalformed, NameTaken):
        return
    assert 3 <= len(name) <= 24
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.")
    assert require_name(name) == name


@given(TEXTS)
def test_cleaned_text_holds_nothing_invisible_and_stays_clean(text: str) -> None:
    """No control, no override of direction, no private sign; cleaning again changes nothing."""
    clean = clean_text(text, keep_lines=True)
    categories = {unicodedata.category(char) for char in clean if char not in "\n\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert clean_text(clean, keep_lines=True) == clean
    assert "\n\n\n" not in clean
    assert "\n" not in clean_text(text, keep_lines=False)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("\u2067Ada\u2069", "Ada"),
        ("Ada\nAdmin", "Ada Admin"),
        ("A\x00d\x1ba", "Ada"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("e" + "\u0301" * 40, "é" + "\u0301" * 4),
    ],
)
def test_a_display_name_may_be_of_any_script_and_plays_no_tricks(typed: str, shown: str) -> None:
    """Persian joiners and emoji stay; what turns a line around or piles up goes."""
    assert require_display_name(typed, name="ada") == shown


@pytest.mark.parametrize("typed", ["", "   ", "\u200d\u200d", "\u202e", "\u3164", "\u2800\u2800"])
def test_a_display_name_that_shows_nothing_falls_back_to_the_name(typed: str) -> None:
    """Nobody is nameless in a list of comments."""
    assert require_display_name(typed, name="ada") == "ada"


def test_texts_have_limits() -> None:
    """The answer says which."""
    assert require_display_name("x" * 50, name="ada") == "x" * 50
    assert require_bio("x" * 300) == "x" * 300
    with pytest.raises(TextTooLong, match="50"):
        require_display_name("x" * 51, name="ada")
    with pytest.raises(TextTooLong, match="300"):
        require_bio("x" * 301)


def test_an_address_is_optional() -> None:
    """Nothing needs one; an empty field means none."""
    assert require_email(None) is None
    assert require_email("  ") is None
    assert require_email(" ada@example.org ") == "ada@example.org"
