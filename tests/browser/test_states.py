"""States: what a person meets when something is missing. Each is designed; each is pictured."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.platform_under_test import (
    Member,
    PlatformUnderTest,
    opened,
    until,
    wait,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.acceptance

CURRENT = "document.querySelector('solstice-feed')?.pool?.video"
BUSY = {
    "status": 503,
    "content_type": "application/problem+json",
    "headers": {"retry-after": "1"},
    "body": '{"type":"/problems/database-unavailable","title":"Database unavailable",'
    '"status":503,"detail":"away","request_id":"x"}',
}


def take(page: Page, pictures: Path, name: str) -> None:
    """Keep a picture of this state."""
    page.screenshot(path=pictures / f"state-{name}.png")


def test_signing_up_and_logging_in(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """A name and a password, nothing else; wrong ones are said at the form."""
    with opened(chromium, platform) as page:
        page.goto("/post")
        page.wait_for_url("**/login?next=/post")
        page.get_by_label("Name").fill("newcomer")
        page.get_by_label("Password", exact=True).fill("not the right one")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_have_text("Name and password do not match.")
        take(page, pictures, "wrong-password")
        page.get_by_role("link", name="Create an account").click()
        page.get_by_label("Name").fill("newcomer")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Create the account").click()
        page.wait_for_url("**/post")
        expect(page.get_by_text("Choose a clip")).to_be_visible()


def test_following_nobody_says_what_to_do(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """An empty page is an invitation."""
    loner = platform.sign_up("loner")
    with opened(chromium, platform, member=loner) as page:
        page.goto("/following")
        expect(page.get_by_text("Follow someone")).to_be_visible()
        expect(page.locator("solstice-discovery .person-row").first).to_be_visible()
        take(page, pictures, "empty-following")
        page.goto("/studio")
        expect(page.get_by_text("No clips yet")).to_be_visible()
        take(page, pictures, "empty-studio")
        page.goto("/inbox")
        expect(page.locator(".empty h2")).to_be_visible()
        take(page, pictures, "empty-inbox")
        page.goto("/search?q=nobodysaidthis")
        expect(page.locator(".empty h2")).to_be_visible()
        take(page, pictures, "empty-search")


def test_following_without_an_account_invites_to_log_in(
    chromium: Browser, platform: PlatformUnderTest
) -> None:
    """Nothing is asked that only an account could be answered, and the way back leads here."""
    with opened(chromium, platform) as page:
        refused: list[str] = []
        page.on("response", lambda each: refused.append(each.url) if each.status == 401 else None)
        page.goto("/following")
        page.locator(".end").get_by_role("link", name="Log in").click()
        page.wait_for_url("**/login?next=%2Ffollowing")
        assert refused == []


def test_a_like_pressed_while_the_platform_is_busy_is_kept_and_counts_once(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """The person is told the truth; the like arrives later, exactly once."""
    fan = platform.sign_up("busyfan")
    night = platform.videos["night"]
    with opened(chromium, platform, member=fan) as page:
        page.goto(f"/v/{night}")
        wait(page, f"{CURRENT}?.currentTime > 0.2")
        page.route("**/like", lambda route: route.fulfill(**BUSY))  # type: ignore[arg-type]
        page.keyboard.press("l")
        expect(page.get_by_text("your like is kept and will be sent")).to_be_visible()
        expect(page.locator(".slide:not([inert]) .action.like")).to_have_attribute(
            "aria-pressed", "true"
        )
        take(page, pictures, "busy-like-kept")
        page.unroute_all()
        page.reload()
        until(
            lambda: fan.http.get(f"/v1/videos/{night}").json()["viewer"]["liked"] == [night],
            within_s=20,
        )
        until(
            lambda: fan.http.get(f"/v1/videos/{night}").json()["item"]["like_count"] == 1,
            within_s=20,
        )


def test_a_kept_comment_arrives_once(
    chromium: Browser, platform: PlatformUnderTest, bob: Member, pictures: Path
) -> None:
    """Even when the platform took it and only the answer was lost."""
    dawn = platform.videos["dawn"]
    with opened(chromium, platform, member=bob) as page:
        page.goto(f"/v/{dawn}")
        wait(page, f"{CURRENT}?.currentTime > 0.1")
        page.keyboard.press("c")
        lost: list[int] = []

        def lose_the_answer(route: object) -> None:
            if route.request.method == "POST" and not lost:  # type: ignore[attr-defined]
                lost.append(route.fetch().status)  # type: ignore[attr-defined]
                route.abort("connectionreset")  # type: ignore[attr-defined]
            else:
                route.continue_()  # type: ignore[attr-defined]

        page.route("**/comments", lose_the_answer)
        page.get_by_role("textbox", name="Write a comment").fill("Only once, please")
        page.keyboard.press("Enter")
        expect(page.get_by_text("waiting to be sent")).to_be_visible()
        take(page, pictures, "comment-waiting")
        expect(page.get_by_text("waiting to be sent")).to_have_count(0, timeout=20_000)
        assert lost == [201]
        items = bob.http.get(f"/v1/videos/{dawn}/comments?order=new").json()["items"]
        assert [each["text"] for each in items].count("Only once, please") == 1


def test_a_stalled_clip_says_so_and_recovers(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """Never a sticky error: when the network is back, the clip plays."""
    with opened(chromium, platform) as page:
        page.route("**/media/renditions/**", lambda route: route.abort("connectionfailed"))
        page.goto("/")
        expect(page.get_by_text("This clip does not load. Trying again.")).to_be_visible()
        take(page, pictures, "clip-failed")
        page.unroute_all()
        wait(page, f"{CURRENT}?.currentTime > 0.2", within_s=30)
        expect(page.get_by_text("This clip does not load. Trying again.")).to_have_count(0)


def test_loading_shows_the_clips_own_shape(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """While the clip is on its way, its picture stands in its place, in its size."""
    with opened(chromium, platform) as page:
        page.route("**/media/renditions/**", lambda _route: None)
        page.goto("/", wait_until="domcontentloaded")
        poster = page.locator(".stage > .poster").first
        expect(poster).to_be_visible()
        wait(page, "document.querySelector('.stage > .poster').naturalWidth > 0")
        assert poster.bounding_box() == page.locator(".stage").first.bounding_box()
        take(page, pictures, "loading")


def test_a_gone_clip_is_a_page(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """Gone, private, blocked: one page that says so and leads on."""
    with opened(chromium, platform) as page:
        page.goto("/v/01930000-0000-7000-8000-000000000000")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        take(page, pictures, "clip-gone")
        page.get_by_role("link", name="Watch something").click()
        wait(page, f"{CURRENT}?.currentTime > 0.1")


def test_a_block_hides_at_once(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """From the profile: ask first, then neither sees the other."""
    shy = platform.sign_up("shy")
    platform.sign_up("pushy")
    with opened(chromium, platform, member=shy) as page:
        page.goto("/@pushy")
        page.get_by_role("button", name="More about this account").click()
        page.get_by_role("button", name="Block @pushy").click()
        page.get_by_role("button", name="Block", exact=True).click()
        expect(page.get_by_role("heading", name="You blocked @pushy")).to_be_visible()
        take(page, pictures, "blocked")
        page.get_by_role("button", name="Unblock").click()
        expect(page.get_by_role("heading", name="pushy")).to_be_visible()


def test_signed_out_elsewhere_goes_on_watching(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """The session ended on another device: the page says so, the clip plays on."""
    guest = platform.sign_up("guest")
    with opened(chromium, platform, member=guest) as page:
        page.goto("/")
        wait(page, f"{CURRENT}?.currentTime > 0.1")
        guest.http.delete("/v1/sessions/current").raise_for_status()
        cookies = {each["name"]: each["value"] for each in page.context.cookies()}

        def has_ended_everywhere() -> bool:
            # Two servers learn of it, each within a second: ask often enough to meet both.
            asked = [httpx.get(f"{platform.url}/v1/me", cookies=cookies) for _ in range(8)]
            return all(answer.status_code == 401 for answer in asked)

        until(has_ended_everywhere, within_s=20)
        page.keyboard.press("l")
        expect(page.get_by_text("You were signed out elsewhere")).to_be_visible()
        assert page.evaluate(f"!{CURRENT}.paused")
        take(page, pictures, "signed-out-elsewhere")


def test_offline_goes_on_from_the_device(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path
) -> None:
    """With the network gone, the address still opens and kept clips play."""
    with opened(chromium, platform, workers=True) as page:
        page.goto("/")
        wait(page, "navigator.serviceWorker.controller", within_s=30)
        page.reload()
        wait(page, f"{CURRENT}?.readyState >= 4")
        kept = "caches.open('solstice-clips').then((cache) => cache.keys())"
        until(lambda: int(page.evaluate(f"{kept}.then((keys) => keys.length)")) >= 2, within_s=20)
        page.context.set_offline(True)
        page.goto("/")
        wait(page, f"{CURRENT}?.webkitDecodedFrameCount > 5", within_s=20)
        expect(page.locator(".banner")).to_be_visible()
        take(page, pictures, "offline")
        page.context.set_offline(False)


def test_an_incident_is_named_with_where_to_read_more(
    chromium: Browser, platform: PlatformUnderTest, bob: Member, pictures: Path
) -> None:
    """When the platform does not answer, the page says that it is not the viewer's network."""
    with opened(chromium, platform, size="desktop", member=bob) as page:
        page.goto("/inbox")
        page.route("**/v1/**", lambda route: route.fulfill(**BUSY))  # type: ignore[arg-type]
        page.goto("/inbox")
        expect(page.locator(".banner.incident")).to_contain_text("not answering right now")
        expect(page.get_by_text("This cannot be loaded right now")).to_be_visible()
        take(page, pictures, "incident")
