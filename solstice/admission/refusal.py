"""Refusals: constant bytes, made once, sent before anything of the request is looked at.

429 and never 503: a balancer ejects a server that answers 503, and its neighbours take the load
that overloaded it.  Retry-After is jittered, so that those who wait do not come back in step.  A
person who opened an address gets a page that waits as long and then asks again by itself.
"""

import random

import msgspec

from solstice.kit.asgi import Message, Scope
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page

RETRY_VARIANTS = 16

_DOCUMENT = msgspec.json.encode(
    {
        "type": "/problems/busy",
        "title": "Busy",
        "status": 429,
        "detail": "Busy right now; please try again in a moment.",
        "request_id": "-",  # refused unseen; the edge's log has it
    }
)
_DOCUMENT_HEADERS = [(b"content-type", b"application/problem+json")]
_PAGE_HEADERS = [(name.encode(), value.encode()) for name, value in WAITING_PAGE_HEADERS.items()]

Headers = list[tuple[bytes, bytes]]
Form = tuple[Headers, Message]
"""The headers of a refusal, but for what is said of load, and the message with its body."""


class Refusals:
    """Every form a refusal may take, ready to be sent."""

    def __init__(self, retry_after_s: float) -> None:
        waits_s = [
            max(1, round(retry_after_s * (1 + k / RETRY_VARIANTS))) for k in range(RETRY_VARIANTS)
        ]
        self._documents = [_prepare(wait_s, _DOCUMENT, _DOCUMENT_HEADERS) for wait_s in waits_s]
        self._pages = [_prepare(wait_s, _render_page(wait_s), _PAGE_HEADERS) for wait_s in waits_s]

    def pick(self, scope: Scope, extra: Headers) -> tuple[Message, Message]:
        """Choose the two messages of a refusal, with a wait of 1 to 2 times the base by chance."""
        forms = self._pages if is_opened_by_a_person(scope) else self._documents
        headers, body = forms[random.getrandbits(4)]
        start = {"type": "http.response.start", "status": 429, "headers": [*headers, *extra]}
        return start, body


def is_opened_by_a_person(scope: Scope) -> bool:
    """Tell whether a browser goes to this address, rather than a script or a program asks.

    Browsers say `navigate` to trustworthy origins only; over plain HTTP they at least prefer HTML.
    """
    if scope["method"] != "GET":
        return False  # trying again by itself would ask something else
    headers = dict(scope["headers"])
    return headers.get(b"sec-fetch-mode") == b"navigate" or headers.get(b"accept", b"").startswith(
        b"text/html"
    )


def _prepare(wait_s: int, body: bytes, headers: Headers) -> Form:
    return (
        [
            *headers,
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"x-solstice-shed", b"1"),
            (b"retry-after", str(wait_s).encode()),
        ],
        {"type": "http.response.body", "body": body},
    )


def _render_page(wait_s: int) -> bytes:
    return render_waiting_page("Busy right now", wait_s=wait_s).encode()
