"""From address to page: thin handlers, one per kind of page, and the files they need."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.response import Redirect

from solstice.accounts.viewer import Viewer
from solstice.feed.memory import Memory
from solstice.kit.errors import NotFound, SolsticeError
from solstice.kit.resources import Resources
from solstice.web.feed_page import answer_feed_page, answer_video_page
from solstice.web.first_clip import decide_first_rendition
from solstice.web.gone import answer_gone, answer_gone_http
from solstice.web.manifest import render_manifest
from solstice.web.pages import page_language, public_url, render_page, text_of, web_assets
from solstice.web.plain_pages import PLAIN_PAGES, PlainPage, answer_plain_page
from solstice.web.settings import WebSettings
from solstice.web.sharing import OEmbed, embed, parse_video_url, render_title
from solstice.web.sources import find_for_you, find_public_video, find_video
from solstice.web.worker import render_worker

Asked = Request[Any, Any, Any]
Page = Response[str]


@get("/", opt={"priority": "playback"}, include_in_schema=False)
async def for_you(
    request: Asked, feed: Memory, resources: Resources, viewer: Viewer | None
) -> Page:
    """Show For You with its first clip already in the page."""
    found = await find_for_you(feed, viewer)
    return answer_feed_page(request, resources, viewer, kind="for-you", found=found)


@get("/following", opt={"priority": "playback"}, include_in_schema=False, sync_to_thread=False)
def following(request: Asked, resources: Resources, viewer: Viewer | None) -> Page:
    """Show Following; its clips are fetched, since they are nobody's first impression."""
    return answer_feed_page(request, resources, viewer, kind="following", found=None)


@get("/v/{video_id:uuid}", opt={"priority": "playback"}, include_in_schema=False)
async def video(
    request: Asked, feed: Memory, resources: Resources, viewer: Viewer | None, video_id: UUID
) -> Page:
    """Show one clip, to anybody it is visible to; swiping goes on in the list it came from."""
    found = await find_video(resources, feed, viewer, video_id)
    return answer_video_page(request, resources, viewer, found=found)


@get("/embed/{video_id:uuid}", opt={"priority": "playback"}, include_in_schema=False)
async def embedded(request: Asked, feed: Memory, resources: Resources, video_id: UUID) -> Page:
    """Show one public clip inside another site's frame, without anybody's session."""
    card = await find_public_video(resources, feed, video_id)
    ceiling = resources.settings_of(WebSettings).first_clip_short_side_max
    return render_page(
        "embed.html",
        request=request,
        resources=resources,
        viewer=None,
        may_be_framed=True,
        title=render_title(card),
        first=card,
        first_rendition=decide_first_rendition(card, short_side_max=ceiling, saves_data=False),
        url=f"{public_url(request, resources)}{card.page_url}",
    )


@get("/oembed", opt={"priority": "deferrable"}, include_in_schema=False)
async def oembed(
    request: Asked,
    *,
    feed: Memory,
    resources: Resources,
    url: str,
    width_max: Annotated[int | None, QueryParameter(name="maxwidth", ge=1)] = None,
    height_max: Annotated[int | None, QueryParameter(name="maxheight", ge=1)] = None,
) -> OEmbed:
    """Answer oEmbed for a public clip's address."""
    base_url = public_url(request, resources)
    card = await find_public_video(resources, feed, parse_video_url(url, base_url=base_url))
    return embed(
        card,
        base_url=base_url,
        site_name=resources.settings_of(WebSettings).site_name,
        width_max=width_max,
        height_max=height_max,
    )


def make_plain_handler(plain: PlainPage) -> HTTPRouteHandler:
    """Make the handler of one page whose content its scripts fetch."""

    @get(plain.path, include_in_schema=False, sync_to_thread=False)
    def show(request: Asked, resources: Resources, viewer: Viewer | None) -> Page | Redirect:
        return answer_plain_page(plain, request=request, resources=resources, viewer=viewer)

    return show


@get("/me", opt={"priority": "interactive"}, include_in_schema=False, sync_to_thread=False)
def me(viewer: Viewer | None) -> Redirect:
    """Lead to one's own profile, or to logging in."""
    return Redirect(f"/@{quote(viewer.name)}" if viewer else "/login?next=/me")


@get("/{address:str}", include_in_schema=False, sync_to_thread=False)
def profile(request: Asked, resources: Resources, viewer: Viewer | None, address: str) -> Page:
    """Show the profile behind `/@name`; nothing else lives one level deep."""
    if not address.startswith("@"):
        raise NotFound
    plain = PlainPage(path="/@", element="solstice-profile", script="profile", width="wide")
    name = address[1:]
    return answer_plain_page(
        plain,
        request=request,
        resources=resources,
        viewer=viewer,
        heading=f"@{name}",
        attributes={"name": name},
    )


@get("/offline", include_in_schema=False, sync_to_thread=False)
def offline(request: Asked, resources: Resources) -> Page:
    """Show the page the service worker keeps for when nothing answers; it names nobody."""
    return answer_feed_page(request, resources, None, kind="for-you", found=None, is_offline=True)


@get(
    "/manifest.webmanifest",
    opt={"priority": "deferrable"},
    include_in_schema=False,
    sync_to_thread=False,
)
def manifest(request: Asked, resources: Resources) -> Response[bytes]:
    """Describe the installable app, in the person's language."""
    body = render_manifest(text_of(request), site_name=resources.settings_of(WebSettings).site_name)
    return Response(body, media_type="application/manifest+json", headers=_SHORT)


@get("/sw.js", opt={"priority": "deferrable"}, include_in_schema=False, sync_to_thread=False)
def service_worker(request: Asked) -> Response[bytes]:
    """Serve the service worker of this build; browsers ask for it at each visit."""
    return Response(
        render_worker(page_language(request)),
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache", "Content-Security-Policy": _WORKER_POLICY},
    )


@get(
    "/robots.txt",
    opt={"priority": "deferrable"},
    media_type=MediaType.TEXT,
    include_in_schema=False,
    sync_to_thread=False,
)
def robots() -> str:
    """Keep crawlers out of what is personal or mere data."""
    closed = ("/v1/", "/media/", "/inbox", "/me", "/settings", "/studio", "/moderation")
    return "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed)


@get("/favicon.ico", opt={"priority": "deferrable"}, include_in_schema=False, sync_to_thread=False)
def favicon() -> Redirect:
    """Lead browsers that ask by habit to the icon."""
    return Redirect(web_assets().url("icons/icon-48.png"), status_code=302)


@get(
    "/static/{build:str}/{path:path}",
    opt={"priority": "playback"},
    include_in_schema=False,
    sync_to_thread=False,
)
def static(request: Asked, build: str, path: str) -> Response[bytes]:
    """Serve a static file; for ever under its own build, never kept under another."""
    assets = web_assets()
    asset = assets.files.get(path.removeprefix("/"))
    if asset is None:
        raise NotFound
    headers = {
        "Cache-Control": _FOREVER if build == assets.build else "no-store",
        "Vary": "Accept-Encoding",
    }
    body = asset.body
    if asset.gzipped and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.gzipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)


_FOREVER = "public, max-age=31536000, immutable"
_SHORT = {"Cache-Control": "private, max-age=300", "Vary": "Cookie, Accept-Language"}
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"

PAGES = Router(
    path="/",
    opt={"priority": "interactive"},
    route_handlers=[
        for_you,
        following,
        video,
        embedded,
        profile,
        offline,
        *(make_plain_handler(plain) for plain in PLAIN_PAGES),
    ],
    exception_handlers={SolsticeError: answer_gone, HTTPException: answer_gone_http},
)
"""Pages answer failures with a page; everything else answers with a problem document."""

ROUTES = (PAGES, me, oembed, manifest, service_worker, robots, favicon, static)
