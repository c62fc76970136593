"""Nobody reads or changes what is not theirs: every route, tried by everybody.

`matrix.txt` is the table; here it is carried out against the served application, and compared
with the routes there are, so that a new route cannot be forgotten.
"""

import re
from typing import Any

import httpx
import pytest

from solstice.kit.asgi import App
from solstice.kit.ids import new_id
from tests.cast import PASSWORD
from tests.security.conftest import CALLERS, Everybody, Things
from tests.security.matrix import EXEMPT, Line, lines

_TUS = {"tus-resumable": "1.0.0"}


def body_of(name: str, things: Things) -> dict[str, Any]:
    """Say what is sent: arguments for the client."""
    bodies: dict[str, dict[str, Any]] = {
        "-": {},
        "sign_up": {"json": {"name": "x", "password": PASSWORD}},
        "log_in": {"json": {"name": f"p{new_id().hex[-12:]}", "password": "a guess"}},
        "profile": {"json": {"bio": "New words."}},
        "picture": {"content": b"<svg onload=alert(1)>"},
        "new_password": {"json": {"current_password": "guess", "new_password": "another one"}},
        "password": {"json": {"password": "a guess"}},
        "caption": {"json": {"caption": "New words."}},
        "frame": {"json": {"at_ms": 0}},
        "vtt": {
            "content": b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n",
            "headers": {"content-type": "text/vtt"},
        },
        "upload": {"headers": _TUS | {"upload-length": "10"}},
        "chunk": {
            "content": b"01234",
            "headers": _TUS
            | {"upload-offset": "0", "content-type": "application/offset+octet-stream"},
        },
        "tus": {"headers": _TUS},
        "comment": {"json": {"text": "Hello."}, "headers": {"idempotency-key": str(new_id())}},
        "report": {
            "json": {
                "subject_kind": "video",
                "subject_id": str(things.public),
                "reason": "spam",
                "note": "",
            },
            "headers": {"idempotency-key": str(new_id())},
        },
        "decision": {"json": {"action": "dismiss", "reason": "It is fine."}},
        "appeal": {"json": {"text": "It is not spam."}},
        "answer": {"json": {"action": "uphold", "reason": "It is spam."}},
        "read": {"json": {"up_to": str(things.notification)}},
        "beacon": {
            "json": {
                "events": [
                    {"id": str(new_id()), "video_id": str(things.public), "kind": "impression"}
                ]
            }
        },
    }
    return bodies[name]


def address_of(line: Line, everybody: Everybody, things: Things) -> str:
    """Fill the path's placeholders with the owner's things."""
    thing = str(getattr(things, line.thing, ""))
    filled = {
        "video_id": thing,
        "comment_id": thing,
        "case_id": thing,
        "session_id": thing,
        "name": everybody.owner.name,
        "address": f"@{everybody.owner.name}",
        "tag": "sea",
        "language": "en",
    }
    return re.sub(r"\{(\w+)\}", lambda match: filled[match[1]], line.path)


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.name)
async def test_each_caller_gets_what_the_table_says(
    line: Line, everybody: Everybody, things: Things
) -> None:
    """From left to right; the owner comes last and still finds the thing."""
    address = address_of(line, everybody, things)
    found = {}
    for caller in CALLERS:
        answer = await everybody.of(caller).request(
            line.method, address, **body_of(line.body, things)
        )
        found[caller] = answer.status_code
        assert answer.status_code < 500, answer.text
    assert found == dict(zip(CALLERS, line.expected, strict=True))


def test_every_route_is_in_the_table(app: App) -> None:
    """Whoever adds a route says here who may use it."""
    known = {(line.method, line.path.partition("?")[0]) for line in lines()} | set(EXEMPT)
    served = set(routes(app))
    assert served - known == set(), "not in tests/security/matrix.txt"
    assert known - served == set(), "in the table, but not served any more"


def routes(app: Any) -> list[tuple[str, str]]:
    """List every method and path that is served."""
    while not hasattr(app, "routes"):
        app = app.app
    return [
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path))
        for route in app.routes
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS"
    ]


async def test_a_made_up_token_opens_nothing(everybody: Everybody, app: App) -> None:
    """Whatever the table allows the owner, a stranger with garbage in the cookie is nobody."""
    for cookie in ("garbage", "a.b.c", "", "x" * 9000):
        stranger = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://solstice.test",
            headers={"cookie": f"solstice_session={cookie}"},
        )
        assert (await stranger.get("/v1/me")).status_code == 401
        assert (await stranger.get(f"/v1/accounts/{everybody.owner.name}")).status_code == 200
        await stranger.aclose()
