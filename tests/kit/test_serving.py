"""One process, one endpoint: it serves, finishes what is in flight, and returns."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from solstice.kit.serving import serve_until_stopped


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Slow:
    """An application whose answer waits for the test; records its own life."""

    def __init__(self) -> None:
        self.life: list[str] = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer lifespan events at once and requests when allowed."""
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"].removeprefix("lifespan.")
                self.life.append(kind)
                await send({"type": f"lifespan.{kind}.complete"})
                if kind == "shutdown":
                    return
        self.asked.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


async def connect(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return


async def test_a_stop_lets_the_request_in_flight_finish() -> None:
    """A restart never cuts an answer short; start and end of the application are both told."""
    app, until, port = Slow(), asyncio.Event(), free_port()
    serving = asyncio.create_task(
        serve_until_stopped(app, host="127.0.0.1", port=port, until=until)
    )
    await connect(port)
    async with httpx.AsyncClient() as client:
        asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/", timeout=10))
        await app.asked.wait()
        until.set()
        app.may_answer.set()
        answer = await asking
    await asyncio.wait_for(serving, timeout=10)
    assert answer.text == "done"
    assert app.life == ["startup", "shutdown"]


async def test_an_application_that_cannot_start_ends_the_process() -> None:
    """A server that never serves must end, so that the supervisor sees it and tries again."""

    async def broken(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="did not start"):
        await asyncio.wait_for(
            serve_until_stopped(broken, host="127.0.0.1", port=free_port(), until=asyncio.Event()),
            timeout=10,
        )
