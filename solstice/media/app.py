"""The media process: byte ranges of published files, and nothing else.

A process of its own, so that bytes never share an event loop with the API.  It knows no viewer
and no database: a file's name ends in the hash of its bytes and is told only to those who may
see it.  Only `renditions`, `posters`, `captions` and `avatars` can be named; originals and
uploads cannot.  What it serves never changes, so it may be kept for ever by everybody.

Python decides what is sent; the bytes of a file on this disk are read and sent by granian's own
threads (RSGI's `response_file_range`), so neither a cold disk nor a big range holds up the loop.
Readers who take nothing are given up by the kernel after `PATIENCE_S`; the server in front of
this application bounds how many there are at once (`kit/serving.py`).  Why: docs/decisions/0025.
"""

import asyncio
import os
import re
import stat
import time
from pathlib import Path

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian.rsgi import Scope

from solstice.kit.health import HEALTH_PATHS, answer_health
from solstice.kit.media import MEDIA_PATH
from solstice.kit.metrics import REQUESTS
from solstice.kit.objects import Objects
from solstice.media.ranges import Span, Unsatisfiable, decide_span

_NAME = re.compile(
    r"(?:renditions|posters|captions|avatars)(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,3}"
    r"\.(mp4|jpg|webp|vtt)"
)
_TYPES = {
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "vtt": "text/vtt; charset=utf-8",
}
AT_ONCE = 576
"""Readers are as slow as their networks and pause when their player has enough, so many are at
it at once, and each costs a third of a megabyte here.  More than the edge sends
(`edge/clusters.py`): whoever asks for its health must find room."""
PATIENCE_S = 60.0
"""Who took not one byte in this time is given up."""

_SAFETY = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox"),
    # Pages of another data center of the same installation play these files, too.
    ("cross-origin-resource-policy", "cross-origin"),
    ("access-control-allow-origin", "*"),
)
_FOREVER = ("cache-control", "public, max-age=31536000, immutable")
_NO_STORE = ("cache-control", "no-store")

Header = tuple[str, str]


class MediaApp:
    """Serves GET and HEAD below `/media/`; an RSGI application."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Serve one request."""
        if scope.path in HEALTH_PATHS:
            status, body, kind = answer_health(scope.path, lambda: True)
            protocol.response_bytes(status, [("content-type", kind)], body)
            return
        began = time.monotonic()
        status = await self._serve(scope, protocol)
        method = scope.method if scope.method in {"GET", "HEAD"} else "other"
        REQUESTS.note("/media", method, status, time.monotonic() - began)

    async def _serve(self, scope: Scope, protocol: HTTPProtocol) -> int:
        if scope.method not in {"GET", "HEAD"}:
            return _refuse(protocol, 405, [("allow", "GET, HEAD")])
        path = scope.path
        name = path.removeprefix(MEDIA_PATH)
        match = _NAME.fullmatch(name) if path.startswith(MEDIA_PATH) else None
        if match is None:
            return _refuse(protocol, 404, [])
        place = self._objects.local_path(name)
        size_bytes = (
            await self._objects.size_bytes(name) if place is None else _measure_regular(place)
        )
        if size_bytes is None:
            return _refuse(protocol, 404, [])
        tag = '"' + name.rsplit("/", 1)[1].rsplit(".", 1)[0] + '"'
        shared = [("etag", tag), ("accept-ranges", "bytes"), _FOREVER, *_SAFETY]
        asked = scope.headers
        if tag in [part.strip() for part in asked.get("if-none-match", "").split(",")]:
            protocol.response_empty(304, shared)
            return 304
        # A stale If-Range means that the reader's first half is of another file: send the whole.
        wanted = asked.get("range") if asked.get("if-range", tag) == tag else None
        try:
            span = decide_span(wanted, size_bytes=size_bytes)
        except Unsatisfiable:
            return _refuse(protocol, 416, [("content-range", f"bytes */{size_bytes}")])
        status, headers = _describe(span, size_bytes=size_bytes, kind=_TYPES[match[1]])
        if scope.method == "HEAD" or span.start == span.end:
            protocol.response_empty(status, [*shared, *headers])
        elif place is not None:
            protocol.response_file_range(
                status, [*shared, *headers], str(place), span.start, span.end
            )
        else:
            await self._pass_on(protocol, status, [*shared, *headers], name=name, span=span)
        return status

    async def _pass_on(
        self, protocol: HTTPProtocol, status: int, headers: list[Header], *, name: str, span: Span
    ) -> None:
        """Send an object of a bucket through us, each piece once the one before has been taken."""
        loop, stream = asyncio.get_running_loop(), protocol.response_stream(status, headers)
        try:
            async with asyncio.timeout(PATIENCE_S) as patience:
                async for piece in self._objects.stream_range(name, start=span.start, end=span.end):
                    await stream.send_bytes(piece)
                    patience.reschedule(loop.time() + PATIENCE_S)
        except ProtocolClosed:
            return  # the reader went away


def build_media_app(objects: Objects) -> MediaApp:
    """Build the RSGI application of the media process."""
    return MediaApp(objects)


def _measure_regular(path: Path) -> int | None:
    """Tell the size of a regular file; None for anything else, links included.

    The name's form was checked, and nobody but us writes here: what is looked at is what is sent.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _describe(span: Span, *, size_bytes: int, kind: str) -> tuple[int, list[Header]]:
    headers = [("content-type", kind), ("content-length", str(span.end - span.start))]
    if not span.is_partial:
        return 200, headers
    return 206, [*headers, ("content-range", f"bytes {span.start}-{span.end - 1}/{size_bytes}")]


def _refuse(protocol: HTTPProtocol, status: int, headers: list[Header]) -> int:
    """Answer without a body: players do not read explanations."""
    protocol.response_empty(status, [*headers, _NO_STORE, *_SAFETY])
    return status
