"""Discovery: where somebody who has typed nothing may begin: what is in the air, and who makes it.

Both come from the CANDIDATES newest clips, so that an instance of any age and size answers in the
same time and shows what is alive now.
"""

from uuid import UUID

import msgspec

from solstice.community import discovery_queries as queries
from solstice.community.search import FoundAccount, render_account
from solstice.community.video_lists import Hashtag
from solstice.kit.database import ReadConnection

CANDIDATES = 500
LIKES = 200
HASHTAGS = 12
ACCOUNTS = 8


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """Hashtags that several people use now, and creators the viewer does not follow yet."""

    hashtags: list[Hashtag]
    accounts: list[FoundAccount]


async def discover(conn: ReadConnection, *, viewer_id: UUID | None) -> Discovery:
    """Find hashtags by how many creators use them, and creators: those one liked, then followed."""
    tags = await queries.list_hashtags(
        conn, viewer_id=viewer_id, candidates=CANDIDATES, limit=HASHTAGS
    )
    accounts = await queries.list_creators(
        conn, viewer_id=viewer_id, candidates=CANDIDATES, likes=LIKES, limit=ACCOUNTS
    )
    return Discovery(
        hashtags=[Hashtag(tag=row.tag, video_count=row.video_count) for row in tags],
        accounts=[render_account(row) for row in accounts],
    )
