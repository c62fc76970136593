"""Routes of what a viewer does with a video, and of the video as its page shows it."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.types import Scope

from solstice.accounts.viewer import Viewer
from solstice.community import bookmarks, likes, pages, shares
from solstice.community.gathered import ActOperation, do_act, read_act
from solstice.kit.http import problems
from solstice.kit.resources import Resources

ACT_PROBLEMS = problems(400, 401, 403, 404, 429, 503, 507)


@get(
    "/v1/videos/{video_id:uuid}",
    opt={"priority": "playback"},
    responses=problems(400, 404, 429, 503),
)
async def get_video(
    video_id: UUID, viewer: Viewer | None, resources: Resources
) -> pages.VideoAnswer:
    """Read one video with its renditions, counts and what the viewer did with it."""
    async with resources.database.reading() as conn:
        return await pages.read_video(
            conn, viewer_id=viewer.id if viewer else None, video_id=video_id
        )


@put(
    "/v1/videos/{video_id:uuid}/like",
    status_code=204,
    opt={"priority": "write"},
    operation_class=ActOperation,
    responses=ACT_PROBLEMS,
)
async def put_like(scope: Scope) -> None:
    """Like a video; liking it again changes nothing."""
    gathered, act = read_act(scope)
    await do_act(gathered.likes, act)


@delete(
    "/v1/videos/{video_id:uuid}/like",
    opt={"priority": "write"},
    responses=ACT_PROBLEMS,
)
async def delete_like(video_id: UUID, signed_in: Viewer, resources: Resources) -> None:
    """Take a like back; safe to repeat, also for a video that is gone."""
    async with resources.database.transaction() as conn:
        await likes.unlike(conn, viewer_id=signed_in.id, video_id=video_id)


@put(
    "/v1/videos/{video_id:uuid}/bookmark",
    status_code=204,
    opt={"priority": "write"},
    operation_class=ActOperation,
    responses=ACT_PROBLEMS,
)
async def put_bookmark(scope: Scope) -> None:
    """Keep a video for later; keeping it again changes nothing."""
    gathered, act = read_act(scope)
    await do_act(gathered.bookmarks, act)


@delete(
    "/v1/videos/{video_id:uuid}/bookmark",
    opt={"priority": "write"},
    responses=ACT_PROBLEMS,
)
async def delete_bookmark(video_id: UUID, signed_in: Viewer, resources: Resources) -> None:
    """Keep a video no longer; safe to repeat, also for a video that is gone."""
    async with resources.database.statement() as conn:
        await bookmarks.unbookmark(conn, viewer_id=signed_in.id, video_id=video_id)


@post(
    "/v1/videos/{video_id:uuid}/shares",
    status_code=204,
    opt={"priority": "write"},
    responses=ACT_PROBLEMS,
)
async def post_share(video_id: UUID, viewer: Viewer | None, resources: Resources) -> None:
    """Say that a video's link was passed on; a signed-in viewer counts once for each video."""
    async with resources.database.transaction() as conn:
        await shares.share(conn, viewer_id=viewer.id if viewer else None, video_id=video_id)


ACT_ROUTES = (get_video, put_like, delete_like, put_bookmark, delete_bookmark, post_share)
