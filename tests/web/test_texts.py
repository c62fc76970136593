"""Texts: complete in every language, and none is used that does not exist."""

import re

import pytest

from solstice.web.assets import STATIC
from solstice.web.texts import (
    PSEUDO_LANGUAGE,
    Catalogue,
    decide_language,
    load_catalogues,
    render_module,
)

ENGLISH = load_catalogues()["en"]
OTHERS = [each for each in load_catalogues().values() if each.language != "en"]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def forms(catalogue: Catalogue, key: str) -> list[str]:
    """List the forms of an entry: one, or one for each grammatical number."""
    entry = catalogue.entries[key]
    return [entry] if isinstance(entry, str) else list(entry.values())


@pytest.mark.parametrize("catalogue", OTHERS, ids=lambda each: each.language)
def test_every_text_exists_in_every_language(catalogue: Catalogue) -> None:
    """Nobody meets a key instead of a sentence."""
    assert set(catalogue.entries) == set(ENGLISH.entries)


@pytest.mark.parametrize("catalogue", OTHERS, ids=lambda each: each.language)
def test_translations_keep_their_placeholders(catalogue: Catalogue) -> None:
    """A translated sentence names the same things."""
    for key in ENGLISH.entries:
        expected = {mark for form in forms(ENGLISH, key) for mark in PLACEHOLDER.findall(form)}
        for form in forms(catalogue, key):
            assert set(PLACEHOLDER.findall(form)) <= expected, key
        assert {
            mark for form in forms(catalogue, key) for mark in PLACEHOLDER.findall(form)
        } == expected, key


def test_german_is_translated() -> None:
    """Beyond names and loan words, nothing was left in English."""
    german = load_catalogues()["de"]
    same = [
        key
        for key in ENGLISH.entries
        if german.entries[key] == ENGLISH.entries[key] and len(forms(ENGLISH, key)[0]) > 12
    ]
    assert same == []


def test_no_script_or_template_uses_a_text_that_is_not_there() -> None:
    """Every literal key in scripts and templates is in the catalogue."""
    sources = [
        *STATIC.glob("scripts/**/*.js"),
        *STATIC.parent.glob("templates/*.html"),
    ]
    used = {
        key
        for path in sources
        for key in re.findall(r"""\bt\(\s*"([a-z_]+\.[a-z_.]+)\"""", path.read_text("utf-8"))
    }
    assert len(used) > 150
    assert used - set(ENGLISH.entries) == set()


def test_the_pseudo_language_is_written_from_right_to_left() -> None:
    """It proves layouts: mirrored, with its placeholders untouched."""
    pseudo = load_catalogues()[PSEUDO_LANGUAGE]
    assert pseudo.direction == "rtl"
    assert "{name}" in pseudo.text("more.block")
    assert pseudo.text("more.block", name="ada").count("ada") == 1


def test_counts_choose_their_form() -> None:
    """One reply, two replies."""
    assert ENGLISH.text("comments.show_replies", count=1) == "Show the reply"
    assert ENGLISH.text("comments.show_replies", count=2) == "Show 2 replies"


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        ("de", "en", "de"),
        (None, "fr-FR, de;q=0.8, en;q=0.5", "de"),
        ("xx", "de-CH", "de"),
        (None, "," * 5000, "en"),
    ],
)
def test_the_language_is_the_persons_else_the_browsers(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    """A choice wins; then what the browser prefers; then English."""
    assert decide_language(chosen=chosen, accepted=accepted) == language


def test_a_catalogue_reaches_scripts_as_data() -> None:
    """The module holds constants only, whatever a translator writes."""
    lines = render_module(ENGLISH).decode().splitlines()
    assert [line.split(" = ")[0] for line in lines] == [
        "export const language",
        "export const direction",
        "export const languages",
        "export const texts",
    ]
