"""The servers `bench/feed.py` compares: the served application, and a bare endpoint.

The bare one is what the framework can do at all: one route, the same bytes, or the same bytes
after one indexed query by the driver and pool the application uses.
"""

import asyncio
import os
import sys
from pathlib import Path

import uvloop
from litestar import Litestar, Response, get
from psycopg_pool import AsyncConnectionPool

from solstice.app import build_app
from solstice.kit.asgi import Receive, Scope, Send
from solstice.kit.logs import set_up_logs
from solstice.kit.serving import serve_until_stopped
from solstice.settings import read_settings


def build_bare(dsn: str, page: bytes) -> Litestar:
    """Build the yardstick."""
    pool = AsyncConnectionPool(dsn, min_size=8, max_size=8, open=False, kwargs={"autocommit": True})

    async def open_pool() -> None:
        await pool.open(wait=True)

    async def close_pool() -> None:
        await pool.close()

    @get("/bare")
    async def bare() -> Response[bytes]:
        return Response(page, media_type="application/json")

    @get("/query")
    async def query() -> Response[bytes]:
        async with pool.connection() as conn:
            cursor = await conn.execute(
                "SELECT id, name, display_name, created_at FROM accounts WHERE id = %s",
                ["00000000-0000-7000-8000-000000000001"],
            )
            await cursor.fetchone()
        return Response(page, media_type="application/json")

    @get("/healthz/ready")
    async def ready() -> str:
        return "ready"

    return Litestar(
        route_handlers=[bare, query, ready],
        on_startup=[open_pool],
        on_shutdown=[close_pool],
        openapi_config=None,
        logging_config=None,
    )


async def answer_constant(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whatever is asked with the same few bytes: what the HTTP server takes at least."""
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def main() -> None:
    """Serve what was asked for until told to stop."""
    kind, port = sys.argv[1], int(sys.argv[2])
    set_up_logs(process=kind, level="warning")
    if kind == "bare":
        page = Path(os.environ.pop("BENCH_PAGE")).read_bytes()
        app = build_bare(os.environ["SOLSTICE_DATABASE_DSN"], page)
    elif kind == "constant":
        app = answer_constant  # type: ignore[assignment]
    else:
        os.environ.pop("BENCH_PAGE", None)
        app = build_app(read_settings())  # type: ignore[assignment]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_until_stopped(app, host="127.0.0.1", port=port))


if __name__ == "__main__":
    main()
