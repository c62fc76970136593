"""Overload, seen from outside: what a browser asks of a platform that is too busy to answer.

A stand-in for the edge answers 429 between a real Chromium and the really served platform.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.busy_edge import Attempt, BusyEdge, refuse_the_api, standing_before
from tests.browser.checks import require_nothing_found
from tests.browser.platform_under_test import Member, PlatformUnderTest, opened, until, wait

pytestmark = pytest.mark.acceptance

CURRENT = "document.querySelector('solstice-feed')?.pool?.video"
PLAYS = f"{CURRENT}?.currentTime > 0.1"
TOKENS = 10

NOTE_DEADLINES = """
  window.undated = [];
  const real = window.fetch;
  window.fetch = (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
    if (!signal) window.undated.push(String(input?.url ?? input));
    return real(input, init);
  };
"""


@pytest.fixture
def edge(platform: PlatformUnderTest) -> Iterator[BusyEdge]:
    """An edge that refuses nothing yet."""
    with standing_before(platform.url) as standing:
        yield standing


def budget(page: Page) -> str:
    """Name the module of this build that holds the retry budget."""
    entry = page.locator("script[type=module]").first.get_attribute("src") or ""
    return entry.split("/scripts/")[0] + "/scripts/core/budget.js"


def test_a_like_pressed_while_busy_is_said_to_be_kept_and_arrives_once(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, pictures: Path
) -> None:
    """It is shown at once, waits as long as it was asked to, and is sent by itself."""
    fan = platform.sign_up("patient")
    clip = platform.videos["noon"]
    before = fan.http.get(f"/v1/videos/{clip}").json()["item"]["like_count"]
    edge.retry_after_s = 3
    with opened(chromium, platform, member=fan, url=edge.url) as page:
        page.goto(f"/v/{clip}")
        wait(page, PLAYS)
        edge.refuses = lambda method, _path: method == "PUT"
        page.keyboard.press("l")
        expect(
            page.get_by_text("Busy right now: your like is kept and will be sent")
        ).to_be_visible()
        page.screenshot(path=pictures / "state-like-kept.png")
        edge.refuses = lambda _method, _path: False
        expect(page.get_by_text("What was kept for later has been sent.")).to_be_visible()
    tries = edge.seen("PUT", "/like")
    assert [each.status for each in tries] == [429, 204]
    assert tries[1].at_s - tries[0].at_s >= edge.retry_after_s
    assert tries[0].key == tries[1].key is not None
    until(
        lambda: fan.http.get(f"/v1/videos/{clip}").json()["item"]["like_count"] == before + 1,
        within_s=20,
    )


def test_what_protects_people_is_kept_while_busy_and_arrives_once(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge
) -> None:
    """A report and a block wait like a like does; whom one blocked is gone from here at once."""
    wary = platform.sign_up("wary")
    with opened(chromium, platform, member=wary, url=edge.url) as page:
        page.goto(f"/v/{platform.videos['dawn']}")
        wait(page, PLAYS)
        edge.refuses = lambda method, path: method != "GET" and path.endswith(("block", "reports"))
        page.locator(".slide:not([inert]) .action.more").click()
        page.get_by_role("button", name="Report").click()
        page.get_by_label("Spam").check()
        page.get_by_role("button", name="Send").click()
        expect(
            page.get_by_text("Busy right now: your report is kept and will be sent")
        ).to_be_visible(timeout=30_000)
        # What was just said lies over the button for some seconds: a key press reaches it.
        page.locator(".slide:not([inert]) .action.more").press("Enter")
        page.get_by_role("button", name="Block @ada").click()
        page.get_by_role("button", name="Block", exact=True).click()
        expect(
            page.get_by_text("Busy right now: your block is kept and will be sent")
        ).to_be_visible()
        wait(
            page,
            "(({source, slides, card}) => card && source.cards.length === slides.length"
            " && source.cards.every((each) => each.creator.name !== 'ada'))"
            "(document.querySelector('solstice-feed'))",
        )
        edge.refuses = lambda _method, _path: False
        until(
            lambda: (
                [each["name"] for each in wary.http.get("/v1/me/blocks").json()["items"]] == ["ada"]
            ),
            within_s=60,
        )
    reports = edge.seen("POST", "/v1/reports")
    assert len({each.key for each in reports}) == 1
    assert [each.status for each in reports if each.status != 429] == [201]


def test_under_total_overload_hardly_more_is_asked_than_people_do(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge
) -> None:
    """Twenty writes and their page, all refused: at most 1.2 attempts for each."""
    fan = platform.sign_up("eager")
    with opened(chromium, platform, member=fan, url=edge.url) as page:
        page.goto("/")
        wait(page, PLAYS)
        edge.refuses = refuse_the_api
        edge.attempts.clear()
        actions = 20
        for _ in range(actions):
            page.keyboard.press("l")
            page.wait_for_timeout(150)
        expect(page.get_by_text("your like is kept").first).to_be_visible()
        asked = [each for each in edge.attempts if each.path.startswith("/v1/")]
        assert 1 <= len(asked) <= 1.2 * actions


def test_all_tabs_share_one_retry_budget(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, bob: Member
) -> None:
    """Ten tokens for the browser, not for each tab; what one tab earns, the other may spend."""
    with opened(chromium, platform, member=bob, url=edge.url) as page:
        page.goto("/login")
        other = page.context.new_page()
        other.goto("/login")
        take = """async ([url, count]) => {
          const { mayRetry } = await import(url);
          let taken = 0;
          for (let n = 0; n < count; n++) taken += await mayRetry() ? 1 : 0;
          return taken;
        }"""
        url = budget(page)
        assert page.evaluate(take, [url, 6]) == 6
        assert other.evaluate(take, [url, TOKENS]) == TOKENS - 6
        assert page.evaluate(take, [url, 1]) == 0
        earn = """async (url) => {
          const { succeeded } = await import(url);
          for (let n = 0; n < 11; n++) await succeeded();
        }"""
        other.evaluate(earn, url)
        assert page.evaluate(take, [url, TOKENS]) == 1


def test_a_page_waits_as_long_as_it_is_asked_to(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, bob: Member
) -> None:
    """A list refused with Retry-After is asked for once more, not before that time."""
    edge.retry_after_s = 2

    def is_list(path: str) -> bool:
        return path.startswith("/v1/notifications") and "read" not in path

    def lists() -> list[Attempt]:
        return [each for each in edge.seen("GET", "/v1/notifications") if is_list(each.path)]

    with opened(chromium, platform, member=bob, url=edge.url) as page:
        edge.refuses = lambda _method, path: is_list(path) and not lists()
        page.goto("/inbox")
        wait(page, "document.querySelectorAll('main .skeleton').length === 0")
        expect(page.get_by_text("This cannot be loaded right now")).to_have_count(0)
    tries = lists()
    assert [each.status for each in tries][:2] == [429, 200]
    assert tries[1].at_s - tries[0].at_s >= edge.retry_after_s


def test_what_nobody_waits_for_stops_first(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, bob: Member
) -> None:
    """At half of full admission the feed plays and swipes on; telemetry and badges are silent."""
    edge.level = 50
    with opened(chromium, platform, member=bob, url=edge.url) as page:
        page.goto("/")
        wait(page, PLAYS)
        page.goto("/following")
        wait(page, PLAYS)
        page.keyboard.press("ArrowDown")
        wait(page, PLAYS)
        page.wait_for_timeout(800)
        with page.expect_navigation():
            page.evaluate("location.assign('/login')")
        assert edge.seen("POST", "/v1/beacons") == []
        assert len({each.path for each in edge.seen("GET", "/media/renditions/")}) > 1


def test_the_next_clip_is_fetched_late_when_even_playback_suffers(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, bob: Member
) -> None:
    """With a fifth admitted, only the clip on screen is asked for; the next comes with a swipe."""
    edge.level = 20
    with opened(chromium, platform, member=bob, url=edge.url) as page:
        page.goto("/following")
        wait(page, PLAYS)
        wait(page, f"{CURRENT}.readyState === 4")
        films = {each.path for each in edge.seen("GET", "/media/renditions/")}
        assert len(films) == 1
        page.keyboard.press("ArrowDown")
        wait(page, PLAYS)
        assert len({each.path for each in edge.seen("GET", "/media/renditions/")}) == 2


def test_a_clip_that_stalls_says_so_and_recovers_without_hammering(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, pictures: Path
) -> None:
    """A film's bytes stop in the middle: the picture stays, it says so, and few loads are tried."""
    with opened(chromium, platform, url=edge.url) as page:
        edge.stalls = lambda path: path.startswith("/media/renditions/")
        page.goto("/")
        expect(page.get_by_text("The connection is slow. Going on in a moment.")).to_be_visible()
        page.screenshot(path=pictures / "state-slow-network.png")
        page.wait_for_timeout(9_000)
        assert len(_loads(edge.seen("GET", "/media/renditions/"))) <= 3
        edge.stalls = lambda _path: False
        wait(page, f"{CURRENT}?.readyState === 4", within_s=30)
        wait(page, "document.querySelector('.says')?.textContent.trim() === ''")


def _loads(attempts: list[Attempt]) -> list[Attempt]:
    """Take together what one load asks for: a film's head and its rest are two ranges."""
    return [
        each
        for before, each in zip([None, *attempts], attempts, strict=False)
        if before is None or each.at_s - before.at_s > 1.0
    ]


def test_no_request_is_without_a_deadline(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, bob: Member
) -> None:
    """Every `fetch` of every page carries a signal."""
    with opened(chromium, platform, member=bob, url=edge.url) as page:
        page.add_init_script(NOTE_DEADLINES)
        for path in (
            "/",
            "/following",
            "/inbox",
            "/studio",
            "/settings",
            "/search?q=dusk",
            "/post",
        ):
            page.goto(path)
            wait(page, "document.querySelectorAll('main .skeleton').length === 0")
            assert page.evaluate("window.undated") == [], path
        page.goto(f"/v/{platform.videos['dawn']}")
        wait(page, PLAYS)
        for key in ("l", "c", "l"):
            page.keyboard.press(key)
        wait(page, "document.querySelector('.comments .list[aria-busy=false]')")
        assert page.evaluate("window.undated") == []


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_feed_that_cannot_begin_says_that_it_is_busy(
    chromium: Browser,
    platform: PlatformUnderTest,
    edge: BusyEdge,
    pictures: Path,
    *,
    bob: Member,
    size: str,
) -> None:
    """Never "follow someone" to who follows: it is busy, and goes on by itself."""
    edge.refuses = lambda _method, path: path.startswith("/v1/feed/")
    with opened(chromium, platform, size=size, member=bob, url=edge.url) as page:
        page.goto("/following")
        expect(page.get_by_role("heading", name="Busy right now")).to_be_visible()
        page.screenshot(path=pictures / f"state-busy-{size}.png")
        require_nothing_found(page, f"busy {size}")
        edge.refuses = lambda _method, _path: False
        wait(page, PLAYS, within_s=20)
        expect(page.get_by_role("heading", name="Busy right now")).to_have_count(0)


@pytest.mark.parametrize(
    ("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desktop", "dark")]
)
def test_a_first_visit_that_is_refused_waits_and_goes_on_by_itself(
    chromium: Browser,
    platform: PlatformUnderTest,
    edge: BusyEdge,
    pictures: Path,
    *,
    size: str,
    scheme: Literal["light", "dark"],
) -> None:
    """A calm page in place of a problem document; it asks again when it said it would."""
    edge.retry_after_s = 5
    edge.refuses = lambda _method, _path: True
    with opened(chromium, platform, size=size, url=edge.url, color_scheme=scheme) as page:
        page.goto("/")
        expect(page.get_by_role("heading", name="Busy right now")).to_be_visible()
        expect(page.get_by_text("This page tries again by itself in 5 seconds.")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).display") == "grid"
        page.screenshot(path=pictures / f"state-refused-{size}-{scheme}.png")
        # The rule asks for no automatic reload, since one loses what was read: here it is nothing.
        require_nothing_found(page, f"refused {size}", but="meta-refresh")
        edge.refuses = lambda _method, _path: False
        expect(page.locator("solstice-feed")).to_be_visible()
        wait(page, PLAYS)
    assert {each.path for each in edge.attempts if each.status == 429} == {"/"}
    first, second = [each.at_s for each in edge.seen("GET", "/") if each.path == "/"][:2]
    assert second - first >= edge.retry_after_s


def test_an_edge_that_lets_nobody_in_leaves_the_device_its_own_feed(
    chromium: Browser, platform: PlatformUnderTest, edge: BusyEdge, pictures: Path
) -> None:
    """Kept clips play, a like is kept for its account, and both are told."""
    fan = platform.sign_up("returning")
    with opened(chromium, platform, member=fan, url=edge.url, workers=True) as page:
        page.goto("/")
        wait(page, "navigator.serviceWorker.controller", within_s=30)
        page.reload()
        wait(page, f"{CURRENT}?.readyState >= 4")
        kept = "caches.open('solstice-clips').then((cache) => cache.keys())"
        until(lambda: int(page.evaluate(f"{kept}.then((keys) => keys.length)")) >= 2, within_s=20)
        edge.refuses = lambda _method, path: not path.startswith("/static/")
        page.goto("/")
        wait(page, f"{CURRENT}?.webkitDecodedFrameCount > 5", within_s=30)
        expect(page.locator(".banner")).to_contain_text("Busy right now")
        page.keyboard.press("l")
        expect(page.get_by_text("your like is kept")).to_be_visible()
        page.screenshot(path=pictures / "state-busy-from-device.png")
        require_nothing_found(page, "busy, from the device")
        edge.refuses = lambda _method, _path: False
        until(
            lambda: len(fan.http.get("/v1/me/likes").json()["items"]) == 1,
            within_s=40,
        )
