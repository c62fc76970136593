"""What every page and every state is held to."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def require_nothing_found(page: Page, where: str, *, but: str = "") -> None:
    """Run axe-core, with the rules of WCAG 2.2 AA and its best practices, but for a named one."""
    found = Axe().run(page)
    told = [
        (each["id"], [node["html"][:160] for node in each["nodes"]])
        for each in found.response["violations"]
        if each["id"] != but
    ]
    assert told == [], where
