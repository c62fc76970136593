"""Pages: what they promise a browser, a crawler and a hostile caption."""

import asyncio
import re
from html.parser import HTMLParser
from uuid import UUID

import pytest

from solstice.web.headers import render_hash
from solstice.web.plain_pages import PLAIN_PAGES
from tests.cast import Person
from tests.conftest import SignUp

OPEN_PAGES = (
    "/",
    "/following",
    "/search",
    "/tag/dusk",
    "/settings",
    "/login",
    "/signup",
    "/offline",
)
OWN_PAGES = ("/post", "/inbox", "/studio", "/appeals")


class Tags(HTMLParser):
    """Collects scripts, inline handlers and foreign addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inline_scripts: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        self.styles: list[str] = []
        self.addresses: list[str] = []
        self._kind: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what this tag brings along."""
        given = {name: value or "" for name, value in attrs}
        self.handlers += [name for name in given if name.startswith("on")]
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        if "style" in given or tag == "style":
            self.styles.append(tag)
        if tag == "script" and "src" not in given:
            self._kind = given.get("type", "")

    def handle_data(self, data: str) -> None:
        """Keep the text of an inline script."""
        if self._kind is not None:
            self.inline_scripts.append((self._kind, data))
            self._kind = None


@pytest.mark.parametrize("path", OPEN_PAGES)
async def test_no_page_runs_anything_inline(anonymous: Person, path: str) -> None:
    """Whatever a caption holds, there is no inline script or style it could turn into."""
    answer = await anonymous.http.get(path)
    tags = Tags(answer.text)
    assert answer.status_code == 200
    assert tags.handlers == []
    assert tags.styles == []
    assert [kind for kind, _ in tags.inline_scripts] == ["importmap", "application/json"]


@pytest.mark.parametrize("path", OPEN_PAGES)
async def test_the_policy_allows_our_own_files_and_the_import_map_only(
    anonymous: Person, path: str
) -> None:
    """The one inline block a browser acts upon is allowed by its hash, nothing else is."""
    answer = await anonymous.http.get(path)
    policy = answer.headers["content-security-policy"]
    import_map = next(
        text for kind, text in Tags(answer.text).inline_scripts if kind == "importmap"
    )
    assert f"script-src 'self' {render_hash(import_map)};" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "geolocation=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize("path", OPEN_PAGES)
async def test_no_page_asks_another_origin(anonymous: Person, path: str) -> None:
    """Nobody else learns who watches here."""
    answer = await anonymous.http.get(path)
    assert all(re.match(r"[/#]|data:", address) for address in Tags(answer.text).addresses)


async def test_html_is_never_kept_for_somebody_else(anonymous: Person) -> None:
    """A page names who is signed in, so nobody in between may keep it."""
    answer = await anonymous.http.get("/")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in answer.headers["vary"]


@pytest.mark.parametrize("path", OWN_PAGES)
async def test_pages_of_an_account_lead_to_logging_in(anonymous: Person, path: str) -> None:
    """Whoever is not signed in comes back to the same page after logging in."""
    answer = await anonymous.http.get(path)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/login?next={path}"


@pytest.mark.parametrize("path", OWN_PAGES)
async def test_pages_of_an_account_open_for_it(ada_at_home: Person, path: str) -> None:
    """A signed-in account sees its pages, and the page says whose they are."""
    answer = await ada_at_home.http.get(path)
    assert answer.status_code == 200
    assert f'"name":"{ada_at_home.name}"' in answer.text


@pytest.mark.parametrize("path", ["/moderation", "/operations"])
async def test_pages_of_a_role_are_refused_without_it(ada_at_home: Person, path: str) -> None:
    """A page that needs a role says so, as a page."""
    answer = await ada_at_home.http.get(path)
    assert answer.status_code == 403
    assert "Not for this account" in answer.text


async def test_a_caption_cannot_break_out(anonymous: Person, shown: UUID) -> None:
    """A hostile caption is text, in the markup, in the tags and in the data for scripts."""
    answer = await anonymous.http.get(f"/v/{shown}")
    assert answer.status_code == 200
    assert "<b onclick" not in answer.text
    assert "&lt;b onclick=" in answer.text
    assert answer.text.count("</script>") == answer.text.count("<script")


async def test_a_clip_is_in_the_first_html(anonymous: Person, shown: UUID) -> None:
    """The first frame waits for no script: the video element is there, with its address."""
    answer = await anonymous.http.get(f"/v/{shown}")
    assert f'<video src="/media/renditions/{shown}-720.mp4"' in answer.text
    assert "autoplay muted loop playsinline" in answer.text


@pytest.mark.usefixtures("shown")
async def test_for_you_starts_with_a_drawn_clip(anonymous: Person) -> None:
    """The feed's memory learns of a new clip within seconds; then the page holds one."""
    async with asyncio.timeout(15):
        while "<video src=" not in (page := await anonymous.http.get("/")).text:
            assert page.status_code == 200
    assert '<solstice-feed data-source="for-you"' in page.text
    assert re.search(r'<video src="/media/renditions/[0-9a-f-]+-720.mp4"', page.text)


async def test_a_hidden_clip_is_as_gone_as_a_missing_one(anonymous: Person, hidden: UUID) -> None:
    """Nobody finds private clips by guessing addresses: the same page, the same status."""
    private = await anonymous.http.get(f"/v/{hidden}")
    missing = await anonymous.http.get(f"/v/{UUID(int=hidden.int ^ 1)}")
    assert private.status_code == missing.status_code == 404
    assert "There is nothing here" in private.text
    assert "Only mine" not in private.text


async def test_unknown_addresses_one_level_deep_are_pages(anonymous: Person) -> None:
    """A mistyped address gets a page, not a document for programs."""
    answer = await anonymous.http.get("/nothing-lives-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_unknown_addresses_of_any_depth_are_pages_for_people(anonymous: Person) -> None:
    """Who reads HTML gets the page; a program, and whoever asks the API, gets the document."""
    as_person = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for address in ("/a/b", "/v/not-an-id", "/studio/x/y/z"):
        answer = await anonymous.http.get(address, headers=as_person)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text, address
    for address, headers in (("/a/b", {"accept": "*/*"}), ("/v1/a/b", as_person)):
        answer = await anonymous.http.get(address, headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json"), address


async def test_me_leads_to_ones_profile(ada_at_home: Person, anonymous: Person) -> None:
    """The last entry of the navigation leads home, or to logging in."""
    own = await ada_at_home.http.get("/me")
    other = await anonymous.http.get("/me")
    assert own.headers["location"] == f"/@{ada_at_home.name}"
    assert other.headers["location"] == "/login?next=/me"


async def test_the_theme_and_the_language_come_with_the_first_byte(anonymous: Person) -> None:
    """Nothing flashes: the server knows both from cookies."""
    anonymous.http.cookies.set("solstice_theme", "light")
    anonymous.http.cookies.set("solstice_language", "ar-XB")
    answer = await anonymous.http.get("/login")
    assert '<html lang="ar-XB" dir="rtl" data-theme="light">' in answer.text


async def test_a_made_up_theme_or_language_is_ignored(anonymous: Person) -> None:
    """A cookie is only a wish."""
    anonymous.http.cookies.set("solstice_theme", '"><script>')
    anonymous.http.cookies.set("solstice_language", "../../etc/passwd")
    answer = await anonymous.http.get("/login")
    assert '<html lang="en" dir="ltr" data-theme="dark">' in answer.text


async def test_the_browser_language_is_the_first_guess(anonymous: Person) -> None:
    """Somebody new reads German when the browser asks for it."""
    answer = await anonymous.http.get("/login", headers={"accept-language": "de-AT,en;q=0.5"})
    assert '<html lang="de"' in answer.text
    assert "Anmelden" in answer.text


async def test_the_offline_page_names_nobody(sign_up: SignUp) -> None:
    """The service worker keeps this page, so it must be the same for everybody."""
    bo = await sign_up("bo")
    answer = await bo.http.get("/offline")
    assert '"viewer":null' in answer.text
    assert bo.name not in answer.text


async def test_every_page_has_a_script_and_a_heading() -> None:
    """A page without its element or its words would be empty."""
    assert all(plain.element.startswith("solstice-") and plain.heading for plain in PLAIN_PAGES)


async def test_the_worker_is_asked_for_at_each_visit(anonymous: Person) -> None:
    """A new build reaches people at their next visit; the worker's placeholders are filled."""
    answer = await anonymous.http.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "__" not in answer.text.replace("__proto__", "")
    for path in re.findall(r'"(/static/[^"]+)"', answer.text):
        assert (await anonymous.http.get(path)).status_code == 200


async def test_the_manifest_makes_it_an_app(anonymous: Person) -> None:
    """Installable, with icons that exist, and a target for the gallery's share button."""
    answer = await anonymous.http.get("/manifest.webmanifest")
    manifest = answer.json()
    assert manifest["display"] == "standalone"
    assert manifest["share_target"]["action"] == "/post"
    for icon in manifest["icons"]:
        assert (await anonymous.http.get(icon["src"])).headers["content-type"] == "image/png"


async def test_crawlers_stay_out_of_what_is_personal(anonymous: Person) -> None:
    """Data and own pages are not for indexes."""
    answer = await anonymous.http.get("/robots.txt")
    assert "Disallow: /v1/" in answer.text
    assert "Disallow: /settings" in answer.text
