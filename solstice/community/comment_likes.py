"""Likes of comments: what the order "top" is made of; at most one for each viewer."""

from uuid import UUID

from solstice.community import comment_queries as queries
from solstice.community.errors import CommentNotFound
from solstice.kit.database import Connection


async def like_comment(conn: Connection, *, viewer_id: UUID, comment_id: UUID) -> None:
    """Like a comment; a second time changes nothing.

    Errors: CommentNotFound (404) for a comment, or its video, that is not shown to the viewer.
    """
    if not await queries.insert_comment_like(conn, viewer_id=viewer_id, comment_id=comment_id):
        raise CommentNotFound


async def unlike_comment(conn: Connection, *, viewer_id: UUID, comment_id: UUID) -> None:
    """Take the like back; safe to repeat."""
    await queries.delete_comment_like(conn, viewer_id=viewer_id, comment_id=comment_id)
