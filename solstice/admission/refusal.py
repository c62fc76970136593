"""Refusals: constant bytes, made once, sent before anything of the request is looked at.

429 and never 503: a balancer ejects a server that answers 503, and its neighbours take the load
that overloaded it.  Retry-After is jittered, so that those who wait do not come back in step.  A
person who opened an address gets a page that waits as long and then asks again by itself.
"""

import random
from collections.abc import Mapping

import msgspec

from solstice.kit.asgi import Message
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page

RETRY_VARIANTS = 16
ELSEWHERE = (b"x-solstice-retry", b"elsewhere")

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
Answer = tuple[Message, Message]


class Refusals:
    """Every form a refusal may take, ready to be sent."""

    def __init__(self, retry_after_s: float) -> None:
        self._waits_s = [
            max(1, round(retry_after_s * (1 + k / RETRY_VARIANTS))) for k in range(RETRY_VARIANTS)
        ]
        waits_s = set(self._waits_s)
        documents = {wait_s: _prepare(wait_s, _DOCUMENT, _DOCUMENT_HEADERS) for wait_s in waits_s}
        pages = {
            wait_s: _prepare(wait_s, _render_page(wait_s), _PAGE_HEADERS) for wait_s in waits_s
        }
        self._forms = documents, pages
        self._answers: list[list[Answer]] = []

    def render(self, reports: Headers) -> None:
        """Prepare the messages with what is said of load: once a window, before any `pick`."""
        self._answers = []
        for forms in self._forms:
            for extra in (reports, [*reports, ELSEWHERE]):
                answers = {wait_s: _finish(form, extra) for wait_s, form in forms.items()}
                self._answers.append([answers[wait_s] for wait_s in self._waits_s])

    def pick(self, *, is_person: bool, may_try_elsewhere: bool) -> Answer:
        """Choose the two messages of a refusal, with a wait of 1 to 2 times the base by chance."""
        return self._answers[2 * is_person + may_try_elsewhere][random.getrandbits(4)]


def is_opened_by_a_person(method: str, said: Mapping[bytes, bytes]) -> bool:
    """Tell whether a browser goes to this address, rather than a script or a program asks.

    Browsers say `navigate` to trustworthy origins only; over plain HTTP they at least prefer HTML.
    """
    if method != "GET":
        return False  # trying again by itself would ask something else
    return said.get(b"sec-fetch-mode") == b"navigate" or said.get(b"accept", b"").startswith(
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


def _finish(form: Form, extra: Headers) -> Answer:
    headers, body = form
    return {"type": "http.response.start", "status": 429, "headers": [*headers, *extra]}, body


def _render_page(wait_s: int) -> bytes:
    return render_waiting_page("Busy right now", wait_s=wait_s).encode()
