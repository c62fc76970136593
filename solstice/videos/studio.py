"""The studio: a creator's own videos, with their honest states.

    uploading   how many bytes are safe
    received    safe, and where in line
    processing  how far, in per cent
    live        and with what result
    refused     and why, in words

Counts belong to the community, which offers them (`video_counts` in app.py).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.media import render_media_url
from solstice.kit.paging import parse_cursor, render_cursor
from solstice.videos import studio_queries
from solstice.videos.cards import (
    UNKNOWN,
    CaptionsCard,
    RenditionCard,
    VideoCounts,
    list_captions_cards,
    list_rendition_cards,
)
from solstice.videos.errors import VideoNotVisible
from solstice.videos.studio_queries import StudioRow
from solstice.videos.video import State, Visibility

PAGE_SIZE = 20

CountsOffer = Callable[[ReadConnection, Sequence[UUID]], Awaitable[Mapping[UUID, VideoCounts]]]


class Position(NamedTuple):
    """After which video a page goes on."""

    created_at: datetime
    id: UUID


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file cannot become a video: a code for programs, a sentence for people."""

    code: str
    sentence: str


class StudioVideo(msgspec.Struct, frozen=True, kw_only=True):
    """An own video; null is what is not known or does not apply."""

    id: UUID
    state: State
    received_bytes: int
    size_bytes: int
    queue_position: int | None
    progress_percent: int | None
    refusal: Refusal | None
    caption: str
    visibility: Visibility
    hashtags: list[str]
    created_at: datetime
    published_at: datetime | None
    poster_url: str | None
    thumb_url: str | None
    placeholder: str | None
    poster_at_ms: int | None
    duration_ms: int | None
    is_hidden: bool
    renditions: list[RenditionCard]
    captions: list[CaptionsCard]
    view_count: int | None
    like_count: int | None
    comment_count: int | None
    share_count: int | None
    watch_time_mean_s: float | None


class StudioPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of one's own videos, newest first."""

    items: list[StudioVideo]
    next_cursor: str | None


async def require_own(
    conn: Connection | ReadConnection, *, creator: Viewer, video_id: UUID
) -> StudioRow:
    """Return a video of this creator.

    Errors: VideoNotVisible (404), whether it is another's or nobody's.
    """
    row = await studio_queries.find_own(conn, creator_id=creator.id, video_id=video_id)
    if row is None:
        raise VideoNotVisible
    return row


async def read_studio_video(
    conn: Connection | ReadConnection,
    *,
    creator: Viewer,
    video_id: UUID,
    counts_of: CountsOffer | None,
) -> StudioVideo:
    """Read one own video.

    Errors: VideoNotVisible (404).
    """
    row = await require_own(conn, creator=creator, video_id=video_id)
    (video,) = await _hydrate(ReadConnection(conn), [row], counts_of)
    return video


async def list_studio_videos(
    conn: ReadConnection, *, creator: Viewer, cursor: str | None, counts_of: CountsOffer | None
) -> StudioPage:
    """List own videos, newest first.

    Errors: BadCursor (400).
    """
    rows = await studio_queries.list_own(
        conn, creator_id=creator.id, before=parse_cursor(cursor, Position), limit=PAGE_SIZE + 1
    )
    shown = rows[:PAGE_SIZE]
    has_more = len(rows) > PAGE_SIZE
    return StudioPage(
        items=await _hydrate(conn, shown, counts_of),
        next_cursor=render_cursor((shown[-1].created_at, shown[-1].id)) if has_more else None,
    )


async def _hydrate(
    conn: ReadConnection, rows: list[StudioRow], counts_of: CountsOffer | None
) -> list[StudioVideo]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    renditions = await list_rendition_cards(conn, ids)
    captions = await list_captions_cards(conn, ids)
    counts = await counts_of(conn, ids) if counts_of else {}
    return [
        _render(
            row,
            renditions=renditions.get(row.id, []),
            captions=captions.get(row.id, []),
            counts=counts.get(row.id, UNKNOWN),
        )
        for row in rows
    ]


def _render(
    row: StudioRow,
    *,
    renditions: list[RenditionCard],
    captions: list[CaptionsCard],
    counts: VideoCounts,
) -> StudioVideo:
    refusal = None
    if row.refusal_code is not None:
        refusal = Refusal(code=row.refusal_code, sentence=row.refusal_sentence or "")
    return StudioVideo(
        id=row.id,
        state=row.state,
        received_bytes=row.received_bytes,
        size_bytes=row.size_bytes,
        queue_position=row.queue_position,
        progress_percent=row.progress_percent,
        refusal=refusal,
        caption=row.caption,
        visibility=row.visibility,
        hashtags=row.hashtags,
        created_at=row.created_at,
        published_at=row.published_at,
        poster_url=render_media_url(row.poster_object) if row.poster_object else None,
        thumb_url=render_media_url(row.thumb_object) if row.thumb_object else None,
        placeholder=row.placeholder,
        poster_at_ms=row.poster_at_ms,
        duration_ms=row.duration_ms,
        is_hidden=row.is_hidden,
        renditions=renditions,
        captions=captions,
        view_count=counts.view_count,
        like_count=counts.like_count,
        comment_count=counts.comment_count,
        share_count=counts.share_count,
        watch_time_mean_s=counts.watch_time_mean_s,
    )
