"""The feed's page: the first slide drawn, the rest of the page of clips as data."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from solstice.accounts.viewer import Viewer
from solstice.kit.errors import NotFound
from solstice.kit.resources import Resources
from solstice.videos.cards import VideoCard
from solstice.web.first_clip import (
    decide_first_rendition,
    decide_shape,
    render_counts,
    wants_to_save_data,
)
from solstice.web.modules import FEED_MODULES
from solstice.web.pages import public_url, render_page, text_of
from solstice.web.settings import WebSettings
from solstice.web.sharing import Social, describe, render_title
from solstice.web.sources import FirstPage

Asked = Request[Any, Any, Any]


def answer_feed_page(
    request: Asked,
    resources: Resources,
    viewer: Viewer | None,
    *,
    kind: str,
    found: FirstPage | None,
    is_offline: bool = False,
) -> Response[str]:
    """Render For You or Following."""
    catalogue = text_of(request)
    site_name = resources.settings_of(WebSettings).site_name
    heading = catalogue.text("feed.for_you" if kind == "for-you" else "feed.following")
    return render_page(
        "feed.html",
        request=request,
        resources=resources,
        viewer=viewer,
        data={"page": found.page if found else None, "offline": is_offline},
        title=site_name if kind == "for-you" else f"{heading} · {site_name}",
        description=catalogue.text("site.description"),
        heading=heading,
        source=kind,
        cursor="",
        start="",
        tabs=True,
        follows_address=False,
        social=None,
        **_first_slide(request, resources, found),
    )


def answer_video_page(
    request: Asked, resources: Resources, viewer: Viewer | None, *, found: FirstPage
) -> Response[str]:
    """Render one clip's own page; `?from=account:ada` says which list swiping goes on in."""
    card = found.first
    if card is None:
        raise NotFound
    return render_page(
        "feed.html",
        request=request,
        resources=resources,
        viewer=viewer,
        data={"page": found.page, "offline": False},
        title=render_title(card),
        description=" ".join(card.caption.split())[:300] or render_title(card),
        heading=render_title(card),
        source=request.query_params.get("from", "for-you"),
        cursor=request.query_params.get("cursor", ""),
        start=str(card.id),
        tabs=False,
        follows_address=True,
        social=_social(request, resources, card),
        **_first_slide(request, resources, found),
    )


def _first_slide(
    request: Asked, resources: Resources, found: FirstPage | None
) -> Mapping[str, Any]:
    card = found.first if found else None
    if card is None or not card.renditions:
        return {"first": None, "later": FEED_MODULES}
    ceiling = resources.settings_of(WebSettings).first_clip_short_side_max
    return {
        "first": card,
        "first_shape": decide_shape(card),
        "first_counts": render_counts(card, text_of(request)),
        "first_rendition": decide_first_rendition(
            card, short_side_max=ceiling, saves_data=wants_to_save_data(request)
        ),
        "later": FEED_MODULES,
    }


def _social(request: Asked, resources: Resources, card: VideoCard) -> Social | None:
    """Describe public clips only: a link to any other shows nothing to a crawler."""
    if card.visibility != "public" or not card.renditions:
        return None
    base_url = public_url(request, resources)
    return describe(card, rendition=card.renditions[-1], base_url=base_url)
