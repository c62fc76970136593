"""One's own account over HTTP."""

from litestar import get
from litestar.types import ControllerRouterHandler

from solstice.accounts.account import Me
from solstice.accounts.profile import read_me
from solstice.accounts.viewer import Viewer
from solstice.kit.http import problems
from solstice.kit.resources import Resources


@get("/v1/me", opt={"priority": "interactive"}, responses=problems(401, 429, 503))
async def show_me(resources: Resources, signed_in: Viewer) -> Me:
    """Show one's own account."""
    async with resources.database.reading() as conn:
        return await read_me(conn, signed_in)


ME_ROUTES: tuple[ControllerRouterHandler, ...] = (show_me,)
