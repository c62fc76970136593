"""Where pages get their clips: the feed's memory and the community, by the functions they name.

For You comes from memory and therefore also while the database is away; a link to one clip then
does, too.  A page of bytes is passed on as it is, and only its first clip is decoded, for drawing.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from solstice.accounts.viewer import Viewer
from solstice.community.pages import Page, read_video
from solstice.feed.for_you import for_you_page
from solstice.feed.memory import Memory
from solstice.feed.recalling import recall_clip
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.resources import Resources
from solstice.videos.cards import VideoCard
from solstice.videos.errors import VideoNotVisible

VIDEO_TIMEOUT_MS: Final = 1000
"""A frozen database is given up after twice that, before the edge gives up on us (2.5 s)."""


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    """What a feed's page starts with: JSON for the scripts, and the clip to draw."""

    page: msgspec.Raw
    first: VideoCard | None


class _Drawn(msgspec.Struct):
    items: list[msgspec.Raw]


async def find_for_you(feed: Memory, viewer: Viewer | None) -> FirstPage:
    """Compose the first page of For You.

    Errors: FeedNotReady (503) before this server has loaded its memory.
    """
    body = await for_you_page(
        feed,
        viewer_id=viewer.id if viewer else None,
        cursor=None,
        limit=feed.settings.page_size,
    )
    return _first_page(body)


def _first_page(body: bytes) -> FirstPage:
    items = msgspec.json.decode(body, type=_Drawn).items
    first = msgspec.json.decode(items[0], type=VideoCard) if items else None
    return FirstPage(page=msgspec.Raw(body), first=first)


async def find_video(
    resources: Resources, feed: Memory, viewer: Viewer | None, video_id: UUID
) -> FirstPage:
    """Read one clip as whoever asks may see it; without a database, from the feed's memory.

    Errors: VideoNotVisible (404), the same for hidden, blocked and missing; DatabaseUnavailable
    (503) when memory does not know it to be visible either.
    """
    viewer_id = viewer.id if viewer else None
    try:
        async with resources.database.reading(timeout_ms=VIDEO_TIMEOUT_MS) as conn:
            answer = await read_video(conn, viewer_id=viewer_id, video_id=video_id)
    except DatabaseUnavailable:
        known = recall_clip(feed, viewer_id=viewer_id, video_id=video_id)
        if known is None:
            raise
        return _first_page(known)
    page = Page(items=[answer.item], next_cursor=None, viewer=answer.viewer)
    return FirstPage(page=msgspec.Raw(msgspec.json.encode(page)), first=answer.item)


async def find_public_video(resources: Resources, feed: Memory, video_id: UUID) -> VideoCard:
    """Read a clip as somebody without an account may see it, once it can be played.

    Errors: VideoNotVisible (404).
    """
    found = await find_video(resources, feed, None, video_id)
    if found.first is None or not found.first.renditions:
        raise VideoNotVisible
    return found.first
