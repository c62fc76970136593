"""Where the parts meet: routes, middleware, error handlers, resources, as plain tuples.

`build_app` makes the application that is served and the one that is tested: there is no other.
"""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, cast

from litestar import Litestar, Response, get, route
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute
from psycopg.errors import ForeignKeyViolation

from solstice.accounts.erased import answer_missing_reference
from solstice.accounts.serving import MIDDLEWARE as ACCOUNT_MIDDLEWARE
from solstice.accounts.serving import PROVIDERS as ACCOUNT_PROVIDERS
from solstice.accounts.serving import ROUTES as ACCOUNT_ROUTES
from solstice.accounts.serving import RUNNING as ACCOUNT_RUNNING
from solstice.admission import Admission, AdmissionSettings, Priority, RouteTable
from solstice.community.serving import ROUTES as COMMUNITY_ROUTES
from solstice.community.serving import RUNNING as COMMUNITY_RUNNING
from solstice.feed.serving import MIDDLEWARE as FEED_MIDDLEWARE
from solstice.feed.serving import PROVIDERS as FEED_PROVIDERS
from solstice.feed.serving import ROUTES as FEED_ROUTES
from solstice.feed.serving import RUNNING as FEED_RUNNING
from solstice.feed.serving import ShortWay
from solstice.kit.asgi import App
from solstice.kit.clock import Clock, utc_now
from solstice.kit.http import EXCEPTION_HANDLERS, Frame
from solstice.kit.metrics import CONTENT_TYPE, POOL, render_metrics
from solstice.kit.resources import Resources
from solstice.operations import ROUTES as OPERATIONS_ROUTES
from solstice.resources import build_resources
from solstice.settings import Settings
from solstice.videos.serving import ROUTES as VIDEO_ROUTES
from solstice.web.gone import answer_no_route
from solstice.web.routes import ROUTES as WEB_ROUTES

ROUTES = (
    *ACCOUNT_ROUTES,
    *VIDEO_ROUTES,
    *COMMUNITY_ROUTES,
    *FEED_ROUTES,
    *WEB_ROUTES,
    *OPERATIONS_ROUTES,
)

PROVIDERS = {**ACCOUNT_PROVIDERS, **FEED_PROVIDERS}
"""What a handler may ask for by name: `resources`, `viewer`, `signed_in`, `feed_index`, …"""

RUNNING: tuple[Callable[[Resources, State], AbstractAsyncContextManager[None]], ...] = (
    *ACCOUNT_RUNNING,
    *COMMUNITY_RUNNING,
    *FEED_RUNNING,
)
"""Background keeping of memory (revocations, the feed's index), alive as long as the server."""


def build_app(settings: Settings, *, clock: Clock = utc_now) -> App:
    """Build the ASGI application of one server process."""
    resources = build_resources(settings, clock=clock)

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await resources.database.open()
            stack.push_async_callback(resources.database.close)
            for keep in RUNNING:
                await stack.enter_async_context(keep(resources, app.state))
            collect_rarely()
            app.state.is_ready = True
            yield
            app.state.is_ready = False

    litestar = Litestar(
        route_handlers=[live, ready, metrics, *ROUTES],
        dependencies={
            "resources": Provide(lambda: resources, sync_to_thread=False),
            **PROVIDERS,
        },
        state=State({"resources": resources, "is_ready": False}),
        lifespan=[running],
        middleware=[*ACCOUNT_MIDDLEWARE, *FEED_MIDDLEWARE],
        exception_handlers=EXCEPTION_HANDLERS
        | {404: answer_no_route, ForeignKeyViolation: answer_missing_reference},
        openapi_config=OpenAPIConfig(
            title="Solstice",
            version="1",
            path="/openapi.json",
            use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin(path="/")],
        ),
        logging_config=None,
        debug=False,
        request_max_body_size=1024 * 1024,
    )
    admission = Admission(
        Frame(cast("App", ShortWay(litestar, litestar.state))),
        routes=RouteTable(list_priorities(litestar), default=Priority.DEFERRABLE),
        settings=settings.of(AdmissionSettings),
        salt=resources.secret_key,
    )
    resources.database.observe_waits(admission.note_pool_wait)
    return admission


def collect_rarely() -> None:
    """Look for cyclic garbage seldom, and not among what lives as long as the process.

    Memory holds much that never dies and requests leave few cycles: with Python's defaults 10⁴
    viewers made the collector take 7 % of a busy server's time, and stand still for 140 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def list_priorities(litestar: Litestar) -> Iterator[tuple[str, str, Priority]]:
    """List method, path and priority of every route that carries a label."""
    for served in litestar.routes:
        if isinstance(served, HTTPRoute):
            for method, (handler, _) in served.route_handler_map.items():
                if label := handler.opt.get("priority"):
                    yield method, served.path, Priority[label.upper()]


CHECKS: Any = {
    "http_method": ["GET", "OPTIONS"],  # HAProxy's check asks with OPTIONS unless told otherwise
    "opt": {"priority": "critical"},
    "include_in_schema": False,
    "sync_to_thread": False,
}
"""What asks for health, whichever way: never refused."""


@route("/healthz/live", **CHECKS)
def live() -> str:
    """Answer that this process runs; restarting it would help if this stays silent."""
    return "live"


@route("/healthz/ready", **CHECKS)
def ready(state: State) -> Response[str]:
    """Answer whether this process should get traffic: its memory is filled.

    The database does not matter here: pages keep coming from memory while it is away.
    """
    is_ready = bool(state.is_ready and state.feed.is_ready)
    return Response("ready" if is_ready else "starting", status_code=200 if is_ready else 503)


@get("/metrics", opt={"priority": "critical"}, include_in_schema=False, sync_to_thread=False)
def metrics(state: State) -> Response[bytes]:
    """Export this process's metrics; the edge never forwards this path."""
    resources: Any = state.resources
    for name, value in resources.database.stats().items():
        POOL.labels(name).set(value)
    return Response(render_metrics(), media_type=CONTENT_TYPE)
