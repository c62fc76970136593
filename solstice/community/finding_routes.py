"""Routes of hashtags, search and discovery."""

from typing import Literal

from litestar import get

from solstice.accounts.viewer import Viewer
from solstice.community import discovery, search, video_lists
from solstice.community.discovery import Discovery
from solstice.community.pages import Page
from solstice.community.search import AccountsFound, HashtagsFound, Suggestions
from solstice.community.settings import CommunitySettings
from solstice.community.video_lists import Hashtag
from solstice.kit.http import problems
from solstice.kit.resources import Resources

HASHTAG_PROBLEMS = problems(400, 404, 429, 503)
SEARCH_PROBLEMS = problems(400, 429, 503)


@get("/v1/hashtags/{tag:str}", opt={"priority": "interactive"}, responses=HASHTAG_PROBLEMS)
async def get_hashtag(tag: str, resources: Resources) -> Hashtag:
    """Tell how many videos everybody may see are under a hashtag."""
    async with resources.database.reading() as conn:
        return await video_lists.read_hashtag(conn, tag=tag)


@get("/v1/hashtags/{tag:str}/videos", opt={"priority": "playback"}, responses=HASHTAG_PROBLEMS)
async def list_videos_of_hashtag(
    tag: str, viewer: Viewer | None, resources: Resources, cursor: str | None = None
) -> Page:
    """List the videos under a hashtag, the newest first."""
    async with resources.database.reading() as conn:
        return await video_lists.list_tagged(
            conn, viewer_id=viewer.id if viewer else None, tag=tag, cursor=cursor
        )


@get("/v1/search", opt={"priority": "interactive"}, responses=SEARCH_PROBLEMS)
async def get_search(
    q: str,
    viewer: Viewer | None,
    resources: Resources,
    kind: Literal["videos", "accounts", "hashtags"] = "videos",
    cursor: str | None = None,
) -> Page | AccountsFound | HashtagsFound:
    """Search videos by words, accounts by name or hashtags by their beginning."""
    viewer_id = viewer.id if viewer else None
    timeout_ms = resources.settings_of(CommunitySettings).search_timeout_ms
    async with resources.database.reading(timeout_ms=timeout_ms) as conn:
        if kind == "accounts":
            return await search.search_accounts(conn, viewer_id=viewer_id, text=q, cursor=cursor)
        if kind == "hashtags":
            return await search.search_hashtags(conn, text=q, cursor=cursor)
        return await search.search_videos(conn, viewer_id=viewer_id, text=q, cursor=cursor)


@get("/v1/search/suggestions", opt={"priority": "deferrable"}, responses=SEARCH_PROBLEMS)
async def list_suggestions(q: str, viewer: Viewer | None, resources: Resources) -> Suggestions:
    """Suggest hashtags and accounts while somebody types."""
    timeout_ms = resources.settings_of(CommunitySettings).search_timeout_ms
    async with resources.database.reading(timeout_ms=timeout_ms) as conn:
        return await search.suggest(conn, viewer_id=viewer.id if viewer else None, text=q)


@get("/v1/discovery", opt={"priority": "deferrable"}, responses=problems(429, 503))
async def get_discovery(viewer: Viewer | None, resources: Resources) -> Discovery:
    """Offer hashtags that people use now and creators to follow."""
    timeout_ms = resources.settings_of(CommunitySettings).search_timeout_ms
    async with resources.database.reading(timeout_ms=timeout_ms) as conn:
        return await discovery.discover(conn, viewer_id=viewer.id if viewer else None)


FINDING_ROUTES = (get_hashtag, list_videos_of_hashtag, get_search, list_suggestions, get_discovery)
