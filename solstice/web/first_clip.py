"""The first clip inside the first HTML: which rendition, which shape, which counts.

The server draws it so that the browser can fetch poster and clip while it still reads the
page.  The same rules stand in scripts/feed (slide.js, text.js); tests/browser compares what
both draw, so that taking over moves nothing.
"""

from typing import Any

from litestar import Request

from solstice.kit.context import DEGRADATION, Degradation
from solstice.videos.cards import RenditionCard, VideoCard
from solstice.web.texts import Catalogue

TALL_RATIO_MAX = 0.7
SQUARE_RATIO_MAX = 1.2
_STEPS = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))


def decide_shape(card: VideoCard) -> str:
    """Sort a clip's shape: tall fills a phone, wide and square keep their edges."""
    ratio = card.width / max(1, card.height)
    if ratio <= TALL_RATIO_MAX:
        return "tall"
    return "square" if ratio < SQUARE_RATIO_MAX else "wide"


def decide_first_rendition(
    card: VideoCard, *, short_side_max: int, saves_data: bool
) -> RenditionCard | None:
    """Choose the largest rendition up to the ceiling, or the smallest when data is dear."""
    if not card.renditions:
        return None
    if saves_data:
        return card.renditions[0]
    fitting = [each for each in card.renditions if each.short_side <= short_side_max]
    return fitting[-1] if fitting else card.renditions[0]


def wants_to_save_data(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the browser asks for little data, or the server is too busy for more."""
    is_busy = DEGRADATION.get() >= Degradation.NO_PRELOAD
    return is_busy or request.headers.get("save-data", "").lower() == "on"


def render_count(count: int | None, catalogue: Catalogue) -> str:
    """Shorten a count; an unknown one says so and is never 0."""
    if count is None:
        return catalogue.text("count.unknown")
    for size, letter in _STEPS:
        if count >= size:
            return f"{count / size:.1f}".removesuffix(".0") + letter
    return str(count)


def render_counts(card: VideoCard, catalogue: Catalogue) -> dict[str, str]:
    """Shorten every count of a card, by the action it stands under."""
    return {
        "like": render_count(card.like_count, catalogue),
        "comment": render_count(card.comment_count, catalogue),
        "bookmark": render_count(card.bookmark_count, catalogue),
        "share": render_count(card.share_count, catalogue),
    }
