"""Watching: the one gesture of the product, looked at in playing video and not only in markup."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import require_nothing_found
from tests.browser.platform_under_test import Member, PlatformUnderTest, opened, until, wait

pytestmark = pytest.mark.acceptance

CURRENT = "document.querySelector('solstice-feed')?.pool?.video"
ON_SCREEN = "document.querySelector('solstice-feed')?.card?.id"


def wait_playing(page: Page) -> None:
    """Wait until the current clip's picture runs."""
    wait(page, f"{CURRENT}?.readyState >= 3 && {CURRENT}.currentTime > 0.2")


def go_down(page: Page, size: str) -> None:
    """Make the gesture of the device: a finger on a phone, the wheel on a desktop."""
    if size == "desktop":
        page.mouse.move(700, 400)
        page.mouse.wheel(0, 240)
        return
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, int]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": 120, "y": 650})
    for y in range(640, 200, -40):
        touch("touchMove", {"x": 120, "y": y})
    touch("touchEnd")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_opening_the_address_is_watching(
    chromium: Browser, platform: PlatformUnderTest, size: str
) -> None:
    """Without an account: frames advance, and there is sound in the clip."""
    with opened(chromium, platform, size=size) as page:
        page.goto("/")
        wait_playing(page)
        before = page.evaluate(f"[{CURRENT}.currentTime, {CURRENT}.webkitDecodedFrameCount]")
        wait(page, f"{CURRENT}.webkitDecodedFrameCount >= {before[1]} + 10")
        after = page.evaluate(
            f"[{CURRENT}.currentTime, {CURRENT}.webkitDecodedFrameCount,"
            f" {CURRENT}.webkitAudioDecodedByteCount]"
        )
        assert after[0] != before[0]
        assert after[2] > 0


def test_the_first_clip_plays_without_any_script(
    chromium: Browser, platform: PlatformUnderTest
) -> None:
    """The first frame waits for no script: the server's HTML alone plays."""
    with opened(chromium, platform) as page:
        page.route("**/*.js", lambda route: route.abort())
        page.goto("/")
        wait(page, "document.querySelector('video').currentTime > 0.3")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_swipe_brings_the_next_clip_which_is_already_there(
    chromium: Browser, platform: PlatformUnderTest, size: str
) -> None:
    """The next clip stands decoded before the gesture, and plays after it; back works too."""
    with opened(chromium, platform, size=size) as page:
        page.goto("/")
        wait_playing(page)
        first = page.evaluate(ON_SCREEN)
        wait(
            page,
            "document.querySelector('solstice-feed').pool.slots"
            ".some((slot) => slot.index === 1 && slot.video.readyState >= 2)",
        )
        go_down(page, size)
        wait(page, f"{ON_SCREEN} !== '{first}'")
        wait_playing(page)
        assert page.evaluate("document.querySelectorAll('video').length") <= 3
        page.keyboard.press("k")
        wait(page, f"{ON_SCREEN} === '{first}'")


def test_no_clip_comes_twice(chromium: Browser, platform: PlatformUnderTest) -> None:
    """Swiping through everything shows each clip once, then says that this was all."""
    with opened(chromium, platform) as page:
        page.goto("/")
        wait_playing(page)
        seen = [page.evaluate(ON_SCREEN)]
        for _ in range(len(platform.videos) - 1):
            page.keyboard.press("ArrowDown")
            wait(page, f"{ON_SCREEN} !== '{seen[-1]}'")
            seen.append(page.evaluate(ON_SCREEN))
        assert len(set(seen)) == len(seen)


def test_a_tap_pauses_and_a_double_tap_likes(
    chromium: Browser, platform: PlatformUnderTest
) -> None:
    """Both gestures of the thumb; the like is at the server afterwards."""
    fan = platform.sign_up("tapfan")
    dusk = platform.videos["dusk"]
    with opened(chromium, platform, member=fan) as page:
        page.goto(f"/v/{dusk}")
        wait_playing(page)
        stage = page.locator(".slide:not([inert]) .touch")
        stage.tap(position={"x": 120, "y": 300})
        wait(page, f"{CURRENT}.paused")
        stage.tap(position={"x": 120, "y": 300})
        wait(page, f"!{CURRENT}.paused")
        page.touchscreen.tap(150, 300)
        page.touchscreen.tap(150, 300)
        expect(page.locator(".slide:not([inert]) .action.like")).to_have_attribute(
            "aria-pressed", "true"
        )
        until(
            lambda: fan.http.get(f"/v1/videos/{dusk}").json()["viewer"]["liked"] == [dusk],
            within_s=10,
        )
        assert not page.evaluate(f"{CURRENT}.paused")
    with opened(chromium, platform, member=fan) as page:
        page.goto(f"/v/{dusk}")
        liked = page.locator(".slide:not([inert]) .action.like[aria-pressed=true]")
        expect(liked).to_be_visible()


def test_sound_is_remembered(chromium: Browser, platform: PlatformUnderTest) -> None:
    """Turned on once, it stays on for the next visit."""
    with opened(chromium, platform, size="desktop") as page:
        page.goto("/")
        wait_playing(page)
        assert page.evaluate(f"{CURRENT}.muted")
        page.get_by_role("button", name="Sound").click()
        assert not page.evaluate(f"{CURRENT}.muted")
        page.reload()
        wait(page, "document.querySelector('solstice-feed').pool?.isMuted === false")


def test_the_bar_seeks(chromium: Browser, platform: PlatformUnderTest) -> None:
    """By keyboard as well: the bar is a slider with a name and a position."""
    with opened(chromium, platform, size="desktop") as page:
        page.goto(f"/v/{platform.videos['dawn']}")
        wait_playing(page)
        page.keyboard.press(" ")
        wait(page, f"{CURRENT}.paused")
        bar = page.get_by_role("slider", name="Position")
        bar.focus()
        page.keyboard.press("Home")
        wait(page, f"{CURRENT}.currentTime < 0.1")
        page.keyboard.press("ArrowRight")
        wait(page, f"Math.abs({CURRENT}.currentTime - 2) < 0.2")


def test_a_hashtag_leads_to_a_grid_that_plays_in_place(
    chromium: Browser, platform: PlatformUnderTest
) -> None:
    """From caption to grid to clip; swiping goes on within the list, and back leads back."""
    with opened(chromium, platform) as page:
        page.goto(f"/v/{platform.videos['dusk']}")
        page.locator(".slide:not([inert]) .said a", has_text="#dusk").click()
        page.wait_for_url("**/tag/dusk")
        page.locator("a.tile").nth(1).click()
        page.wait_for_url("**/v/*from=hashtag*")
        wait_playing(page)
        start = page.evaluate(ON_SCREEN)
        wait(page, "document.querySelector('solstice-feed').source.cards.length === 2")
        assert page.evaluate("document.querySelector('solstice-feed').index") == 1
        page.keyboard.press("k")
        wait(page, f"{ON_SCREEN} !== '{start}'")
        assert page.url.split("/v/")[1].split("?")[0] == page.evaluate(ON_SCREEN)
        page.go_back()
        page.wait_for_url("**/tag/dusk")
        expect(page.locator("a.tile")).to_have_count(2)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_who_knows_nobody_yet_finds_people_and_hashtags(
    chromium: Browser, platform: PlatformUnderTest, pictures: Path, size: str
) -> None:
    """A search without words offers both; a follow pressed there fills the feed of Following."""
    newcomer = platform.sign_up(f"newcomer_{size}")
    with opened(chromium, platform, member=newcomer, size=size) as page:
        page.goto("/search")
        expect(page.locator(".chip", has_text="dusk")).to_be_visible()
        row = page.locator("solstice-discovery li", has_text="@ada")
        row.get_by_role("button").click()
        expect(row.get_by_role("button", pressed=True)).to_be_visible()
        page.screenshot(path=pictures / f"discovery-{size}.png")
        require_nothing_found(page, f"discovery {size}")
        page.goto("/following")
        wait_playing(page)
        page.goto("/@ada")
        page.get_by_role("button", name="follower").click()
        page.locator("dialog .person-row", has_text=f"@newcomer_{size}").click()
        page.wait_for_url(f"**/@newcomer_{size}")


def test_the_keys_are_listed_and_the_list_gives_the_focus_back(
    chromium: Browser, platform: PlatformUnderTest
) -> None:
    """`?` shows the keys; the dialog keeps the focus, and Escape returns it."""
    with opened(chromium, platform, size="desktop") as page:
        page.goto("/")
        wait_playing(page)
        page.locator(".slide:not([inert]) .action.share").focus()
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_be_visible()
        page.keyboard.press("Tab")
        behind = "document.querySelector('.shell').contains(document.activeElement)"
        assert not page.evaluate(behind)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        assert page.evaluate("document.activeElement.classList.contains('share')")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_comments_are_written_while_the_clip_plays(
    chromium: Browser, platform: PlatformUnderTest, bob: Member, size: str
) -> None:
    """The panel opens beside the clip, which goes on; the comment is there after a reload."""
    words = f"Seen on a {size} #indeed"
    with opened(chromium, platform, size=size, member=bob) as page:
        page.goto(f"/v/{platform.videos['noon']}")
        wait_playing(page)
        page.keyboard.press("c")
        page.get_by_role("textbox", name="Write a comment").fill(words)
        page.keyboard.press("Enter")
        panel = page.locator(".comments")
        expect(panel.get_by_text("Seen on a")).to_be_visible()
        expect(panel.locator("article.waiting")).to_have_count(0)
        assert not page.evaluate(f"{CURRENT}.paused")
        page.reload()
        wait_playing(page)
        page.keyboard.press("c")
        expect(panel.get_by_role("article").filter(has_text=f"Seen on a {size}")).to_be_visible()
        panel.get_by_role("article").filter(has_text=f"Seen on a {size}").get_by_role(
            "button", name="Delete"
        ).click()
        expect(panel.get_by_role("article").filter(has_text=size)).to_have_count(0)


def test_watching_is_told_in_batches(
    chromium: Browser, platform: PlatformUnderTest, bob: Member
) -> None:
    """What was watched arrives when the page is left."""
    with opened(chromium, platform, member=bob) as page:
        page.goto("/")
        wait_playing(page)
        page.wait_for_timeout(900)
        with page.expect_request("**/v1/beacons") as sent:
            page.goto("/login")
        events = sent.value.post_data_json["events"]
        assert {"impression", "watch"} & {event["kind"] for event in events}
        assert all(event["watch_ms"] < 10_000 for event in events)
