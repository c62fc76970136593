"""Routes of comments, replies and their likes."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import HeaderParameter

from solstice.accounts.viewer import Viewer
from solstice.community import comment_likes, comments, moderation
from solstice.community.comment import Comment, CommentPage
from solstice.community.settings import CommunitySettings
from solstice.kit.http import problems
from solstice.kit.resources import Resources

READ_PROBLEMS = problems(400, 404, 429, 503)
WRITE_PROBLEMS = problems(400, 401, 403, 404, 429, 503, 507)

IdempotencyKey = Annotated[UUID, HeaderParameter(name="Idempotency-Key")]
"""A UUID made by the client: the same key is carried out once and becomes the new id."""


class NewComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something to say; with `parent_id` it is a reply."""

    text: Annotated[str, msgspec.Meta(max_length=5000)]
    parent_id: UUID | None = None


@get(
    "/v1/videos/{video_id:uuid}/comments",
    opt={"priority": "interactive"},
    responses=READ_PROBLEMS,
)
async def list_comments(
    video_id: UUID,
    viewer: Viewer | None,
    resources: Resources,
    order: comments.Order = "top",
    cursor: str | None = None,
) -> CommentPage:
    """List a video's comments: the most liked, or the newest first."""
    async with resources.database.reading() as conn:
        return await comments.list_comments(
            conn, viewer, video_id=video_id, order=order, cursor=cursor
        )


@post(
    "/v1/videos/{video_id:uuid}/comments",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 409, 413, 429, 503, 507),
)
async def post_comment(
    video_id: UUID,
    data: NewComment,
    idempotency_key: IdempotencyKey,
    signed_in: Viewer,
    resources: Resources,
) -> Comment:
    """Comment on a video, or reply to a comment; a retry with the same key is the same one."""
    async with resources.database.transaction() as conn:
        return await comments.post_comment(
            conn,
            signed_in,
            resources.settings_of(CommunitySettings),
            video_id=video_id,
            comment_id=idempotency_key,
            text=data.text,
            parent_id=data.parent_id,
        )


@get(
    "/v1/comments/{comment_id:uuid}/replies",
    opt={"priority": "interactive"},
    responses=READ_PROBLEMS,
)
async def list_replies(
    comment_id: UUID, viewer: Viewer | None, resources: Resources, cursor: str | None = None
) -> CommentPage:
    """List the replies to a comment, the oldest first."""
    async with resources.database.reading() as conn:
        return await comments.list_replies(conn, viewer, comment_id=comment_id, cursor=cursor)


@delete(
    "/v1/comments/{comment_id:uuid}",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def delete_comment(comment_id: UUID, signed_in: Viewer, resources: Resources) -> None:
    """Remove a comment and its replies: for its author, the video's creator and moderators."""
    async with resources.database.transaction() as conn:
        await moderation.remove_comment(
            conn, signed_in, comment_id=comment_id, at=resources.clock()
        )


@put(
    "/v1/comments/{comment_id:uuid}/like",
    status_code=204,
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def put_comment_like(comment_id: UUID, signed_in: Viewer, resources: Resources) -> None:
    """Like a comment; liking it again changes nothing."""
    async with resources.database.statement() as conn:
        await comment_likes.like_comment(conn, viewer_id=signed_in.id, comment_id=comment_id)


@delete(
    "/v1/comments/{comment_id:uuid}/like",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def delete_comment_like(comment_id: UUID, signed_in: Viewer, resources: Resources) -> None:
    """Take the like of a comment back; safe to repeat."""
    async with resources.database.statement() as conn:
        await comment_likes.unlike_comment(conn, viewer_id=signed_in.id, comment_id=comment_id)


COMMENT_ROUTES = (
    list_comments,
    post_comment,
    list_replies,
    delete_comment,
    put_comment_like,
    delete_comment_like,
)
