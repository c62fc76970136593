"""The really served platform, seeded like a small community, and browsers to look at it."""

import base64
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.acceptance.instance import Instance
from tests.cast import PASSWORD

LIVE_S_MAX = 90.0
expect.set_options(timeout=20_000)

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
)


class BrowserMissing(AssertionError):
    """No Chromium: `apt-get install chromium`, or `playwright install chromium`."""


@dataclass
class Member:
    """An account with its cookie."""

    name: str
    http: httpx.Client

    @property
    def cookies(self) -> list[dict[str, Any]]:
        """The session, for a browser."""
        return [
            {"name": each.name, "value": each.value, "domain": "127.0.0.1", "path": "/"}
            for each in self.http.cookies.jar
        ]


@dataclass
class PlatformUnderTest:
    """A running instance and what lives on it."""

    instance: Instance
    members: dict[str, Member] = field(default_factory=dict)
    videos: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where a viewer begins."""
        return self.instance.url

    def sign_up(self, name: str) -> Member:
        """Make an account over HTTP."""
        client = httpx.Client(
            base_url=self.url, headers={"sec-fetch-site": "same-origin"}, timeout=20
        )
        answer = client.post("/v1/accounts", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        member = Member(name, client)
        self.members[name] = member
        return member

    def publish(self, member: Member, path: Path, *, caption: str, key: str) -> str:
        """Upload a clip as any tus client would, and wait until it is live."""
        body = path.read_bytes()
        metadata = {"filename": path.name, "filetype": "video/mp4", "caption": caption}
        encoded = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}"
            for name, value in (metadata | {"visibility": "public"}).items()
        )
        created = member.http.post(
            "/v1/uploads",
            headers={
                "tus-resumable": "1.0.0",
                "upload-length": str(len(body)),
                "upload-metadata": encoded,
            },
        )
        assert created.status_code == 201, created.text
        sent = member.http.patch(
            created.headers["location"],
            content=body,
            headers={
                "tus-resumable": "1.0.0",
                "upload-offset": "0",
                "content-type": "application/offset+octet-stream",
            },
        )
        assert sent.status_code == 204, sent.text
        video_id = created.headers["location"].rsplit("/", 1)[1]
        self.videos[key] = video_id
        self.wait_live(member, video_id)
        return str(video_id)

    def count_shown(self) -> int:
        """Count the clips somebody without an account gets on the first page of For You."""
        return len(httpx.get(f"{self.url}/v1/feed/for-you", timeout=20).json()["items"])

    def wait_live(self, member: Member, video_id: str) -> None:
        """Wait until a clip is live, and every feed page can show it."""
        until(
            lambda: member.http.get(f"/v1/studio/videos/{video_id}").json()["state"] == "live",
            within_s=LIVE_S_MAX,
        )


def until(is_true: Callable[[], bool], *, within_s: float) -> None:
    """Look again and again until something is so."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not become so in time"
        time.sleep(0.1)


def wait(page: Page, expression: str, *, within_s: float = 30.0) -> None:
    """Wait until an expression is true in the page.

    Playwright's own waiting evaluates text inside the page, which our policy rightly refuses.
    """
    deadline = time.monotonic() + within_s
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(30)


def launch(playwright: Playwright, *more: str) -> Browser:
    """Start Chromium: the system's, else Playwright's own.

    Errors: `BrowserMissing` with the remedy; never a silent skip.
    """
    program = which("chromium") or which("chromium-browser") or which("google-chrome")
    if program is None and not Path(playwright.chromium.executable_path).exists():
        raise BrowserMissing(BrowserMissing.__doc__)
    return playwright.chromium.launch(
        executable_path=program, args=[*CHROMIUM_ARGUMENTS, *more], timeout=60_000
    )


@contextmanager
def opened(
    chromium: Browser,
    platform: PlatformUnderTest,
    *,
    size: str = "phone",
    member: Member | None = None,
    workers: bool = False,
    url: str = "",
    **more: Any,
) -> Iterator[Page]:
    """Open a fresh browser profile of a size, signed in or not."""
    is_phone = size == "phone"
    context: BrowserContext = chromium.new_context(
        base_url=url or platform.url,
        viewport=PHONE if is_phone else DESKTOP,
        device_scale_factor=2 if is_phone else 1,
        has_touch=is_phone,
        is_mobile=is_phone,
        service_workers="allow" if workers else "block",
        **more,
    )
    context.set_default_timeout(30_000)
    if member:
        context.add_cookies(member.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    try:
        yield page
        assert problems == []
    finally:
        context.close()


def pictures_dir(fallback: Path) -> Path:
    """Tell where screenshots go: the folder named for it, else a temporary one."""
    chosen = Path(os.environ.get("SCREENSHOTS_DIR", str(fallback)))
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen
