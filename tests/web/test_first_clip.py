"""The first clip: which rendition, which shape, which counts stand in the first HTML."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from litestar.testing import RequestFactory

from solstice.accounts.summary import AccountSummary
from solstice.kit.context import DEGRADATION, Degradation
from solstice.videos.cards import RenditionCard, VideoCard
from solstice.web.first_clip import (
    decide_first_rendition,
    decide_shape,
    render_count,
    wants_to_save_data,
)
from solstice.web.texts import load_catalogues

NOBODY = AccountSummary(id=UUID(int=1), name="ada", display_name="Ada", avatar_url=None)


def make_rendition(short_side: int) -> RenditionCard:
    """Make a rendition of a portrait clip."""
    return RenditionCard(
        url=f"/media/renditions/{short_side}.mp4",
        width=short_side,
        height=short_side * 16 // 9,
        short_side=short_side,
        bitrate_bps=short_side * 2000,
        codecs="avc1.64001f",
        size_bytes=short_side * 1000,
    )


def make_card(*, width: int = 720, height: int = 1280, short_sides: tuple[int, ...]) -> VideoCard:
    """Make a card with these renditions."""
    return VideoCard(
        id=UUID(int=2),
        creator=NOBODY,
        caption="",
        hashtags=[],
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_ms=1000,
        width=width,
        height=height,
        poster_url=None,
        thumb_url=None,
        placeholder=None,
        renditions=[make_rendition(each) for each in short_sides],
        captions=[],
        visibility="public",
        like_count=None,
        comment_count=None,
        view_count=None,
        bookmark_count=None,
        share_count=None,
        page_url="/v/2",
    )


@pytest.mark.parametrize(
    ("short_sides", "saves_data", "chosen"),
    [
        ((360, 540, 720, 1080), False, 540),
        ((360, 540, 720, 1080), True, 360),
        ((720, 1080), False, 720),
        ((360,), False, 360),
    ],
)
def test_the_first_rendition_starts_soon(
    *, short_sides: tuple[int, ...], saves_data: bool, chosen: int
) -> None:
    """The largest up to the ceiling; the smallest when data is dear or nothing else fits."""
    found = decide_first_rendition(
        make_card(short_sides=short_sides), short_side_max=540, saves_data=saves_data
    )
    assert found
    assert found.short_side == chosen


def test_a_clip_without_a_rendition_draws_nothing() -> None:
    """A page without a playable clip is still a page."""
    card = make_card(short_sides=())
    assert decide_first_rendition(card, short_side_max=540, saves_data=False) is None


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(720, 1280, "tall"), (1080, 1350, "square"), (642, 642, "square"), (1280, 720, "wide")],
)
def test_shapes(width: int, height: int, shape: str) -> None:
    """Tall clips fill a phone; the others keep their edges."""
    assert decide_shape(make_card(width=width, height=height, short_sides=(360,))) == shape


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "counting"),
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (12_345, "12.3K"),
        (2_400_000, "2.4M"),
    ],
)
def test_counts_are_short_and_an_unknown_one_is_never_zero(count: int | None, shown: str) -> None:
    """A number shown never lies."""
    assert render_count(count, load_catalogues()["en"]) == shown


@pytest.mark.parametrize(
    ("degradation", "header", "saves"),
    [
        (Degradation.NONE, "off", False),
        (Degradation.NONE, "on", True),
        (Degradation.NO_PRELOAD, "off", True),
        (Degradation.POPULAR_FEED, "off", True),
    ],
)
def test_a_busy_server_and_a_saving_browser_begin_small(
    degradation: Degradation, header: str, *, saves: bool
) -> None:
    """A lower rendition is left to be played before anybody is refused."""
    token = DEGRADATION.set(degradation)
    try:
        assert wants_to_save_data(RequestFactory().get(headers={"save-data": header})) is saves
    finally:
        DEGRADATION.reset(token)
