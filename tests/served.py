"""The served application inside the test process: its lifespan, and clients that talk to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from solstice.kit.asgi import App

ORIGIN = "http://solstice.test"


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[App]:
    """Run the application's lifespan, as a server would."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(message: Any) -> None:
        await outgoing.put(message)

    task = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, incoming.get, send)
    )
    await incoming.put({"type": "lifespan.startup"})
    started = await asyncio.wait_for(outgoing.get(), 30)
    assert started["type"] == "lifespan.startup.complete", started
    yield app
    await incoming.put({"type": "lifespan.shutdown"})
    stopped = await asyncio.wait_for(outgoing.get(), 30)
    assert stopped["type"] == "lifespan.shutdown.complete", stopped
    await asyncio.wait_for(task, 30)


def browser(app: App) -> httpx.AsyncClient:
    """Make a client with a cookie jar that behaves like a same-origin page."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url=ORIGIN,
        headers={"sec-fetch-site": "same-origin", "origin": ORIGIN},
    )
