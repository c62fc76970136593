"""The page of who has to wait: true, small, and allowed by its own policy."""

import base64
import hashlib
import re

import pytest

from solstice.edge.listeners import COMPRESSED_BYTES_MIN
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page


@pytest.mark.parametrize(("wait_s", "words"), [(1, "in 1 second."), (4, "in 4 seconds.")])
def test_it_asks_again_when_it_says_it_will(wait_s: int, words: str) -> None:
    """One number, for the browser and for the person."""
    page = render_waiting_page("Busy right now", wait_s=wait_s)
    assert f'<meta http-equiv="refresh" content="{wait_s}">' in page
    assert words in page


def test_it_runs_nothing_and_fetches_nothing() -> None:
    """Whoever is refused a page asks for nothing else; its one style is named by its hash."""
    page = render_waiting_page("Busy right now", wait_s=2)
    styles = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = WAITING_PAGE_HEADERS["content-security-policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert len(styles) == 1
    assert not re.search("<script|<link|<img|src=|href=|url", page)


def test_it_is_too_small_to_be_compressed() -> None:
    """The edge would compress it anew for every refusal."""
    assert len(render_waiting_page("No answer right now", wait_s=10)) < COMPRESSED_BYTES_MIN
