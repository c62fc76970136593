"""What a person sees who opened an address and has to wait: a page that tries again by itself.

Constant bytes with nothing to fetch: who makes them keeps them, since showing the page must cost
no more than refusing a program.  Light or dark as the device likes it.  The page tells its truth
to people only; a program is told by `Retry-After`, which says the same number.
"""

import base64
import hashlib

_STYLE = (
    "body{font:1.1em/1.6 system-ui;display:grid;place-content:center;min-height:90vh;"
    "margin:1em;text-align:center;text-wrap:balance}h1{font-size:1.5em}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
WAITING_PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    # This one style, and nothing else.
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'",
    # By this the service worker knows it, which may have something better to show.
    "x-solstice-page": "waiting",
}
"""What goes with it."""


def render_waiting_page(why: str, *, wait_s: int) -> str:
    """Render a page that says why, in a few words of ours, and tries again after `wait_s`."""
    seconds = "second" if wait_s == 1 else "seconds"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="refresh" content="{wait_s}">'
        f"<title>{why}</title><style>{_STYLE}</style><main><h1>{why}</h1>"
        f"<p>This page tries again by itself in {wait_s} {seconds}.</p></main></html>\n"
    )
