"""Pages of video cards: gather ids, hydrate cards and counts, add what concerns the viewer.

Every list of videos (a profile, a hashtag, bookmarks, a search) is presented here, in four
statements whatever its length.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from solstice.community.counts import list_counts
from solstice.community.relation_queries import find_page_relations
from solstice.kit.database import Connection, ReadConnection
from solstice.videos import VideoCard, list_cards, require_visible
from solstice.videos.errors import VideoNotVisible

PAGE_SIZE = 24
"""Eight rows of the grid's three columns: a phone's screen and what a flick reaches next."""


class PageViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What of a page concerns the viewer."""

    liked: list[UUID]
    bookmarked: list[UUID]
    following: list[UUID]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of videos; `viewer` is null for somebody who has not logged in."""

    items: list[VideoCard]
    next_cursor: str | None
    viewer: PageViewer | None


class VideoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One video; `viewer` is null for somebody who has not logged in."""

    item: VideoCard
    viewer: PageViewer | None


async def present_page(
    conn: Connection | ReadConnection,
    *,
    viewer_id: UUID | None,
    video_ids: Sequence[UUID],
    next_cursor: str | None,
) -> Page:
    """Present these videos, in this order; they must have passed the gate already."""
    cards = await list_cards(conn, video_ids, counts=await list_counts(conn, video_ids))
    items = list(cards.values())
    return Page(
        items=items,
        next_cursor=next_cursor,
        viewer=await _present_viewer(conn, viewer_id, items),
    )


async def read_video(
    conn: Connection | ReadConnection, *, viewer_id: UUID | None, video_id: UUID
) -> VideoAnswer:
    """Read one video as its own page shows it.

    Errors: VideoNotVisible (404).
    """
    await require_visible(conn, viewer_id, video_id)
    page = await present_page(conn, viewer_id=viewer_id, video_ids=[video_id], next_cursor=None)
    if not page.items:  # deleted between the two statements
        raise VideoNotVisible
    return VideoAnswer(item=page.items[0], viewer=page.viewer)


async def _present_viewer(
    conn: Connection | ReadConnection, viewer_id: UUID | None, items: Sequence[VideoCard]
) -> PageViewer | None:
    if viewer_id is None:
        return None
    if not items:
        return PageViewer(liked=[], bookmarked=[], following=[])
    relations = await find_page_relations(
        conn,
        viewer_id=viewer_id,
        video_ids=[item.id for item in items],
        creator_ids=[item.creator.id for item in items],
    )
    return PageViewer(**relations._asdict())
