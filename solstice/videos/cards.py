"""A video as everybody meets it: the card that feeds, profiles and pages are made of.

Hydration is three statements for a whole page, whatever its length.  Counts belong to the
community and are handed in; what is not known is null ("counting"), never 0.
Nothing here decides who may see a card: that is `visibility.py`, and the caller's duty.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from solstice.accounts.summary import AccountSummary, render_summary
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.media import render_media_url
from solstice.videos import queries
from solstice.videos.video import Visibility


class RenditionCard(msgspec.Struct, frozen=True, kw_only=True):
    """One playable file."""

    url: str
    width: int
    height: int
    short_side: int
    bitrate_bps: int
    codecs: str
    size_bytes: int


class CaptionsCard(msgspec.Struct, frozen=True, kw_only=True):
    """Captions in one language."""

    language: str
    label: str
    url: str


class VideoCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What people did with a video; null means it is not known right now."""

    like_count: int | None = None
    comment_count: int | None = None
    view_count: int | None = None
    bookmark_count: int | None = None
    share_count: int | None = None
    watch_time_mean_s: float | None = None
    """For the creator's eyes only: the studio shows it, cards do not."""


class VideoCard(msgspec.Struct, frozen=True, kw_only=True):
    """A live video with everything a player needs."""

    id: UUID
    creator: AccountSummary
    caption: str
    hashtags: list[str]
    published_at: datetime
    duration_ms: int
    width: int
    height: int
    poster_url: str | None
    thumb_url: str | None
    placeholder: str | None
    renditions: list[RenditionCard]
    captions: list[CaptionsCard]
    visibility: Visibility
    like_count: int | None
    comment_count: int | None
    view_count: int | None
    bookmark_count: int | None
    share_count: int | None
    page_url: str


UNKNOWN = VideoCounts()


async def list_cards(
    conn: Connection | ReadConnection,
    ids: Sequence[UUID],
    *,
    counts: Mapping[UUID, VideoCounts] | None = None,
) -> dict[UUID, VideoCard]:
    """Hydrate videos, in the given order; what is not live (any more) is left out."""
    if not ids:
        return {}
    known = counts or {}
    rows = {row.id: row for row in await queries.list_card_rows(conn, ids=list(ids))}
    renditions = await list_rendition_cards(conn, rows)
    captions = await list_captions_cards(conn, rows)
    return {
        video_id: _render_card(
            rows[video_id],
            renditions=renditions.get(video_id, []),
            captions=captions.get(video_id, []),
            counts=known.get(video_id, UNKNOWN),
        )
        for video_id in ids
        if video_id in rows
    }


async def list_rendition_cards(
    conn: Connection | ReadConnection, video_ids: Iterable[UUID]
) -> dict[UUID, list[RenditionCard]]:
    """List the renditions of several videos, the smallest first."""
    found: dict[UUID, list[RenditionCard]] = {}
    for row in await queries.list_renditions(conn, video_ids=list(video_ids)):
        card = RenditionCard(
            url=render_media_url(row.object),
            width=row.width,
            height=row.height,
            short_side=row.short_side,
            bitrate_bps=row.bitrate_bps,
            codecs=row.codecs,
            size_bytes=row.size_bytes,
        )
        found.setdefault(row.video_id, []).append(card)
    return found


async def list_captions_cards(
    conn: Connection | ReadConnection, video_ids: Iterable[UUID]
) -> dict[UUID, list[CaptionsCard]]:
    """List the captions of several videos, by language."""
    found: dict[UUID, list[CaptionsCard]] = {}
    for row in await queries.list_captions(conn, video_ids=list(video_ids)):
        card = CaptionsCard(
            language=row.language, label=row.label, url=render_media_url(row.object)
        )
        found.setdefault(row.video_id, []).append(card)
    return found


def _render_card(
    row: queries.CardRow,
    *,
    renditions: list[RenditionCard],
    captions: list[CaptionsCard],
    counts: VideoCounts,
) -> VideoCard:
    return VideoCard(
        id=row.id,
        creator=render_summary(
            account_id=row.creator_id,
            name=row.creator_name,
            display_name=row.creator_display_name,
            avatar_object=row.creator_avatar_object,
        ),
        caption=row.caption,
        hashtags=row.hashtags,
        published_at=row.published_at,
        duration_ms=row.duration_ms,
        width=row.width,
        height=row.height,
        poster_url=render_media_url(row.poster_object) if row.poster_object else None,
        thumb_url=render_media_url(row.thumb_object) if row.thumb_object else None,
        placeholder=row.placeholder,
        renditions=renditions,
        captions=captions,
        visibility=row.visibility,
        like_count=counts.like_count,
        comment_count=counts.comment_count,
        view_count=counts.view_count,
        bookmark_count=counts.bookmark_count,
        share_count=counts.share_count,
        page_url=f"/v/{row.id}",
    )
