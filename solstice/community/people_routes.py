"""Routes of profiles, follows, and the lists of videos that belong to somebody."""

from litestar import delete, get, put

from solstice.accounts.viewer import Viewer
from solstice.community import following, profiles, video_lists
from solstice.community.pages import Page
from solstice.community.profiles import AccountPage, Profile
from solstice.community.settings import CommunitySettings
from solstice.kit.http import problems
from solstice.kit.resources import Resources

READ_PROBLEMS = problems(400, 404, 429, 503)
WRITE_PROBLEMS = problems(400, 401, 403, 404, 409, 429, 503, 507)
OWN_PROBLEMS = problems(400, 401, 429, 503)


@get("/v1/accounts/{name:str}", opt={"priority": "interactive"}, responses=READ_PROBLEMS)
async def get_profile(name: str, viewer: Viewer | None, resources: Resources) -> Profile:
    """Read an account's profile with its counts."""
    async with resources.database.reading() as conn:
        return await profiles.read_profile(conn, viewer_id=viewer.id if viewer else None, name=name)


@get("/v1/accounts/{name:str}/videos", opt={"priority": "playback"}, responses=READ_PROBLEMS)
async def list_videos_of_account(
    name: str, viewer: Viewer | None, resources: Resources, cursor: str | None = None
) -> Page:
    """List an account's videos that the viewer may see, the newest first."""
    async with resources.database.reading() as conn:
        return await video_lists.list_of_creator(
            conn, viewer_id=viewer.id if viewer else None, name=name, cursor=cursor
        )


@get(
    "/v1/accounts/{name:str}/followers",
    opt={"priority": "interactive"},
    responses=READ_PROBLEMS,
)
async def list_followers(
    name: str, viewer: Viewer | None, resources: Resources, cursor: str | None = None
) -> AccountPage:
    """List who follows an account, the newest first."""
    async with resources.database.reading() as conn:
        return await profiles.list_followers(
            conn, viewer_id=viewer.id if viewer else None, name=name, cursor=cursor
        )


@get(
    "/v1/accounts/{name:str}/following",
    opt={"priority": "interactive"},
    responses=READ_PROBLEMS,
)
async def list_following(
    name: str, viewer: Viewer | None, resources: Resources, cursor: str | None = None
) -> AccountPage:
    """List whom an account follows, the newest first."""
    async with resources.database.reading() as conn:
        return await profiles.list_following(
            conn, viewer_id=viewer.id if viewer else None, name=name, cursor=cursor
        )


@put(
    "/v1/accounts/{name:str}/follow",
    status_code=204,
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def put_follow(name: str, signed_in: Viewer, resources: Resources) -> None:
    """Follow an account; following it again changes nothing."""
    async with resources.database.transaction() as conn:
        await following.follow(
            conn, resources.settings_of(CommunitySettings), viewer_id=signed_in.id, name=name
        )


@delete(
    "/v1/accounts/{name:str}/follow",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def delete_follow(name: str, signed_in: Viewer, resources: Resources) -> None:
    """Unfollow an account; safe to repeat."""
    async with resources.database.transaction() as conn:
        await following.unfollow(conn, viewer_id=signed_in.id, name=name)


@get("/v1/me/bookmarks", opt={"priority": "interactive"}, responses=OWN_PROBLEMS)
async def list_bookmarks(
    signed_in: Viewer, resources: Resources, cursor: str | None = None
) -> Page:
    """List what the viewer keeps, the newest bookmark first."""
    async with resources.database.reading() as conn:
        return await video_lists.list_bookmarked(conn, viewer_id=signed_in.id, cursor=cursor)


@get("/v1/me/likes", opt={"priority": "interactive"}, responses=OWN_PROBLEMS)
async def list_likes(signed_in: Viewer, resources: Resources, cursor: str | None = None) -> Page:
    """List what the viewer liked, the newest like first."""
    async with resources.database.reading() as conn:
        return await video_lists.list_liked(conn, viewer_id=signed_in.id, cursor=cursor)


PEOPLE_ROUTES = (
    get_profile,
    list_videos_of_account,
    list_followers,
    list_following,
    put_follow,
    delete_follow,
    list_bookmarks,
    list_likes,
)
