"""One platform and one browser for all browser tests; every test gets a fresh profile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.instance import Instance
from tests.browser.platform_under_test import (
    Member,
    PlatformUnderTest,
    launch,
    pictures_dir,
    until,
)
from tests.samples import run_ffmpeg

CLIPS = (
    ("dawn", "ada", "Low sun over the #sea, filmed at dawn with @bob", "0x8A4B2A", 330),
    ("noon", "bob", "Noon #light", "0x2A6B8A", 440),
    ("dusk", "ada", "#dusk in four seconds. " + "It takes its time. " * 8, "0x6B2A8A", 550),
    ("night", "cleo", "Night, at last #dusk", "0x1A2A4A", 660),
)


def render_clip(into: Path, *, colour: str, hertz: int) -> Path:
    """Render four seconds of a moving sun with a tone, portrait, ready to be played as it is."""
    picture = f"color=c={colour}:s=360x640:r=30:d=4"
    sun = "testsrc2=s=160x160:r=30:d=4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sun),
        *("-f", "lavfi", "-i", f"sine=frequency={hertz}:duration=4"),
        *("-filter_complex", "[0][1]overlay=x=100:y='120+60*t'[v]", "-map", "[v]", "-map", "2:a"),
        *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "30"),
        *("-c:a", "aac", "-ac", "2", "-movflags", "+faststart", "-shortest", into),
    )
    return into


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformUnderTest]:
    """Everything `solstice up` starts, with three members and four clips."""
    home = tmp_path_factory.mktemp("browser")
    instance = Instance(
        home / "state",
        SOLSTICE_ACCOUNTS_SIGN_UPS_PER_NETWORK_MAX="1000",
        SOLSTICE_OBJECTS_DISK_RESERVE_BYTES="0",
    )
    running = PlatformUnderTest(instance)
    instance.start_and_wait()
    try:
        for name in ("ada", "bob", "cleo", "judge"):
            running.sign_up(name)
        made = instance.run("admin", "make", "judge")
        assert made.returncode == 0, made.stderr
        for key, creator, caption, colour, hertz in CLIPS:
            path = render_clip(home / f"{key}.mp4", colour=colour, hertz=hertz)
            running.publish(running.members[creator], path, caption=caption, key=key)
        bob = running.members["bob"].http
        bob.put("/v1/accounts/ada/follow").raise_for_status()
        bob.put(f"/v1/videos/{running.videos['dawn']}/like").raise_for_status()
        until(lambda: running.count_shown() >= len(CLIPS), within_s=60)
        yield running
    finally:
        for member in running.members.values():
            member.http.close()
        instance.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a file.

    Not for the whole run: Playwright keeps an event loop in this thread while it lives, and no
    other test could start one.
    """
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go; `SCREENSHOTS_DIR=docs/screenshots` renews those of the documents."""
    return pictures_dir(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def ada(platform: PlatformUnderTest) -> Member:
    """A creator."""
    return platform.members["ada"]


@pytest.fixture
def bob(platform: PlatformUnderTest) -> Member:
    """A viewer who follows ada."""
    return platform.members["bob"]


@pytest.fixture
def judge(platform: PlatformUnderTest) -> Member:
    """An administrator, who may also moderate."""
    return platform.members["judge"]
