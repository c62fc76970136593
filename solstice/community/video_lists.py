"""Lists of videos: of a creator, of a hashtag, liked ones, bookmarked ones.

Each gathers the ids of what the viewer may see and hands them to `pages.py`.
"""

import unicodedata
from datetime import datetime
from uuid import UUID

import msgspec

from solstice.community import video_list_queries as queries
from solstice.community.errors import HashtagNotFound
from solstice.community.pages import PAGE_SIZE, Page, present_page
from solstice.community.profiles import require_met
from solstice.kit.database import ReadConnection
from solstice.kit.paging import parse_cursor, render_cursor
from solstice.videos import list_hashtags


class Hashtag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag and how many videos everybody may see under it."""

    tag: str
    video_count: int


async def list_of_creator(
    conn: ReadConnection, *, viewer_id: UUID | None, name: str, cursor: str | None
) -> Page:
    """List a creator's videos, the newest first; creators see their private ones too.

    Errors: AccountNotFound (404), BadCursor (400).
    """
    creator_id = await require_met(conn, viewer_id=viewer_id, name=name)
    rows = await queries.list_of_creator(
        conn,
        creator_id=creator_id,
        viewer_id=viewer_id,
        before=parse_cursor(cursor, tuple[datetime, UUID]),
        limit=PAGE_SIZE + 1,
    )
    return await _present(conn, viewer_id, rows)


async def list_liked(conn: ReadConnection, *, viewer_id: UUID, cursor: str | None) -> Page:
    """List what the viewer liked, the newest like first; what is gone is left out.

    Errors: BadCursor (400).
    """
    before = parse_cursor(cursor, tuple[datetime, UUID])
    rows = await queries.list_liked(conn, viewer_id=viewer_id, before=before, limit=PAGE_SIZE + 1)
    return await _present(conn, viewer_id, rows)


async def list_bookmarked(conn: ReadConnection, *, viewer_id: UUID, cursor: str | None) -> Page:
    """List what the viewer keeps, the newest bookmark first; what is gone is left out.

    Errors: BadCursor (400).
    """
    before = parse_cursor(cursor, tuple[datetime, UUID])
    rows = await queries.list_bookmarked(
        conn, viewer_id=viewer_id, before=before, limit=PAGE_SIZE + 1
    )
    return await _present(conn, viewer_id, rows)


async def read_hashtag(conn: ReadConnection, *, tag: str) -> Hashtag:
    """Tell how many videos are under a hashtag.

    Errors: HashtagNotFound (404) for a text that cannot be a hashtag.
    """
    known = require_hashtag(tag)
    return Hashtag(tag=known, video_count=await queries.count_tagged(conn, tag=known))


async def list_tagged(
    conn: ReadConnection, *, viewer_id: UUID | None, tag: str, cursor: str | None
) -> Page:
    """List the videos under a hashtag, the newest first.

    Errors: HashtagNotFound (404), BadCursor (400).
    """
    ids = await queries.list_tagged(
        conn,
        tag=require_hashtag(tag),
        viewer_id=viewer_id,
        before=parse_cursor(cursor, UUID),
        limit=PAGE_SIZE + 1,
    )
    more = len(ids) > PAGE_SIZE
    return await present_page(
        conn,
        viewer_id=viewer_id,
        video_ids=ids[:PAGE_SIZE],
        next_cursor=render_cursor(ids[PAGE_SIZE - 1]) if more else None,
    )


def require_hashtag(text: str) -> str:
    """Accept a hashtag as captions write it, with or without `#`.

    Errors: HashtagNotFound (404).
    """
    bare = text.removeprefix("#")
    found = list_hashtags(f"#{bare}")
    if found != [unicodedata.normalize("NFKC", bare).casefold()]:
        raise HashtagNotFound
    return found[0]


async def _present(
    conn: ReadConnection, viewer_id: UUID | None, rows: list[queries.Listed]
) -> Page:
    shown = rows[:PAGE_SIZE]
    more = len(rows) > PAGE_SIZE
    return await present_page(
        conn,
        viewer_id=viewer_id,
        video_ids=[row.id for row in shown],
        next_cursor=render_cursor((shown[-1].at, shown[-1].id)) if more else None,
    )
