"""Posting: a real clip goes in through the page, and a real page plays it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.busy_edge import standing_before
from tests.browser.platform_under_test import Member, PlatformUnderTest, opened, wait
from tests.samples import clip, odd

pytestmark = pytest.mark.acceptance

LIVE_MS_MAX = 120_000


def choose(page: Page, name: str) -> None:
    """Choose a file of the sample clips."""
    page.locator("input[type=file]").set_input_files(clip(name))


def test_the_limits_stand_there_before_anything_is_chosen(
    chromium: Browser, platform: PlatformUnderTest, ada: Member
) -> None:
    """Nobody learns of a limit from a refusal."""
    with opened(chromium, platform, member=ada) as page:
        page.goto("/post")
        expect(page.locator(".limits")).to_contain_text(re.compile("512|MiB|MB"))


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_clip_goes_in_and_plays(
    chromium: Browser, platform: PlatformUnderTest, ada: Member, size: str
) -> None:
    """Progress, safe, processed, live: then it plays at its own address, caption and all."""
    with opened(chromium, platform, size=size, member=ada) as page:
        page.goto("/post")
        choose(page, "portrait_selfie.mp4")
        page.get_by_label("Caption").fill(f"A selfie on a {size} #selfie")
        watch = page.get_by_role("link", name="Watch it")
        expect(watch).to_be_visible(timeout=LIVE_MS_MAX)
        expect(page.locator(".steps li.done")).to_have_count(4)
        expect(page.locator("#caption-hint")).to_have_text("Caption saved.")
        watch.click()
        video = "document.querySelector('solstice-feed')?.pool?.video"
        wait(page, f"{video}?.webkitDecodedFrameCount > 5")
        assert page.evaluate(f"{video}.videoHeight > {video}.videoWidth")
        expect(page.locator(".slide:not([inert]) .said")).to_contain_text(f"A selfie on a {size}")


def test_a_lost_connection_costs_nothing(
    chromium: Browser, platform: PlatformUnderTest, ada: Member, pictures: Path
) -> None:
    """The page says that it is interrupted and goes on by itself."""
    with opened(chromium, platform, member=ada) as page:
        page.goto("/post")
        cut: list[str] = []

        def interrupt(route: Route) -> None:
            if route.request.method == "PATCH" and len(cut) < 5:
                cut.append(route.request.url)
                route.abort("connectionreset")
            else:
                route.continue_()

        page.route("**/v1/uploads/*", interrupt)
        choose(page, "butterfly.mp4")
        expect(page.get_by_text("Interrupted. It goes on by itself")).to_be_visible(timeout=30_000)
        page.screenshot(path=pictures / "state-upload-interrupted.png")
        expect(
            page.get_by_text("Received and safe").or_(page.get_by_text("Your clip is live"))
        ).to_be_visible(timeout=LIVE_MS_MAX)
        assert len(set(cut)) == 1


def test_an_upload_refused_because_it_is_busy_waits_and_goes_on(
    chromium: Browser, platform: PlatformUnderTest, ada: Member, pictures: Path
) -> None:
    """429 is no failure: it says that it is busy, waits as long as asked to, and arrives."""
    with standing_before(platform.url) as edge:
        edge.retry_after_s = 3
        edge.refuses = lambda method, _path: method == "PATCH" and not edge.seen("PATCH", "uploads")
        with opened(chromium, platform, member=ada, url=edge.url) as page:
            page.goto("/post")
            choose(page, "cups.mp4")
            expect(page.get_by_text("Busy right now. It goes on by itself")).to_be_visible()
            page.screenshot(path=pictures / "state-upload-busy.png")
            expect(page.get_by_role("link", name="Watch it")).to_be_visible(timeout=LIVE_MS_MAX)
        tries = edge.seen("PATCH", "/v1/uploads/")
        assert [each.status for each in tries] == [429, 204]
        again = edge.seen("HEAD", "/v1/uploads/")
        assert again[0].at_s - tries[0].at_s >= edge.retry_after_s


def test_leaving_the_page_and_coming_back_goes_on(
    chromium: Browser, platform: PlatformUnderTest, ada: Member, pictures: Path
) -> None:
    """After a reload the page names the file; the same file goes on under the same id."""
    with opened(chromium, platform, member=ada) as page:
        page.goto("/post")
        page.route(
            "**/v1/uploads/*",
            lambda route: route.abort() if route.request.method == "PATCH" else route.continue_(),
        )
        with page.expect_response(lambda answer: answer.request.method == "POST") as created:
            choose(page, "cups.mp4")
        video_id = created.value.headers["location"].rsplit("/", 1)[1]
        wait(page, "Object.keys(localStorage).some((key) => key.startsWith('tus::'))")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/post")
        expect(page.get_by_text("Choose cups.mp4 again")).to_be_visible()
        page.screenshot(path=pictures / "state-upload-to-resume.png")
        page.unroute_all()
        choose(page, "cups.mp4")
        expect(page.get_by_role("link", name="Watch it")).to_have_attribute(
            "href", f"/v/{video_id}", timeout=LIVE_MS_MAX
        )


def test_a_refusal_says_why(
    chromium: Browser, platform: PlatformUnderTest, ada: Member, pictures: Path
) -> None:
    """A file without a picture is refused in plain words, here and in the studio."""
    with opened(chromium, platform, member=ada) as page:
        page.goto("/post")
        page.locator("input[type=file]").set_input_files(odd("audio_only.mp4"))
        expect(page.get_by_text("Refused", exact=True)).to_be_visible(timeout=LIVE_MS_MAX)
        page.screenshot(path=pictures / "state-upload-refused.png")
        page.goto("/studio")
        expect(page.locator(".badge.refused").first).to_have_text("Refused")


def test_a_file_over_the_limits_is_not_even_sent(
    chromium: Browser, platform: PlatformUnderTest, ada: Member
) -> None:
    """Six minutes are told to be too long before the first byte leaves."""
    with opened(chromium, platform, member=ada) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.goto("/post")
        expect(page.locator(".limits")).not_to_be_empty()
        choose(page, "long_362s_lowbitrate.mp4")
        expect(page.get_by_role("alert")).to_contain_text("This clip lasts 6:02")
        assert not [url for url in sent if "/v1/uploads" in url]
