"""HTTP shared by all routes: problem documents, request ids, metrics, access log, baseline headers.

`Frame` is one pure ASGI layer around the whole application, so that no answer, not even the
framework's own 404, leaves without a request id, without being counted, or with a sniffable
type.  Source: RFC 9457 for problem documents.
"""

import time
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from itertools import count
from random import random
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp

from solstice.kit.asgi import App, Message, Receive, Scope, Send
from solstice.kit.context import REQUEST_ID, decide_request_id
from solstice.kit.errors import SolsticeError
from solstice.kit.ids import new_id
from solstice.kit.metrics import REQUESTS

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"
SLOW_S = 0.5
SAMPLED_SHARE = 0.01
"""Reads that went well are logged one in a hundred; everything else always."""

_BASELINE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_HOST = ("1", "1.0")
"""Only HTTP/1.0 may name no host, and balancers' health checks do (granian calls it "1")."""
_NO_HOST = (b"host", b"")
"""What granian makes of none; the framework takes it for a malformed one and answers 400."""
_PROCESS_MARK = new_id().hex[-20:]
_REQUEST_NUMBERS = count(1)
"""Ids for requests that did not come through the edge: a tenth of the price of a UUID."""


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """RFC 9457's problem document, with the request's id and what is wrong with which field."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, str]] = []


def problem_response(
    *,
    status: int,
    slug: str,
    title: str,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response[bytes]:
    """Render a problem document."""
    document = ProblemDocument(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        detail=detail,
        request_id=REQUEST_ID.get(),
        errors=errors or [],
    )
    return Response(
        msgspec.json.encode(document),
        status_code=status,
        media_type=PROBLEM_TYPE,
        headers={"cache-control": "no-store"} | (headers or {}),
    )


def answer_expected_failure(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Turn a `SolsticeError` into its problem document."""
    if not isinstance(error, SolsticeError):  # pragma: no cover - registered for that type only
        raise error
    headers = {}
    if error.retry_after_s is not None:
        # Full seconds with a random share, so that those who wait do not come back in step.
        headers["retry-after"] = str(max(1, round(error.retry_after_s * (1 + random()))))  # noqa: S311
    return problem_response(
        status=error.status,
        slug=error.slug(),
        title=error.title(),
        detail=error.detail,
        headers=headers,
    )


def answer_http_failure(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Turn the framework's own refusals (404, 405, malformed input) into problem documents."""
    if not isinstance(error, HTTPException):  # pragma: no cover - registered for that type only
        raise error
    status = HTTPStatus(error.status_code)
    details = error.extra if isinstance(error.extra, list) else []
    return problem_response(
        status=status,
        slug=status.phrase.lower().replace(" ", "-"),
        title=status.phrase,
        detail=error.detail if status < HTTPStatus.INTERNAL_SERVER_ERROR else status.phrase,
        headers=dict(error.headers or {}),
        errors=[
            {"field": str(entry.get("key", "")), "message": str(entry.get("message", ""))}
            for entry in details
            if isinstance(entry, dict)
        ],
    )


def answer_bug(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody expected with 500, and log it with its traceback."""
    log.error("request.bug", exc_info=error)
    return problem_response(
        status=500,
        slug="internal-error",
        title="Internal error",
        detail="Something broke on our side; it has been recorded.",
    )


def answer_too_deep(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer JSON that is nested deeper than any decoder follows; logged, in case it is ours."""
    log.warning("request.too_deep", error=str(error))
    return problem_response(
        status=400,
        slug="nested-too-deeply",
        title="Nested too deeply",
        detail="This is nested too deeply to be read.",
    )


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    SolsticeError: answer_expected_failure,
    HTTPException: answer_http_failure,
    RecursionError: answer_too_deep,
    Exception: answer_bug,
}


def answer_failure(error: Exception, request: Request[Any, Any, Any]) -> ASGIApp:
    """Turn what failed in front of the framework into what the framework would answer."""
    render = answer_expected_failure if isinstance(error, SolsticeError) else answer_bug
    return render(request, error).to_asgi_response(None, request)


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare which problem documents a route may answer, for its OpenAPI description.

    Every route may answer 429: a server that is overloaded refuses before it looks further.
    """
    return {
        status: ResponseSpec(
            ProblemDocument,
            generate_examples=False,
            description=HTTPStatus(status).phrase,
            media_type=PROBLEM_TYPE,
        )
        for status in sorted({*statuses, HTTPStatus.TOO_MANY_REQUESTS.value})
    }


NOTHING_TO_SAY = {204: ResponseSpec(None, description="Done; there is nothing to say.")}
"""For handlers that return a bare `Response`, which the document would take for JSON."""


def client_network(request: Request[Any, Any, Any]) -> str:
    """Tell the client's network for limits: the IPv4 address, or the /64 of an IPv6 one.

    The edge overwrites `x-forwarded-for` with the one address it knows; the last one counts, which
    a client cannot choose even behind a proxy that appends.  Without it, the peer's own.
    """
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    address = forwarded or (request.client.host if request.client else "unknown")
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


class Frame:
    """The outermost layer but one: request id, metrics, access log, headers."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        if scope["http_version"] in _WITHOUT_HOST:
            scope["headers"] = [pair for pair in scope["headers"] if pair != _NO_HOST]
        request_id = _find_request_id(scope["headers"])
        REQUEST_ID.set(request_id)
        status = 0

        async def framed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                lacking = _lacking(tuple([name for name, _ in headers]))
                message["headers"] = [*headers, (b"x-request-id", request_id.encode()), *lacking]
            await send(message)

        try:
            await self.app(scope, receive, framed_send)
        finally:
            _record(scope, status, time.monotonic() - started)


def _find_request_id(headers: list[tuple[bytes, bytes]]) -> str:
    """Find the edge's id, or make one."""
    for name, value in headers:
        if name == b"x-request-id":
            claimed = decide_request_id(value.decode("latin-1"), "")
            if claimed:
                return claimed
            break
    return f"{_PROCESS_MARK}-{next(_REQUEST_NUMBERS):x}"


@lru_cache(maxsize=256)
def _lacking(present: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Tell which baseline headers an answer with these names still needs."""
    return tuple(pair for pair in (*_BASELINE, _API_POLICY) if pair[0] not in present)


def _record(scope: Scope, status: int, took_s: float) -> None:
    route = str(scope.get("path_template") or "unrouted")
    method = scope["method"]
    REQUESTS.note(route, method if method in _KNOWN_METHODS else "other", status, took_s)
    ordinary = method in _READS and status < 400 and took_s < SLOW_S  # noqa: PLR2004
    if not ordinary or random() < SAMPLED_SHARE:  # noqa: S311
        log.info(
            "request",
            method=method,
            path=scope["path"][:256],
            route=route,
            status=status,
            took_ms=round(took_s * 1000, 2),
        )


_KNOWN_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
