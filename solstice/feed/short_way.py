"""The short way: For You, answered in front of the framework.

A page of For You is what a server is asked for most, and it needs nothing of routing, signatures
or response objects: two thirds of what the framework did for it (docs/decisions/0078).  So this
layer lets its viewer in, asks the same behaviour the route asks, and sends the same answer; all
else passes on.  The route stays for the API's description, and for spellings of the path that
only a router understands.
"""

from typing import Final, cast

from litestar import Request
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Scope, Send

from solstice.accounts.doorman import VIEWER_KEY, adding, let_in
from solstice.accounts.viewer import Viewer
from solstice.feed.asking import PageAnswer, read_page_request
from solstice.feed.for_you import for_you_page
from solstice.feed.memory import Memory
from solstice.kit.http import answer_failure

FOR_YOU: Final = "/v1/feed/for-you"


class ShortWay:
    """The layer around the framework that answers For You itself."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page of For You, or let the framework answer what else was asked."""
        if scope.get("path") != FOR_YOU or scope.get("method") != "GET":
            await self.app(scope, receive, send)
            return
        scope["path_template"] = FOR_YOU
        cookie: bytes | None = None
        answer: ASGIApp
        try:
            cookie = await let_in(scope, self.state["sessions"])
            answer = await answer_for_you(scope, self.state["feed"])
        except Exception as error:  # noqa: BLE001 - it is told as the framework tells it
            answer = answer_failure(error, Request(scope))
        await answer(scope, receive, send if cookie is None else adding(send, cookie))


async def answer_for_you(scope: Scope, memory: Memory) -> PageAnswer:
    """Read who asks for which page of For You, and make it.

    Errors: BadCursor (400), BadPageSize (400), FeedNotReady (503).
    """
    viewer = cast("Viewer | None", scope.get(VIEWER_KEY))
    cursor, limit = read_page_request(scope["query_string"], limit=memory.settings.page_size)
    viewer_id = None if viewer is None else viewer.id
    return PageAnswer(await for_you_page(memory, viewer_id=viewer_id, cursor=cursor, limit=limit))
