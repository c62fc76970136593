"""Captions: words and times go in, words and times come out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.videos.captions_webvtt import (
    CUES_MAX,
    SIZE_CHARS_MAX,
    BadCaptions,
    parse_webvtt,
    render_webvtt,
)

PLAIN = "WEBVTT\n\n1\n00:01.000 --> 00:02.500 align:start\nHello <b>you</b>\n"


def only(markup: str) -> str:
    """Return what becomes of one cue's text."""
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{markup}\n\n00:03.000 --> 00:04.000\nend\n"
    cues = parse_webvtt(text, duration_s=10)
    return cues[0].markup if len(cues) > 1 else ""


def test_a_plain_file_comes_back_normalised() -> None:
    """Settings and numbers go, words and times stay."""
    cues = parse_webvtt(PLAIN, duration_s=10)
    assert render_webvtt(cues) == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <b>you</b>\n")


def test_what_we_write_we_read() -> None:
    """Normalising twice changes nothing."""
    once = render_webvtt(parse_webvtt(PLAIN, duration_s=10))
    assert render_webvtt(parse_webvtt(once, duration_s=10)) == once


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_and_a_byte_order_mark_are_read(ending: str) -> None:
    """Files from every system are welcome."""
    text = "\ufeff" + PLAIN.replace("\n", ending)
    assert len(parse_webvtt(text, duration_s=10)) == 1


@pytest.mark.parametrize(
    ("markup", "becomes"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>hi", "hi"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<v Bob>hi</v>", "hi"),
        ("<c.red>hi</c>", "hi"),
        ("<b class=x onclick=y>hi", "<b>hi</b>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>bc</i></b>"),
        ("a & b", "a &amp; b"),
        ("1 < 2", "1"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("<00:01.500>later", "later"),
    ],
)
def test_markup_that_could_script_or_style_is_gone(markup: str, becomes: str) -> None:
    """What is left is escaped words with three harmless tags, closed in order."""
    assert only(markup) == becomes


def test_styles_regions_and_notes_are_dropped() -> None:
    """They are not captions, and a style can fetch from elsewhere."""
    text = (
        "WEBVTT\n\nSTYLE\n::cue { background: url(http://127.0.0.1/x) }\n\n"
        "REGION\nid:x\n\nNOTE secret\n\n00:01.000 --> 00:02.000\nhi\n"
    )
    rendered = render_webvtt(parse_webvtt(text, duration_s=10))
    assert "url" not in rendered
    assert "secret" not in rendered
    assert "hi" in rendered


def test_a_cue_cannot_smuggle_in_another() -> None:
    """An escaped arrow is words, not a time."""
    rendered = render_webvtt(
        parse_webvtt(
            "WEBVTT\n\n00:01.000 --> 00:02.000\n00:05.000 --&gt; 00:06.000\n", duration_s=9
        )
    )
    assert rendered.count("-->") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\nsrt\n", "WEBVTT"),
        ("WEBVTT\n", "not one caption"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", "Line 3: the caption ends before"),
        ("WEBVTT\n\n00:99.000 --> 01:00.000\nx\n", "Line 3: the time"),
        ("WEBVTT\n\n59:00.000 --> 59:01.000\nx\n", "later than the end"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 1001, "longer than 1000"),
        ("WEBVTT\n" + "\n00:01.000 --> 00:02.000\nx\n" * (CUES_MAX + 1), "more than"),
        ("WEBVTT" + "x" * SIZE_CHARS_MAX, "KiB"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_reason(text: str, says: str) -> None:
    """The creator can find and mend it."""
    with pytest.raises(BadCaptions, match=says):
        parse_webvtt(text, duration_s=10)


@given(st.text(max_size=200))
def test_no_text_whatever_gets_markup_through(words: str) -> None:
    """Nothing but the three tags may open an angle bracket."""
    try:
        markup = only(words)
    except BadCaptions:
        return
    for tag in ("<b>", "</b>", "<i>", "</i>", "<u>", "</u>"):
        markup = markup.replace(tag, "")
    assert "<" not in markup
    assert ">" not in markup
