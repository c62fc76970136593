"""Liveness, readiness and metrics for processes that serve nothing else over HTTP.

Live asks whether a restart would help; ready asks whether the process does its work now.
"""

from collections.abc import Callable

from solstice.kit.asgi import App, Receive, Scope, Send
from solstice.kit.metrics import CONTENT_TYPE, render_metrics

HEALTH_PATHS = frozenset({"/healthz/live", "/healthz/ready", "/metrics"})


def build_health_app(is_ready: Callable[[], bool]) -> App:
    """Build an ASGI application that answers `HEALTH_PATHS` and 404 for the rest."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, body, kind = answer_health(scope["path"], is_ready)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", kind.encode()),
                    (b"content-length", str(len(body)).encode()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})

    return app


def answer_health(path: str, is_ready: Callable[[], bool]) -> tuple[int, bytes, str]:
    """Return status, body and content type of an answer."""
    if path == "/metrics":
        return 200, render_metrics(), CONTENT_TYPE
    if path == "/healthz/live":
        return 200, b"live", "text/plain"
    if path == "/healthz/ready":
        return (200, b"ready", "text/plain") if is_ready() else (503, b"starting", "text/plain")
    return 404, b"", "text/plain"
