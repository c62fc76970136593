"""Receiving bytes: a request's body becomes durable parts while it arrives.

At most one part (4 MiB) of each request is in memory.  What arrived before a connection broke
is kept, so a client on a bad line always gets further; what a killed process held in memory was
never acknowledged.  The part's name carries a random end: two requests that race for one offset
must not overwrite each other before the database has decided.

Bounds: requests at once, for the process and for each account; idle time; number of parts.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from solstice.kit.context import DEADLINE_AT_S
from solstice.kit.resources import Resources
from solstice.videos import upload_queries
from solstice.videos.errors import (
    TooManyParts,
    TooManyReceiving,
    UploadStalled,
    UploadTooLarge,
    WrongOffset,
)
from solstice.videos.names import render_part_name
from solstice.videos.settings import VideoSettings
from solstice.videos.upload_queries import UploadRow
from solstice.videos.uploads import append_part

PARTS_MAX = 10_000
"""512 MiB in pieces of 54 KiB: a client that sends less at a time is up to no good."""
SLOT_WAIT_S = 5.0
COMMIT_S = 5.0

Receive = Callable[[], Awaitable[Any]]


class Slots:
    """Who is receiving right now in this process."""

    def __init__(self) -> None:
        self._accounts: Counter[UUID] = Counter()

    @asynccontextmanager
    async def take(self, account_id: UUID, *, settings: VideoSettings) -> AsyncIterator[None]:
        """Receive while the block lasts; wait a little for room.

        Errors: TooManyReceiving (429).
        """
        deadline = time.monotonic() + SLOT_WAIT_S
        while (
            self._accounts.total() >= settings.uploads_at_once_max
            or self._accounts[account_id] >= settings.uploads_at_once_per_account_max
        ):
            if time.monotonic() > deadline:
                raise TooManyReceiving
            await asyncio.sleep(0.1)
        self._accounts[account_id] += 1
        try:
            yield
        finally:
            self._accounts[account_id] -= 1
            self._accounts += Counter()  # forget accounts at zero


SLOTS = Slots()


async def receive_body(
    resources: Resources, *, upload: UploadRow, account_id: UUID, receive: Receive
) -> UploadRow:
    """Store what the request brings, from the upload's offset on; returns where it stands then.

    Errors: WrongOffset (409), UploadTooLarge (413), UploadStalled (408), TooManyParts (409),
    TooManyReceiving (429), DatabaseUnavailable (503), StorageFull (507).  What was
    acknowledged before the error stays.
    """
    settings = resources.settings_of(VideoSettings)
    async with resources.database.reading() as conn:
        if await upload_queries.count_parts(conn, video_id=upload.id) >= PARTS_MAX:
            raise TooManyParts
    async with SLOTS.take(account_id, settings=settings):
        return await _Body(resources, settings, upload).take_in(receive)


class _Body:
    """One request's body on its way to disk."""

    def __init__(self, resources: Resources, settings: VideoSettings, upload: UploadRow) -> None:
        self.resources = resources
        self.settings = settings
        self.upload = upload
        self.held = bytearray()
        self.stored_at_s = time.monotonic()

    async def take_in(self, receive: Receive) -> UploadRow:
        """Read until the body ends, breaks off or stalls."""
        while True:
            event = await self._next(receive)
            if event["type"] == "http.disconnect":
                break
            self.held += event.get("body", b"")
            if self.upload.received_bytes + len(self.held) > self.upload.size_bytes:
                raise UploadTooLarge("More bytes arrived than Upload-Length said.")
            if self._is_due():
                await self._store()
            if not event.get("more_body"):
                break
        await self._store()
        return self.upload

    async def _next(self, receive: Receive) -> Any:
        try:
            async with asyncio.timeout(self.settings.upload_idle_s):
                return await receive()
        except TimeoutError:
            await self._store()
            raise UploadStalled from None

    def _is_due(self) -> bool:
        waited_s = time.monotonic() - self.stored_at_s
        return len(self.held) >= self.settings.upload_part_bytes or (
            waited_s > self.settings.upload_part_s and len(self.held) >= 64 * 1024
        )

    async def _store(self) -> None:
        """Put what is held on disk, then acknowledge it in the database."""
        if not self.held:
            return
        size_bytes, objects = len(self.held), self.resources.objects
        objects.require_space(size_bytes)
        offset = self.upload.received_bytes
        name = render_part_name(self.upload.id, offset)
        await objects.put_bytes(name, self.held)
        # A body may take an hour; each step in it has a deadline of its own.
        DEADLINE_AT_S.set(time.monotonic() + COMMIT_S)
        try:
            async with self.resources.database.transaction() as conn:
                self.upload = await append_part(
                    conn,
                    video_id=self.upload.id,
                    offset_bytes=offset,
                    size_bytes=size_bytes,
                    name=name,
                )
        except WrongOffset:
            await objects.delete(name)  # the other one won; nobody names this part
            raise
        self.held = bytearray()
        self.stored_at_s = time.monotonic()
