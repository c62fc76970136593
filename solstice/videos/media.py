"""The media process: byte ranges of published files, and nothing else.

A process of its own, so that bytes never share an event loop with the API.  It knows no viewer
and no database: a file's name ends in the hash of its bytes and is told only to those who may
see it.  Only `renditions`, `posters`, `captions` and `avatars` can be named; originals and
uploads cannot.  What it serves never changes, so it may be kept for ever by everybody.

Slow readers are given up after a while; the server in front of this application bounds how many
there are at once (`kit/serving.py`).
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from solstice.kit.health import HEALTH_PATHS, build_health_app
from solstice.kit.http import App, Receive, Scope, Send
from solstice.kit.media import MEDIA_PATH
from solstice.kit.metrics import REQUEST_DURATION_S, REQUESTS
from solstice.kit.objects import Objects
from solstice.videos.media_files import FileShelf
from solstice.videos.ranges import Span, Unsatisfiable, decide_span

_NAME = re.compile(
    r"(?:renditions|posters|captions|avatars)(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,3}"
    r"\.(mp4|jpg|webp|vtt)"
)
_TYPES = {
    "mp4": b"video/mp4",
    "jpg": b"image/jpeg",
    "webp": b"image/webp",
    "vtt": b"text/vtt; charset=utf-8",
}
PATIENCE_S = 60.0
"""Who took not one piece of 256 KiB in this time is given up: 4 KiB a second plays nothing."""

_SAFETY = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    # Pages of another data center of the same installation play these files, too.
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
)
_FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
_NO_STORE = (b"cache-control", b"no-store")

Header = tuple[bytes, bytes]


class Readable(Protocol):
    """Something stored that can be read in pieces."""

    size_bytes: int

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `end`."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class BucketObject:
    """An object in a bucket, read through us."""

    def __init__(self, objects: Objects, name: str, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self._objects = objects
        self._name = name

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `end`."""
        return self._objects.stream_range(self._name, start=start, end=end)

    def close(self) -> None:
        """Nothing is held open."""


class MediaApp:
    """Serves GET and HEAD below `/media/`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._shelf = FileShelf(objects.directory) if objects.directory else None
        self._health = build_health_app(lambda: True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["path"] in HEALTH_PATHS:
            await self._health(scope, receive, send)
        else:
            await self._serve_counted(scope, send)

    async def _serve_counted(self, scope: Scope, send: Send) -> None:
        began = time.monotonic()
        status = await self._serve(scope, send)
        method = scope["method"] if scope["method"] in {"GET", "HEAD"} else "other"
        REQUESTS.labels("/media", method, status).inc()
        REQUEST_DURATION_S.labels("/media").observe(time.monotonic() - began)

    async def _serve(self, scope: Scope, send: Send) -> int:
        if scope["method"] not in {"GET", "HEAD"}:
            return await _refuse(send, 405, [(b"allow", b"GET, HEAD")])
        path: str = scope["path"]
        name = path.removeprefix(MEDIA_PATH)
        match = _NAME.fullmatch(name) if path.startswith(MEDIA_PATH) else None
        file = await self._open(name) if match is not None else None
        if match is None or file is None:
            return await _refuse(send, 404, [])
        try:
            return await _answer(scope, send, file, name=name, kind=_TYPES[match[1]])
        finally:
            file.close()

    async def _open(self, name: str) -> Readable | None:
        if self._shelf is not None:
            return self._shelf.open(name)
        size_bytes = await self._objects.size_bytes(name)
        return BucketObject(self._objects, name, size_bytes) if size_bytes is not None else None


def build_media_app(objects: Objects) -> App:
    """Build the ASGI application of the media process."""
    return MediaApp(objects)


async def _answer(scope: Scope, send: Send, file: Readable, *, name: str, kind: bytes) -> int:
    """Answer for a file that is there."""
    tag = b'"' + name.rsplit("/", 1)[1].rsplit(".", 1)[0].encode() + b'"'
    asked = _read_headers(scope["headers"])
    shared = [(b"etag", tag), (b"accept-ranges", b"bytes"), _FOREVER, *_SAFETY]
    if tag in [part.strip() for part in asked.get(b"if-none-match", b"").split(b",")]:
        await _start(send, 304, shared)
        await send({"type": "http.response.body", "body": b""})
        return 304
    # A stale If-Range means that the reader's first half is of another file: send the whole.
    is_same = asked.get(b"if-range", tag) == tag
    try:
        span = decide_span(asked.get(b"range") if is_same else None, size_bytes=file.size_bytes)
    except Unsatisfiable:
        return await _refuse(send, 416, [(b"content-range", b"bytes */%d" % file.size_bytes)])
    status = 206 if span.is_partial else 200
    headers = [
        *shared,
        (b"content-type", kind),
        (b"content-length", b"%d" % (span.end - span.start)),
    ]
    if span.is_partial:
        place = (span.start, span.end - 1, file.size_bytes)
        headers.append((b"content-range", b"bytes %d-%d/%d" % place))
    await _start(send, status, headers)
    await _send_span(scope, send, file, span)
    return status


async def _send_span(scope: Scope, send: Send, file: Readable, span: Span) -> None:
    """Send the bytes, each piece once the one before has been taken."""
    sent = span.start
    if scope["method"] == "GET":
        async with asyncio.timeout(PATIENCE_S) as patience:
            async for chunk in file.read(span.start, span.end):
                sent += len(chunk)
                is_last = sent == span.end
                await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
                patience.reschedule(asyncio.get_running_loop().time() + PATIENCE_S)
                if is_last:
                    return
    await send({"type": "http.response.body", "body": b""})


def _read_headers(headers: Iterable[Header]) -> dict[bytes, bytes]:
    wanted = (b"range", b"if-range", b"if-none-match")
    return {name: value for name, value in headers if name in wanted}


async def _start(send: Send, status: int, headers: list[Header]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _refuse(send: Send, status: int, headers: list[Header]) -> int:
    """Answer without a body: players do not read explanations."""
    await _start(send, status, [*headers, _NO_STORE, *_SAFETY, (b"content-length", b"0")])
    await send({"type": "http.response.body", "body": b""})
    return status


async def _live(receive: Receive, send: Send) -> None:
    """Follow the server's start and stop; nothing is kept."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
