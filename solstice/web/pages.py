"""Pages: a template, the texts of the person's language, and what scripts need to start.

Everything a page shows is escaped by the template engine; data for scripts travels in one
`application/json` block that no browser executes.  HTML is never kept by anybody (`no-cache`
and private): it names who is signed in.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from markupsafe import Markup

from solstice.accounts.viewer import Viewer
from solstice.kit.resources import Resources
from solstice.web.assets import STATIC, Assets, load_assets
from solstice.web.headers import list_headers, render_hash
from solstice.web.settings import WebSettings
from solstice.web.texts import Catalogue, decide_language, load_catalogues, render_module

_SHEETS = ("tokens", "base", "shell", "panel")

THEMES = ("dark", "light", "system")
LANGUAGE_COOKIE = "solstice_language"
THEME_COOKIE = "solstice_theme"

_MODULES = {
    "tus": "vendor/tus-js-client/dist/tus.min.js",
    "lit": "vendor/lit/index.js",
    "lit/directives/repeat.js": "vendor/lit/directives/repeat.js",
    "lit-html": "vendor/lit-html/lit-html.js",
    "lit-html/directive.js": "vendor/lit-html/directive.js",
    "lit-html/is-server.js": "vendor/lit-html/is-server.js",
    "lit-html/directives/repeat.js": "vendor/lit-html/directives/repeat.js",
    "lit-element/lit-element.js": "vendor/lit-element/lit-element.js",
    "@lit/reactive-element": "vendor/@lit/reactive-element/reactive-element.js",
}


@dataclass(frozen=True, kw_only=True)
class ImportMap:
    """Where bare imports lead, for one language, and the hash that lets it into the page."""

    text: str
    hash: str


@cache
def web_assets() -> Assets:
    """Load the static files together with the texts of every language."""
    texts = tuple(
        (f"texts/{language}.js", render_module(catalogue))
        for language, catalogue in load_catalogues().items()
    )
    sheets = tuple((f"styles/all/{name}.css", _join_sheets(name)) for name in ("feed", "pages"))
    return load_assets(texts + sheets)


def _join_sheets(name: str) -> bytes:
    """Join what every page needs with one kind of page's own: one request instead of five."""
    parts = (STATIC / "styles" / f"{each}.css" for each in (*_SHEETS, name))
    return b"\n".join(part.read_bytes() for part in parts)


@cache
def import_map(language: str) -> ImportMap:
    """Render the import map of a language."""
    assets = web_assets()
    imports = {name: assets.url(path) for name, path in _MODULES.items()}
    imports["texts"] = assets.url(f"texts/{language}.js")
    text = json.dumps({"imports": imports}, separators=(",", ":"))
    return ImportMap(text=text, hash=render_hash(text))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = web_assets().url
    return environment


def page_language(request: Request[Any, Any, Any]) -> str:
    """Tell the language of the person who asks."""
    return decide_language(
        chosen=request.cookies.get(LANGUAGE_COOKIE),
        accepted=request.headers.get("accept-language"),
    )


def page_theme(request: Request[Any, Any, Any]) -> str:
    """Tell the theme of the person who asks; dark unless they chose."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "dark"


def public_url(request: Request[Any, Any, Any], resources: Resources) -> str:
    """Tell the address of this place, for links that leave it."""
    configured = resources.settings_of(WebSettings).public_url.rstrip("/")
    return configured or str(request.base_url).rstrip("/")


def render_page(
    template: str,
    *,
    request: Request[Any, Any, Any],
    resources: Resources,
    viewer: Viewer | None,
    status: int = 200,
    may_be_framed: bool = False,
    data: object = None,
    **values: Any,
) -> Response[str]:
    """Render one page with its security headers.

    `data` becomes the JSON block its scripts start from.
    """
    language = page_language(request)
    catalogue = load_catalogues()[language]
    modules = import_map(language)
    settings = resources.settings_of(WebSettings)
    boot = {
        "build": web_assets().build,
        "viewer": {"id": str(viewer.id), "name": viewer.name, "role": viewer.role}
        if viewer
        else None,
        "site_name": settings.site_name,
        "status_url": settings.status_url,
        "data": data,
    }
    text = (
        _templates()
        .get_template(template)
        .render(
            t=catalogue.text,
            catalogue=catalogue,
            theme=page_theme(request),
            viewer=viewer,
            import_map=Markup(modules.text),  # noqa: S704 - our own JSON: asset names and nothing else
            boot=render_json_block(boot),
            site_name=settings.site_name,
            path=request.url.path,
            sheet_of_page="feed" if template == "feed.html" else "pages",
            **({"modules": ()} | values),
        )
    )
    headers = list_headers(import_map_hash=modules.hash, may_be_framed=may_be_framed)
    headers |= {
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
        "Content-Language": catalogue.language,
    }
    return Response(text, media_type=MediaType.HTML, status_code=status, headers=headers)


def render_json_block(value: object) -> Markup:
    """Encode a value for an `application/json` block: no character that could end the block."""
    encoded = msgspec.json.encode(value).decode()
    safe = encoded.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - the three characters that matter in a block are escaped


def text_of(request: Request[Any, Any, Any]) -> Catalogue:
    """Find the catalogue of the person who asks."""
    return load_catalogues()[page_language(request)]
