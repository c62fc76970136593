"""Which scripts the feed needs before it can run, so that the browser fetches them at once.

Without this list it would find them one import at a time: five round trips instead of one.
tests/web compares it with the imports in the files.
"""

import re
from functools import cache
from posixpath import dirname, join, normpath

from solstice.web.assets import STATIC

FEED_ENTRY = "scripts/pages/feed.js"
_IMPORTS = re.compile(
    r"""^(?:import|export)\s+(?:[\w$*{}\s,]+?\s+from\s+)?["']([^"']+)["']""", re.MULTILINE
)


@cache
def list_modules(entry: str) -> tuple[str, ...]:
    """List a module and all it imports by a relative path, itself first, each once."""
    found = [entry]
    for name in found:
        source = (STATIC / name).read_text(encoding="utf-8")
        for target in _IMPORTS.findall(source):
            path = normpath(join(dirname(name), target))
            if target.startswith(".") and path not in found:
                found.append(path)
    return tuple(found)


FEED_MODULES = (
    "scripts/start.js",
    *list_modules(FEED_ENTRY),
    "vendor/lit/index.js",
    "vendor/lit-html/lit-html.js",
    "vendor/lit-html/is-server.js",
    "vendor/lit-html/directive.js",
    "vendor/lit-element/lit-element.js",
    "vendor/@lit/reactive-element/reactive-element.js",
    "vendor/@lit/reactive-element/css-tag.js",
)
