"""Noticing writes: whoever changes something here finds it in their feed at once.

One thin ASGI layer inside the doorman's.  After a successful write by somebody signed in (a
like, a follow, a block, whatever feature it belongs to) this server reads that viewer anew
before their next page, and asks at once what else changed.  Nothing above or beside the feed
needs to tell it, and nobody can forget to.  Other servers learn of it within a second.
"""

from typing import cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from solstice.accounts.doorman import VIEWER_KEY
from solstice.accounts.viewer import Viewer
from solstice.feed.memory import Memory

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_UNRELATED = frozenset({"upload", "deferrable"})
"""Priorities of routes that come in floods and change nobody's feed: chunks, beacons."""


class WriteNoticer:
    """The layer around each route that tells the feed of successful writes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; a write that goes well is noticed before its answer leaves."""
        if scope.get("method") in _READS:
            await self.app(scope, receive, send)
            return
        memory: Memory = scope["litestar_app"].state.feed
        is_related = scope["route_handler"].opt.get("priority") not in _UNRELATED

        async def noticing_send(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:  # noqa: PLR2004
                viewer = cast("Viewer | None", scope.get(VIEWER_KEY))
                if viewer is not None:
                    memory.viewers.mark_stale(viewer.id)
                memory.wake.set()
            await send(message)

        await self.app(scope, receive, noticing_send if is_related else send)
