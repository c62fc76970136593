"""Writes from other sites are refused by what the browser itself says; reads are not concerned."""

import httpx
import pytest

from solstice.kit.asgi import App
from tests.conftest import SignUp
from tests.security.conftest import Everybody
from tests.security.test_permissions import routes
from tests.served import ORIGIN

EVIL = "https://evil.example"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def client(app: App, cookie: str, **headers: str) -> httpx.AsyncClient:
    """Make a browser that sends exactly these headers with the cookie."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"cookie": f"solstice_session={cookie}"} if cookie else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers=named | sent
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"sec_fetch_site": "same-origin", "origin": ORIGIN}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"origin": ORIGIN}, 200),
        ({"origin": ORIGIN.upper()}, 200),
        ({"sec_fetch_site": "cross-site", "origin": EVIL}, 403),
        ({"sec_fetch_site": "same-site", "origin": "http://other.solstice.test"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": ORIGIN}, 403),
        ({"sec_fetch_site": "nonsense"}, 403),
        ({"origin": EVIL}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://solstice.test.evil.example"}, 403),
        ({"origin": "http://evil.example/http://solstice.test"}, 403),
        ({"origin": EVIL, "x_forwarded_host": "evil.example"}, 403),
        ({"origin": EVIL, "forwarded": "host=evil.example"}, 403),
        ({"referer": ORIGIN}, 403),
        ({}, 403),
    ],
)
async def test_a_write_with_the_cookie_must_come_from_our_own_pages(
    app: App, everybody: Everybody, headers: dict[str, str], expected: int
) -> None:
    """Sec-Fetch-Site decides; browsers without it are judged by Origin; neither is refused."""
    cookie = everybody.owner.http.cookies["solstice_session"]
    async with client(app, cookie, **headers) as browser:
        answer = await browser.patch("/v1/me", json={"bio": "Written by somebody."})
        assert answer.status_code == expected, answer.text
        assert (await browser.get("/v1/me")).status_code == 200


async def test_every_write_refuses_another_site(app: App, everybody: Everybody) -> None:
    """All of them, also those that need no account, before anything else is looked at."""
    cookie = everybody.owner.http.cookies["solstice_session"]
    async with client(app, cookie, sec_fetch_site="cross-site", origin=EVIL) as browser:
        for method, path in routes(app):
            if method in WRITES:
                address = path.replace("{", "").replace("}", "")
                for placeholder in ("video_id", "comment_id", "case_id", "session_id"):
                    address = address.replace(placeholder, str(everybody.owner.id))
                answer = await browser.request(method, address)
                assert answer.status_code == 403, (method, path, answer.text)


async def test_another_site_cannot_log_somebody_in_as_somebody_else(app: App) -> None:
    """Log-in and sign-up carry no cookie yet and are refused all the same."""
    async with client(app, "", sec_fetch_site="cross-site", origin=EVIL) as browser:
        for path in ("/v1/sessions", "/v1/accounts"):
            answer = await browser.post(path, json={"name": "mallory", "password": "her own one"})
            assert answer.status_code == 403


async def test_a_bearer_token_is_no_browsers_doing(app: App, sign_up: SignUp) -> None:
    """A script sends it on purpose; together with a cookie the cookie does not count."""
    ada, bo = await sign_up("ada"), await sign_up("bo")
    bearer = {"authorization": f"Bearer {ada.http.cookies['solstice_session']}"}
    async with client(app, bo.http.cookies["solstice_session"]) as script:
        answer = await script.patch("/v1/me", json={"bio": "By a script."}, headers=bearer)
        assert answer.status_code == 200
        assert answer.json()["name"] == ada.name
        garbage = await script.get("/v1/me", headers={"authorization": "Bearer garbage"})
        assert garbage.status_code == 401


async def test_no_answer_lets_another_site_read(app: App, everybody: Everybody) -> None:
    """There is no CORS here: nothing is allowed to anybody else's scripts."""
    cookie = everybody.owner.http.cookies["solstice_session"]
    async with client(app, cookie, origin=EVIL, sec_fetch_site="cross-site") as browser:
        for path in ("/v1/me", "/v1/feed/for-you", "/"):
            answer = await browser.get(path)
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        asked = await browser.options("/v1/me", headers={"access-control-request-method": "PATCH"})
        assert not [name for name in asked.headers if name.startswith("access-control-")]
