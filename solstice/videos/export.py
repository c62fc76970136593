"""What an account takes along: its videos, with links to the originals."""

from typing import Any
from uuid import UUID

from solstice.kit.database import ReadConnection
from solstice.kit.media import render_media_url
from solstice.videos import studio_queries
from solstice.videos.cards import list_captions_cards

EXPORTED_MAX = 100_000
ROUND = 1000


async def export_videos(conn: ReadConnection, account_id: UUID) -> dict[str, Any]:
    """Contribute every video of the account, whatever its state."""
    videos: list[dict[str, Any]] = []
    before = None
    while len(videos) < EXPORTED_MAX:
        rows = await studio_queries.list_own(
            conn, creator_id=account_id, before=before, limit=ROUND
        )
        captions = await list_captions_cards(conn, [row.id for row in rows])
        videos += [_render(row, [card.url for card in captions.get(row.id, [])]) for row in rows]
        if len(rows) < ROUND:
            break
        before = (rows[-1].created_at, rows[-1].id)
    return {"videos": videos}


def _render(row: studio_queries.StudioRow, captions_urls: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "caption": row.caption,
        "hashtags": row.hashtags,
        "visibility": row.visibility,
        "created_at": row.created_at,
        "published_at": row.published_at,
        "duration_ms": row.duration_ms,
        "refusal": row.refusal_sentence,
        "original_url": f"/v1/videos/{row.id}/original" if row.original_object else None,
        "poster_url": render_media_url(row.poster_object) if row.poster_object else None,
        "captions_urls": captions_urls,
    }
