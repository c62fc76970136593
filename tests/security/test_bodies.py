"""Bodies: too large, packed, of another kind, or full of markup."""

import gzip
import io
from html.parser import HTMLParser

import pytest

from tests.cast import Person
from tests.conftest import SignUp
from tests.security.conftest import Everybody, Things

HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


async def test_json_over_a_mebibyte_is_refused(anonymous: Person, sign_up: SignUp) -> None:
    """With 413, whether the length is told or found out, signed in or not."""
    ada = await sign_up("ada")
    huge = b'{"name": "' + b"a" * (1 << 20) + b'"}'

    async def streamed() -> object:
        for start in range(0, len(huge), 1 << 16):
            yield huge[start : start + (1 << 16)]

    for person, path in ((anonymous, "/v1/accounts"), (ada, "/v1/sessions")):
        for content in (huge, streamed()):
            answer = await person.http.post(
                path,
                content=content,  # type: ignore[arg-type]
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"


async def test_packed_bodies_are_not_unpacked(anonymous: Person) -> None:
    """A kilobyte that would become a megabyte is not JSON, and that is all it is."""
    bomb = gzip.compress(b'{"name": "' + b"a" * (1 << 24) + b'"}')
    assert len(bomb) < 1 << 16
    answer = await anonymous.http.post(
        "/v1/sessions",
        content=bomb,
        headers={"content-type": "application/json", "content-encoding": "gzip"},
    )
    assert answer.status_code in (400, 415)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"name": 1}', b'{"name": "a", "name": "b"}',
     b"[" * 100_000, b'{"a":' * 50_000, b'"\\ud800"', b'{"name": "\\ud800abc", "password": "x"}'],
    ids=["empty", "open", "list", "null", "bytes", "number", "twice", "deep", "deeper", "half",
         "half name"],
)  # fmt: skip
async def test_broken_json_is_a_clients_mistake(anonymous: Person, body: bytes) -> None:
    """Never one of ours."""
    answer = await anonymous.http.post(
        "/v1/accounts", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("data", [HTML, SVG], ids=["html", "svg"])
async def test_markup_is_never_served_as_what_it_is(
    everybody: Everybody, things: Things, data: bytes
) -> None:
    """Neither as a picture nor as captions; what is served says what it is and is not sniffed."""
    owner = everybody.owner.http
    picture = await owner.put("/v1/me/avatar", content=data, headers={"content-type": "image/png"})
    assert picture.status_code == 415
    address = f"/v1/videos/{things.public}/captions/de"
    stored = await owner.put(address, content=data, headers={"content-type": "text/vtt"})
    assert stored.status_code == 400
    tricky = b"WEBVTT\n\nNOTE\n" + data + b"\n\n00:00.000 --> 00:01.000\n" + data + b"\n"
    kept = await owner.put(address, content=tricky, headers={"content-type": "text/vtt"})
    if kept.status_code == 204:
        served = await owner.get(address)
        assert served.headers["content-type"].startswith("text/vtt")
        assert served.headers["x-content-type-options"] == "nosniff"
        assert b"<script" not in served.content
        assert b"<svg" not in served.content


async def test_an_original_is_a_download_and_never_shown(
    everybody: Everybody, things: Things
) -> None:
    """Whatever is in it, a browser saves it to disk."""
    answer = await everybody.owner.http.get(f"/v1/videos/{things.public}/original")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_pages_allow_no_inline_script_and_no_frame(
    everybody: Everybody, things: Things
) -> None:
    """A strict policy on every page; only the embed may stand in a frame."""
    owner = everybody.owner.http
    pages = ("/", "/login", "/settings", "/studio", "/@nobody", f"/v/{things.public}")
    for address in (*pages, f"/embed/{things.public}"):
        answer = await owner.get(address)
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in answer.headers["content-security-policy"].split(";")
        )
        scripts = policy.get("script-src", policy["default-src"])
        assert "unsafe-inline" not in scripts, address
        assert "unsafe-eval" not in scripts, address
        assert "*" not in scripts.split(), address
        assert policy.get("object-src", policy["default-src"]) == "'none'", address
        assert policy["base-uri"] in ("'none'", "'self'"), address
        assert list_handlers(answer.text) == [], address
        if not address.startswith("/embed/"):
            assert policy["frame-ancestors"] in ("'none'", "'self'"), address


def list_handlers(page: str) -> list[str]:
    """List the attributes of the page's tags that hold script; text may say what it likes."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            """Note what runs."""
            found.extend(f"{tag} {name}" for name, _ in attrs if name.startswith("on"))

    Reader().feed(page)
    return found


def test_the_reader_of_pages_finds_a_handler() -> None:
    """Or the check above could not fail."""
    assert list_handlers('<p title="x onclick=y">a onclick=b<b onclick="c">') == ["b onclick"]


async def test_a_file_that_pretends_to_be_json_is_refused(sign_up: SignUp) -> None:
    """A form from another page cannot pass for JSON either."""
    ada = await sign_up("ada")
    form = await ada.http.post(
        "/v1/reports", data={"reason": "spam"}, files={"file": ("a.json", io.BytesIO(b"{}"))}
    )
    assert form.status_code in (400, 415)
