"""Pages that are a frame on the server and an element in the browser.

The frame already has its heading and its size, so nothing jumps when the element draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect

from solstice.accounts.viewer import Viewer
from solstice.kit.errors import Forbidden
from solstice.kit.resources import Resources
from solstice.web.modules import list_modules
from solstice.web.pages import render_page, text_of


@dataclass(frozen=True, kw_only=True)
class PlainPage:
    """One such page: where it lives, what draws it, who may see it."""

    path: str
    element: str
    script: str
    heading: str = ""
    """A key of the catalogues."""
    needs: str = "nobody"
    """`account`, `moderator`, `administrator`: who is asked to log in, or refused."""
    width: str = ""


PLAIN_PAGES = (
    PlainPage(
        path="/search",
        element="solstice-search",
        script="search",
        heading="nav.search",
        width="wide",
    ),
    PlainPage(
        path="/tag/{tag:str}",
        element="solstice-hashtag",
        script="hashtag",
        heading="hashtag.title",
        width="wide",
    ),
    PlainPage(
        path="/post",
        element="solstice-post",
        script="post",
        heading="post.title",
        needs="account",
    ),
    PlainPage(
        path="/inbox",
        element="solstice-inbox",
        script="inbox",
        heading="nav.inbox",
        needs="account",
    ),
    PlainPage(
        path="/studio",
        element="solstice-studio",
        script="studio",
        heading="nav.studio",
        needs="account",
        width="wide",
    ),
    PlainPage(
        path="/studio/{video_id:uuid}",
        element="solstice-studio-video",
        script="studio_video",
        heading="studio.video",
        needs="account",
    ),
    PlainPage(
        path="/settings",
        element="solstice-settings",
        script="settings",
        heading="nav.settings",
    ),
    PlainPage(
        path="/login",
        element="solstice-login",
        script="login",
        heading="login.title",
    ),
    PlainPage(
        path="/signup",
        element="solstice-signup",
        script="login",
        heading="signup.title",
    ),
    PlainPage(
        path="/moderation",
        element="solstice-moderation",
        script="moderation",
        heading="nav.moderation",
        needs="moderator",
        width="wide",
    ),
    PlainPage(
        path="/moderation/{case_id:uuid}",
        element="solstice-moderation-case",
        script="moderation",
        heading="moderation.case",
        needs="moderator",
        width="wide",
    ),
    PlainPage(
        path="/appeals",
        element="solstice-appeals",
        script="appeals",
        heading="appeals.title",
        needs="account",
    ),
    PlainPage(
        path="/operations",
        element="solstice-operations",
        script="operations",
        heading="nav.operations",
        needs="administrator",
        width="wide",
    ),
)


def answer_plain_page(
    plain: PlainPage,
    *,
    request: Request[Any, Any, Any],
    resources: Resources,
    viewer: Viewer | None,
    heading: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Response[str] | Redirect:
    """Render the frame, or lead to logging in first.

    Errors: `Forbidden` (403) for accounts without the role.
    """
    if plain.needs != "nobody" and viewer is None:
        return Redirect(f"/login?next={quote(request.url.path)}")
    if viewer and plain.needs == "moderator" and not viewer.is_moderator:
        raise Forbidden
    if viewer and plain.needs == "administrator" and not viewer.is_administrator:
        raise Forbidden
    title = heading or text_of(request).text(plain.heading)
    named = {name.replace("_id", ""): str(value) for name, value in request.path_params.items()}
    return render_page(
        "page.html",
        request=request,
        resources=resources,
        viewer=viewer,
        title=title,
        heading=title,
        element=plain.element,
        script=plain.script,
        width=plain.width,
        attributes=attributes or named,
        modules=list_modules(f"scripts/pages/{plain.script}.js"),
    )
