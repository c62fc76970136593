"""What other sites learn about a clip: Open Graph tags and oEmbed.

Only public clips are described; anything else is answered as if it did not exist.
Source: ogp.me; oembed.com (version 1.0, type video).
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlsplit
from uuid import UUID

import msgspec

from solstice.kit.errors import Malformed
from solstice.videos.cards import RenditionCard, VideoCard

TITLE_CHARS_MAX = 90
EMBED_WIDTH_MAX = 405


class NotOurs(Malformed):
    """This address does not lead to a clip of this place."""


@dataclass(frozen=True, kw_only=True)
class Social:
    """The tags of one clip's page."""

    url: str
    embed_url: str
    oembed_url: str
    title: str
    description: str
    image_url: str
    video_url: str
    width: int
    height: int


class OEmbed(msgspec.Struct, kw_only=True):
    """An oEmbed answer of type video."""

    version: str = "1.0"
    type: str = "video"
    provider_name: str
    provider_url: str
    title: str
    author_name: str
    author_url: str
    thumbnail_url: str | None
    thumbnail_width: int
    thumbnail_height: int
    width: int
    height: int
    html: str


def render_title(card: VideoCard) -> str:
    """Name a clip in one line: its caption's beginning, else its creator."""
    creator = card.creator.display_name or card.creator.name
    line = " ".join(card.caption.split())
    if not line:
        return creator
    short = line if len(line) <= TITLE_CHARS_MAX else line[: TITLE_CHARS_MAX - 1].rstrip() + "…"
    return f"{short} · {creator}"


def describe(card: VideoCard, *, rendition: RenditionCard, base_url: str) -> Social:
    """Gather what the clip's page says to other sites."""
    url = f"{base_url}{card.page_url}"
    return Social(
        url=url,
        embed_url=f"{base_url}/embed/{card.id}",
        oembed_url=f"{base_url}/oembed?url={quote(url, safe='')}",
        title=render_title(card),
        description=" ".join(card.caption.split())[:300],
        image_url=_absolute(base_url, card.poster_url or ""),
        video_url=_absolute(base_url, rendition.url),
        width=rendition.width,
        height=rendition.height,
    )


def embed(
    card: VideoCard,
    *,
    base_url: str,
    site_name: str,
    width_max: int | None,
    height_max: int | None,
) -> OEmbed:
    """Answer oEmbed: a frame in the clip's own shape within what the asker allows."""
    width = min(EMBED_WIDTH_MAX, width_max or EMBED_WIDTH_MAX)
    height = round(width * card.height / max(1, card.width))
    if height_max and height > height_max:
        width = max(1, round(height_max * card.width / max(1, card.height)))
        height = height_max
    frame = (
        f'<iframe src="{escape(base_url)}/embed/{card.id}" width="{width}" height="{height}" '
        f'title="{escape(render_title(card))}" allow="fullscreen; autoplay" loading="lazy" '
        'frameborder="0"></iframe>'
    )
    return OEmbed(
        provider_name=site_name,
        provider_url=base_url,
        title=render_title(card),
        author_name=card.creator.display_name or card.creator.name,
        author_url=f"{base_url}/@{card.creator.name}",
        thumbnail_url=_absolute(base_url, card.poster_url) if card.poster_url else None,
        thumbnail_width=card.width,
        thumbnail_height=card.height,
        width=width,
        height=height,
        html=frame,
    )


def parse_video_url(url: str, *, base_url: str) -> UUID:
    """Find the clip an address of ours leads to.

    Errors: `NotOurs` (400) for other hosts and other pages.
    """
    try:
        asked, ours = urlsplit(url), urlsplit(base_url)
        if asked.netloc != ours.netloc or asked.scheme not in ("http", "https"):
            raise NotOurs
        return UUID(asked.path.removeprefix("/v/").removeprefix("/embed/"))
    except ValueError as error:
        raise NotOurs from error


def _absolute(base_url: str, url: str) -> str:
    return f"{base_url}{url}" if url.startswith("/") else url
