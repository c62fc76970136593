"""Asking for a page: cursor and limit, read from the query string by hand.

The framework's own way (parameters and dependencies in the handler's signature) costs 150 µs a
request, four times the page itself, most of it in a task group that resolves dependencies side
by side.  So the two hot handlers take the bare scope, and `PageOperation` tells the OpenAPI
document what they accept.  Measured in docs/decisions/0076.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Schema
from litestar.types import Receive, Scope, Send

from solstice.feed.errors import BadPageSize
from solstice.kit.paging import CURSOR_CHARS_MAX, BadCursor

LIMIT_MAX: Final = 24
_HEADERS: Final = (
    (b"content-type", b"application/json"),
    # A page is for one viewer and one moment.
    (b"cache-control", b"private, no-store"),
)
_PARAMETERS: Final = [
    Parameter(
        name="cursor",
        param_in="query",
        description="`next_cursor` of the page before",
        schema=Schema(type=OpenAPIType.STRING, max_length=CURSOR_CHARS_MAX),
    ),
    Parameter(
        name="limit",
        param_in="query",
        description="How many clips at most",
        schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=LIMIT_MAX),
    ),
]


@dataclass
class PageOperation(Operation):
    """An operation that takes `cursor` and `limit`."""

    def __post_init__(self) -> None:
        """Add the parameters the signature does not show."""
        self.parameters = list(_PARAMETERS)


class PageAnswer:
    """A page on its way out: an ASGI application, which the framework passes on untouched.

    Its own `Response` would build, merge and encode headers that never change: 20 µs.
    """

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the page."""
        length = b"%d" % len(self.body)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [*_HEADERS, (b"content-length", length)],
            }
        )
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def read_page_request(query: bytes, *, limit: int) -> tuple[str | None, int]:
    """Read cursor and limit from a query string; `limit` is what stands when it says none.

    Errors: BadCursor (400), BadPageSize (400).
    """
    if not query:
        return None, limit
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=16)
    cursors, limits = asked.get("cursor", [""]), asked.get("limit")
    if len(cursors) > 1:
        raise BadCursor
    return cursors[0] or None, limit if limits is None else _read_limit(limits)


def _read_limit(limits: list[str]) -> int:
    if len(limits) > 1 or not limits[0].isascii() or not limits[0].isdigit():
        raise BadPageSize
    limit = int(limits[0][:9])
    if not 1 <= limit <= LIMIT_MAX:
        raise BadPageSize
    return limit
