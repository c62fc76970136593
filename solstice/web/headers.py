"""What every page tells the browser it must never do.

No inline script or style, no other origin, no frame around us but around `/embed`, no sensor.
The one exception is the import map, which browsers accept only inline: it is allowed by its
hash, computed at start-up from the very bytes that are sent (docs/decisions/0061).
"""

import base64
import hashlib

_PERMISSIONS = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "serial=(), usb=(), fullscreen=(self), autoplay=(self)"
)
_EMBED_PERMISSIONS = _PERMISSIONS.replace("autoplay=(self)", "autoplay=*")


def render_hash(script: str) -> str:
    """Name an inline script by its hash, as a content security policy wants it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def render_policy(*, import_map_hash: str, may_be_framed: bool) -> str:
    """Render the content security policy of a page."""
    ancestors = "*" if may_be_framed else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {import_map_hash}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {ancestors}",
            "require-trusted-types-for 'script'",
            "trusted-types lit-html solstice",
        )
    )


def list_headers(*, import_map_hash: str, may_be_framed: bool = False) -> dict[str, str]:
    """List the security headers of a page."""
    headers = {
        "Content-Security-Policy": render_policy(
            import_map_hash=import_map_hash, may_be_framed=may_be_framed
        ),
        "Permissions-Policy": _EMBED_PERMISSIONS if may_be_framed else _PERMISSIONS,
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if not may_be_framed:
        headers["X-Frame-Options"] = "DENY"
    return headers
