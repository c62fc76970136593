"""The service worker as it is served: our script, told its build and what to keep."""

import json
from functools import cache
from pathlib import Path

from solstice.web.modules import FEED_MODULES
from solstice.web.pages import import_map, web_assets

_SCRIPT = Path(__file__).parent / "service_worker.js"
_SHELL = (
    "styles/all/feed.css",
    "icons/set.svg",
    "icons/mark.svg",
)


@cache
def render_worker(language: str) -> bytes:
    """Render the service worker of this build; its offline page speaks the language given."""
    assets = web_assets()
    texts = json.loads(import_map(language).text)["imports"]["texts"]
    shell = [assets.url(path) for path in (*_SHELL, *FEED_MODULES)] + [texts, "/offline"]
    source = _SCRIPT.read_text(encoding="utf-8")
    source = source.replace("__SCRIPTS__", assets.url("scripts/core/outbox.js"))
    source = source.replace("__BUILD__", assets.build)
    source = source.replace('["__SHELL__"]', json.dumps(sorted(set(shell))))
    return source.encode()
