"""The community's part of a person's own data: what they did, said, follow and were told."""

from typing import Any
from uuid import UUID

from solstice.accounts.export import LISTED_MAX
from solstice.community import export_queries as queries
from solstice.kit.database import ReadConnection


async def export_community(conn: ReadConnection, account_id: UUID) -> dict[str, Any]:
    """Contribute acts, comments, follows, reports, appeals and the inbox."""
    limit = LISTED_MAX
    return {
        "likes": await queries.list_likes(conn, account_id=account_id, limit=limit),
        "bookmarks": await queries.list_bookmarks(conn, account_id=account_id, limit=limit),
        "shares": await queries.list_shares(conn, account_id=account_id, limit=limit),
        "comments": await queries.list_comments(conn, account_id=account_id, limit=limit),
        "comment_likes": await queries.list_comment_likes(conn, account_id=account_id, limit=limit),
        "following": await queries.list_following(conn, account_id=account_id, limit=limit),
        "followers": await queries.list_followers(conn, account_id=account_id, limit=limit),
        "notifications": await queries.list_notifications(conn, account_id=account_id, limit=limit),
        "reports": await queries.list_reports(conn, account_id=account_id, limit=limit),
        "appeals": await queries.list_appeals(conn, account_id=account_id, limit=limit),
    }
