"""Static files: read once at start-up, served from memory under a name that never lies.

Every URL carries the build, a hash over all files, so a browser may keep each for ever and
modules may import each other by relative paths.  An asset of another build is answered with
what we have and without permission to keep it: during an upgrade two servers differ, and a
page whose script is missing helps nobody.  Bytes never come from a path a client names.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_COMPRESSED_TYPES = ("text/", "image/svg", "application/manifest")
_GZIP_BYTES_MIN = 512


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file: its bytes, their gzip form where that is smaller, and its media type."""

    body: bytes
    gzipped: bytes | None
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Assets:
    """All static files of one build."""

    build: str
    files: dict[str, Asset]

    def url(self, path: str) -> str:
        """Name the asset for a page.

        Errors: KeyError at render time, hence in the first test that shows the page, for a
        file that does not exist.
        """
        return f"/static/{self.build}/{path if path in self.files else self._missing(path)}"

    def _missing(self, path: str) -> str:
        raise KeyError(path)


def make_asset(body: bytes, media_type: str) -> Asset:
    """Hold bytes together with their gzip form."""
    squeezed = None
    if media_type.startswith(_COMPRESSED_TYPES) and len(body) >= _GZIP_BYTES_MIN:
        squeezed = gzip.compress(body, 9, mtime=0)
    return Asset(body=body, gzipped=squeezed, media_type=media_type)


@cache
def load_assets(generated: tuple[tuple[str, bytes], ...] = ()) -> Assets:
    """Read every static file, add the generated ones, and name the build after all of them."""
    bodies = {
        path.relative_to(STATIC).as_posix(): path.read_bytes()
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }
    bodies.update(generated)
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    files = {name: make_asset(body, decide_type(name)) for name, body in bodies.items()}
    return Assets(build=digest.hexdigest()[:12], files=files)


def decide_type(name: str) -> str:
    """Tell the media type of a file by its name."""
    suffix = Path(name).suffix
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
