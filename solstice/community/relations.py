"""What a viewer has to do with others: liked, followed, blocked, muted; whole or for one page.

Pure reads.  The feed keeps the whole of it in memory; pages ask for what concerns their cards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solstice.accounts.blocks import list_blocked_ids, list_muted_ids
from solstice.accounts.follows import list_followed_ids
from solstice.community import relation_queries as queries
from solstice.kit.database import Connection, ReadConnection

LIKED_MAX = 2000
"""Newest likes handed over whole; what a viewer liked before that says little about today."""


@dataclass(frozen=True, kw_only=True)
class ViewerRelations:
    """Everything that decides what a viewer is shown and likes to be shown."""

    liked: list[UUID]
    followed: list[UUID]
    blocked: set[UUID]
    muted: set[UUID]


async def load_viewer_relations(
    conn: Connection | ReadConnection, viewer_id: UUID
) -> ViewerRelations:
    """Read a viewer's relations.

    Shape: `liked` and `followed` newest first, at most LIKED_MAX and FOLLOWED_MAX.
    """
    return ViewerRelations(
        liked=await queries.list_liked_ids(conn, viewer_id=viewer_id, limit=LIKED_MAX),
        followed=await list_followed_ids(conn, follower_id=viewer_id),
        blocked=await list_blocked_ids(conn, viewer_id),
        muted=await list_muted_ids(conn, viewer_id),
    )


async def load_page_relations(
    conn: Connection | ReadConnection,
    viewer_id: UUID,
    *,
    video_ids: Sequence[UUID],
    creator_ids: Sequence[UUID],
) -> queries.PageRelations:
    """Read which of a page's videos the viewer liked and kept, and which creators they follow."""
    return await queries.find_page_relations(
        conn, viewer_id=viewer_id, video_ids=list(video_ids), creator_ids=list(creator_ids)
    )
