"""From URL to behaviour."""

from typing import cast
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp, Scope

from solstice.accounts.doorman import VIEWER_KEY
from solstice.accounts.viewer import Viewer
from solstice.feed import not_interested
from solstice.feed.asking import PageAnswer, PageOperation, read_page_request
from solstice.feed.beacon import Beacons, Source
from solstice.feed.following import following_page
from solstice.feed.memory import Memory
from solstice.feed.page import FeedPage
from solstice.feed.short_way import FOR_YOU, answer_for_you
from solstice.kit.errors import NotSignedIn
from solstice.kit.http import client_network, problems
from solstice.kit.resources import Resources

BEACON_BYTES_MAX = 64 * 1024
"""What browsers let `sendBeacon` send."""
_PAGE = {200: ResponseSpec(FeedPage, generate_examples=False, description="A page of clips")}


def provide_feed(state: State) -> Memory:
    """Hand over this server's memory of the feed."""
    memory: Memory = state.feed
    return memory


@get(
    FOR_YOU,
    opt={"priority": "playback"},
    operation_class=PageOperation,
    responses=_PAGE | problems(400, 503),
)
async def get_for_you(scope: Scope) -> ASGIApp:
    """Show the next clips for whoever asks, personal for those who are signed in."""
    return await answer_for_you(scope, scope["litestar_app"].state.feed)


@get(
    "/v1/feed/following",
    opt={"priority": "playback"},
    operation_class=PageOperation,
    responses=_PAGE | problems(400, 401, 503),
)
async def get_following(scope: Scope) -> ASGIApp:
    """Show the newest clips of those the viewer follows."""
    memory: Memory = scope["litestar_app"].state.feed
    viewer = cast("Viewer | None", scope.get(VIEWER_KEY))
    if viewer is None:
        raise NotSignedIn
    cursor, limit = read_page_request(scope["query_string"], limit=memory.settings.page_size)
    page = await following_page(memory, viewer_id=viewer.id, cursor=cursor, limit=limit)
    return PageAnswer(page)


@post(
    "/v1/beacons",
    status_code=202,
    opt={"priority": "deferrable"},
    request_max_body_size=BEACON_BYTES_MAX,
    responses=problems(400, 403, 413),
)
async def post_beacons(
    feed: Memory, viewer: Viewer | None, data: Beacons, request: Request[None, None, State]
) -> None:
    """Take in what was shown and watched; JSON whatever the content type says."""
    source = Source(account_id=viewer.id if viewer else None, network=client_network(request))
    feed.beaconry.take_in(source, data.events, now_s=feed.now_s())


@put(
    "/v1/videos/{video_id:uuid}/not-interested",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(401, 403, 404, 503, 507),
)
async def put_not_interested(
    resources: Resources, feed: Memory, signed_in: Viewer, video_id: UUID
) -> None:
    """Show less like this, from the next page on."""
    async with resources.database.transaction() as conn:
        record = await not_interested.mark_not_interested(
            conn, feed, viewer=signed_in, video_id=video_id
        )
    feed.viewers.note(signed_in.id, [record])


@delete(
    "/v1/videos/{video_id:uuid}/not-interested",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(401, 403, 503, 507),
)
async def delete_not_interested(
    resources: Resources, feed: Memory, signed_in: Viewer, video_id: UUID
) -> None:
    """Take "not interested" back."""
    async with resources.database.transaction() as conn:
        record = await not_interested.take_back_not_interested(
            conn, feed, viewer=signed_in, video_id=video_id
        )
    feed.viewers.note(signed_in.id, [record])


@delete(
    "/v1/me/taste",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(401, 403, 503, 507),
)
async def delete_taste(resources: Resources, signed_in: Viewer) -> None:
    """Forget what the viewer likes and start afresh; what was seen stays seen."""
    async with resources.database.transaction() as conn:
        await not_interested.reset_taste(conn, viewer=signed_in)


ROUTES = (
    get_for_you,
    get_following,
    post_beacons,
    put_not_interested,
    delete_not_interested,
    delete_taste,
)
PROVIDERS = {"feed": Provide(provide_feed, sync_to_thread=False)}
