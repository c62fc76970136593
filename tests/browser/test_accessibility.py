"""Every page for everybody: axe-core finds nothing, on both sizes, in both themes, mirrored too.

The same walk takes the pictures of every page.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import require_nothing_found
from tests.browser.platform_under_test import Member, PlatformUnderTest, opened, wait

pytestmark = pytest.mark.acceptance

OPEN = ("/", "/login", "/signup", "/search?q=dusk", "/tag/dusk", "/@ada", "/nothing-here")
OWN = ("/following", "/post", "/inbox", "/studio", "/settings", "/@ada", "/appeals")
ROLE = ("/moderation", "/operations")
IS_SETTLED = (
    "document.querySelectorAll('main .skeleton').length === 0 && document.fonts.status === 'loaded'"
)


def name_of(path: str) -> str:
    """Name the picture of a page."""
    return path.strip("/").split("?")[0].replace("/", "-").replace("@", "profile-") or "feed"


def look(page: Page, path: str) -> None:
    """Open a page and wait until it has drawn itself."""
    page.goto(path)
    wait(page, IS_SETTLED)
    if page.locator("solstice-feed video").count():
        wait(page, "document.querySelector('solstice-feed')?.pool?.video?.currentTime > 0.1")


def walk(page: Page, paths: tuple[str, ...], pictures: Path, suffix: str) -> None:
    """Check and picture several pages."""
    for path in paths:
        look(page, path)
        page.screenshot(path=pictures / f"{name_of(path)}-{suffix}.png")
        require_nothing_found(page, f"{path} {suffix}")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_open_pages(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, size: str
) -> None:
    """What somebody without an account meets."""
    with opened(chromium, platform, size=size) as page:
        walk(page, OPEN, pictures, f"open-{size}")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_own_pages(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, ada: Member, size: str
) -> None:
    """What an account meets, with clips in it."""
    with opened(chromium, platform, size=size, member=ada) as page:
        clip = platform.videos["dusk"]
        walk(page, (*OWN, f"/studio/{clip}", f"/v/{clip}"), pictures, size)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_pages_of_a_role(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, judge: Member, size: str
) -> None:
    """What a moderator and an administrator meet, with a case to decide."""
    reporter = platform.members["cleo"].http
    reporter.post(
        "/v1/reports",
        json={
            "subject_kind": "video",
            "subject_id": platform.videos["noon"],
            "reason": "spam",
            "note": "It is always noon.",
        },
        headers={"idempotency-key": "01930000-0000-7000-8000-0000000000aa"},
    ).raise_for_status()
    case = judge.http.get("/v1/moderation/cases").json()["items"][0]["id"]
    with opened(chromium, platform, size=size, member=judge) as page:
        walk(page, (*ROLE, f"/moderation/{case}"), pictures, size)


@pytest.mark.parametrize("theme", ["light", "system"])
def test_the_light_theme(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, ada: Member, theme: str
) -> None:
    """The same pages by daylight, chosen or as the device has it."""
    with opened(chromium, platform, member=ada, color_scheme="light") as page:
        page.context.add_cookies([{"name": "solstice_theme", "value": theme, "url": platform.url}])
        walk(page, ("/", "/studio", "/settings", "/inbox"), pictures, f"phone-{theme}")


@pytest.mark.parametrize(("language", "size"), [("de", "phone"), ("ar-XB", "desktop")])
def test_other_languages_fit(
    chromium: Browser,
    platform: PlatformUnderTest,
    pictures: Path,
    *,
    ada: Member,
    language: str,
    size: str,
) -> None:
    """Longer words and the other direction break nothing and push nothing off the screen."""
    with opened(chromium, platform, size=size, member=ada) as page:
        page.context.add_cookies(
            [{"name": "solstice_language", "value": language, "url": platform.url}]
        )
        for path in ("/", "/studio", "/settings", "/inbox", "/@ada", "/post"):
            look(page, path)
            page.screenshot(path=pictures / f"{name_of(path)}-{size}-{language}.png")
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 0, path
            require_nothing_found(page, f"{path} {language}")


def test_dialogs_and_panels(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, bob: Member
) -> None:
    """What lies over a page is held to the same."""
    with opened(chromium, platform, member=bob) as page:
        look(page, f"/v/{platform.videos['dawn']}")
        page.keyboard.press("c")
        wait(page, "document.querySelector('.comments .list[aria-busy=false]')")
        page.screenshot(path=pictures / "comments-phone.png")
        require_nothing_found(page, "comments")
        page.keyboard.press("Escape")
        page.locator(".slide:not([inert]) .action.more").click()
        require_nothing_found(page, "more")
        page.get_by_role("button", name="Report").click()
        page.screenshot(path=pictures / "report-phone.png")
        require_nothing_found(page, "report")


def test_everything_to_press_is_large_enough_for_a_thumb(
    chromium: Browser, platform: PlatformUnderTest, ada: Member
) -> None:
    """44 by 44 CSS pixels for every control on a phone; links inside sentences are exempt."""
    small = """
      [...document.querySelectorAll('button, a, input, select')]
        .filter((each) => each.checkVisibility({visibilityProperty: true}))
        .filter((each) => !each.closest('[inert], .said, .words, .link, .unseen, .skip'))
        .map((each) => [each, (each.closest('label') ?? each).getBoundingClientRect()])
        .filter(([, box]) => box.width > 0 && Math.min(box.height, box.width) < 43.5)
        .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)
    """
    with opened(chromium, platform, member=ada) as page:
        for path in ("/", "/studio", "/settings", "/inbox", "/@ada", "/post", "/search?q=dusk"):
            look(page, path)
            assert page.evaluate(small) == [], path
