"""The web app manifest: installable, and a target for sharing clips from the phone's gallery."""

import msgspec

from solstice.web.pages import web_assets
from solstice.web.texts import Catalogue

_ICON_SIZES = (192, 512)


def render_manifest(catalogue: Catalogue, *, site_name: str) -> bytes:
    """Render the manifest in one language."""
    assets = web_assets()
    icons = [
        {
            "src": assets.url(f"icons/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in _ICON_SIZES
    ]
    shortcuts = [
        {"name": catalogue.text(key), "url": url}
        for key, url in (("nav.post", "/post"), ("nav.inbox", "/inbox"), ("nav.search", "/search"))
    ]
    return msgspec.json.encode(
        {
            "id": "/",
            "name": site_name,
            "short_name": site_name,
            "description": catalogue.text("site.description"),
            "lang": catalogue.language,
            "dir": catalogue.direction,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "orientation": "any",
            "background_color": "#0b0c10",
            "theme_color": "#0b0c10",
            "icons": icons,
            "shortcuts": shortcuts,
            "share_target": {
                "action": "/post",
                "method": "POST",
                "enctype": "multipart/form-data",
                "params": {
                    "title": "title",
                    "text": "text",
                    "files": [{"name": "clip", "accept": ["video/*"]}],
                },
            },
        }
    )
