"""Which bytes answer a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.media.ranges import Span, Unsatisfiable, decide_span


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, Span(0, 100, is_partial=False)),
        ("bytes=0-9", Span(0, 10, is_partial=True)),
        ("bytes=90-", Span(90, 100, is_partial=True)),
        ("bytes=90-1000", Span(90, 100, is_partial=True)),
        ("bytes=-10", Span(90, 100, is_partial=True)),
        ("bytes=-1000", Span(0, 100, is_partial=True)),
        ("bytes=0-0", Span(0, 1, is_partial=True)),
        ("bytes=0-1,5-6", Span(0, 100, is_partial=False)),
        ("bytes=9-3", Span(0, 100, is_partial=False)),
        ("bytes=-", Span(0, 100, is_partial=False)),
        ("items=0-1", Span(0, 100, is_partial=False)),
        ("bytes=0x1-2", Span(0, 100, is_partial=False)),
        ("bytes=99999999999999999999-", Span(0, 100, is_partial=False)),
    ],
)
def test_one_range_is_honoured_and_nonsense_ignored(header: str | None, span: Span) -> None:
    """The whole file is always a right answer."""
    assert decide_span(header, size_bytes=100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(header: str) -> None:
    """A player that asks past the end must not be sent the whole file again."""
    with pytest.raises(Unsatisfiable):
        decide_span(header, size_bytes=100)


@given(st.text(max_size=40), st.integers(0, 10**12))
def test_no_header_leads_outside_the_file(header: str, size_bytes: int) -> None:
    """Whatever a client writes."""
    for text in (header, "bytes=" + header):
        try:
            span = decide_span(text, size_bytes=size_bytes)
        except Unsatisfiable:
            continue
        assert 0 <= span.start <= span.end <= size_bytes
