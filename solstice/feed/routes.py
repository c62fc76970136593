"""From URL to behaviour."""

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Parameter

from solstice.accounts.viewer import Viewer
from solstice.feed.for_you import for_you_page
from solstice.feed.memory import Memory
from solstice.kit.http import problems, raw_json
from solstice.kit.paging import CURSOR_CHARS_MAX

Cursor = Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)]


def provide_feed(state: State) -> Memory:
    """Hand over this server's memory of the feed."""
    memory: Memory = state.feed
    return memory


@get("/v1/feed/for-you", opt={"priority": "playback"}, responses=problems(400, 503))
async def get_for_you(
    feed: Memory,
    viewer: Viewer | None,
    cursor: Cursor = None,
    limit: int | None = None,
) -> Response[bytes]:
    """Show the next clips for whoever asks, personal for those who are signed in."""
    page = await for_you_page(
        feed,
        viewer_id=viewer.id if viewer else None,
        cursor=cursor,
        limit=feed.settings.page_size if limit is None else limit,
    )
    return raw_json(page)


ROUTES = (get_for_you,)
PROVIDERS = {"feed": Provide(provide_feed, sync_to_thread=False)}
