"""What people send does not become headers, log lines, SQL or markup."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from solstice.kit.asgi import App
from solstice.kit.logs import set_up_logs
from tests.cast import PASSWORD, Person
from tests.conftest import SignUp
from tests.security.conftest import Everybody, Things
from tests.served import ORIGIN

NASTY = [
    "a\r\nset-cookie: solstice_session=planted",
    "a\nX-Injected: yes",
    "\x00\x1b[31mred",
    "'; DROP TABLE accounts; --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "../../../../etc/passwd",
    "\u2028line\u2029paragraph",
    "%0d%0aset-cookie:%20x=1",
]


async def raw(
    app: App, path: str, headers: list[tuple[bytes, bytes]]
) -> tuple[int, dict[bytes, bytes]]:
    """Send bytes that no well-behaved client would send."""
    status, received = 0, {}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))
            received.update(dict(message["headers"]))  # type: ignore[call-overload]

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.9", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    return status, received


@pytest.mark.parametrize("nasty", NASTY)
async def test_no_header_is_born_from_input(app: App, nasty: str) -> None:
    """Request ids, user agents, hosts, forwarded names: no line break comes back."""
    hostile = nasty.encode("utf-8")
    names = (
        *(b"x-request-id", b"user-agent", b"host", b"cookie", b"origin", b"authorization"),
        *(b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"accept-language"),
    )
    for path in ("/v1/me", "/", "/login", "/v1/nowhere", f"/@{nasty}", f"/tag/{nasty}"):
        status, headers = await raw(app, path, [(name, hostile) for name in names])
        assert status < 500, path
        for name, value in headers.items():
            assert b"\r" not in name + value, (path, name)
            assert b"\n" not in name + value, (path, name)
        assert b"set-cookie" not in headers or b"planted" not in headers[b"set-cookie"]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What the process writes into its log."""
    stream = StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    before = structlog.get_config()
    set_up_logs(process="test")
    yield stream
    structlog.configure(**before)


async def test_one_request_is_one_line_in_the_log(anonymous: Person, written: StringIO) -> None:
    """A forged line would be believed by whoever reads it at night."""
    structlog.get_logger().warning("request", path='/a\r\n{"event": "forged"}', name="\x1b[2J")
    for nasty in NASTY:
        await anonymous.http.post(
            "/v1/sessions",
            json={"name": nasty, "password": "x"},
            headers={"x-request-id": "ok-1"},
        )
    for line in written.getvalue().splitlines():
        entry = json.loads(line)
        assert entry["event"] != "forged"
        assert "\x1b" not in line


@pytest.mark.parametrize("nasty", NASTY)
async def test_texts_come_back_as_texts(sign_up: SignUp, nasty: str) -> None:
    """In JSON, and on a page without becoming markup."""
    ada = await sign_up("ada")
    answer = await ada.http.patch("/v1/me", json={"display_name": nasty[:40], "bio": nasty})
    assert answer.status_code == 200
    assert "\x00" not in answer.json()["bio"]
    assert "\n" not in answer.json()["display_name"]
    for address in ("/", f"/@{ada.name}", "/settings"):
        page = await ada.http.get(address)
        assert "<script>alert(1)" not in page.text
    assert (await ada.http.get(f"/v1/accounts/{ada.name}")).status_code == 200


async def test_captions_do_not_become_markup_on_a_shared_page(
    everybody: Everybody, things: Things
) -> None:
    """Nor in Open Graph data, JSON inside the page, or the answer of oEmbed."""
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>"
    owner = everybody.owner.http
    edited = await owner.patch(f"/v1/videos/{things.public}", json={"caption": evil})
    assert edited.status_code == 200
    for address in (f"/v/{things.public}", f"/embed/{things.public}"):
        page = (await owner.get(address)).text
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
    oembed = await owner.get("/oembed", params={"url": f"{ORIGIN}/v/{things.public}"})
    assert oembed.headers["content-type"].startswith("application/json")
    assert oembed.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in oembed.json()["html"]
    assert "<img" not in oembed.json()["html"]


@pytest.mark.parametrize("nasty", [*NASTY, "\ud800", "x" * 5000])
async def test_search_and_addresses_take_anything(anonymous: Person, nasty: str) -> None:
    """Whatever is typed or linked: an answer, never a failure of ours."""
    safe = nasty.encode("utf-8", "replace").decode()
    for kind in ("videos", "accounts", "hashtags"):
        answer = await anonymous.http.get("/v1/search", params={"q": safe, "kind": kind})
        assert answer.status_code in (200, 400)
    for parameter in ("cursor", "q"):
        answer = await anonymous.http.get("/v1/search/suggestions", params={parameter: safe})
        assert answer.status_code in (200, 400)
    answer = await anonymous.http.get("/v1/feed/for-you", params={"cursor": safe})
    assert answer.status_code in (200, 400)
    said = {"name": safe, "password": PASSWORD}
    assert (await anonymous.http.post("/v1/accounts", json=said)).status_code == 400


async def test_log_in_leads_back_to_our_own_pages_only(sign_up: SignUp, anonymous: Person) -> None:
    """`next` is a path here, never another site (open redirect)."""
    ada = await sign_up("ada")
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        for person in (ada, anonymous):
            answer = await person.http.get("/login", params={"next": target})
            assert "evil.example" not in answer.headers.get("location", "")
            assert 'href="javascript:' not in answer.text
            assert 'href="https://evil' not in answer.text
