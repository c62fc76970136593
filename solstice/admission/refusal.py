"""Refusals: constant bytes, made once, sent before anything of the request is looked at.

429 and never 503: a balancer ejects a server that answers 503, and its neighbours take the load
that overloaded it.  Retry-After is jittered, so that those who wait do not come back in step.
"""

import random

import msgspec

RETRY_VARIANTS = 16

_BODY = msgspec.json.encode(
    {
        "type": "/problems/busy",
        "title": "Busy",
        "status": 429,
        "detail": "Busy right now; please try again in a moment.",
        "request_id": "-",  # refused unseen; the edge's log has it
    }
)
_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-solstice-shed", b"1"),
]

BODY_MESSAGE = {"type": "http.response.body", "body": _BODY}


def render_starts(
    retry_after_s: float, extra: list[tuple[bytes, bytes]]
) -> list[dict[str, object]]:
    """Make the first messages of a refusal, with Retry-After between 1 and 2 times the base."""
    return [
        {
            "type": "http.response.start",
            "status": 429,
            "headers": [
                *_HEADERS,
                (b"retry-after", str(round(retry_after_s * (1 + k / RETRY_VARIANTS))).encode()),
                *extra,
            ],
        }
        for k in range(RETRY_VARIANTS)
    ]


def pick(starts: list[dict[str, object]]) -> dict[str, object]:
    """Choose one of the prepared messages by chance."""
    return starts[random.getrandbits(4)]
