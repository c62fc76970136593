"""Originals: the parts of an upload become one file that no error path of ours deletes.

The file is stored whole and durable under its hash, then named by its row in the transaction
that forgets the parts, and only then are the parts' bytes removed.  Dying between any two of
these steps leaves either the parts or the original, mostly both; the sweep removes what is over.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from solstice.kit.database import Connection
from solstice.kit.objects import refusing_when_full
from solstice.videos import processing_queries, upload_queries
from solstice.videos.leases import Attempt
from solstice.videos.names import UPLOADS, remove_folder, render_original_name
from solstice.videos.upload_queries import PartRow


class PartsMissing(Exception):
    """The parts of an upload do not add up to it: its objects were tampered with."""


async def fetch_original(attempt: Attempt, *, folder: Path) -> Path:
    """Bring the original onto this disk; the first attempt to do so also makes it.

    Errors: PartsMissing, StorageFull, LeaseLost, DatabaseUnavailable.
    """
    lease, objects = attempt.lease, attempt.resources.objects
    if lease.original_object is None:
        return await _assemble(attempt, folder=folder)
    local = objects.local_path(lease.original_object)
    if local is not None:
        return local
    target = folder / "original"
    await objects.fetch_into(lease.original_object, target)
    return target


async def _assemble(attempt: Attempt, *, folder: Path) -> Path:
    lease, objects = attempt.lease, attempt.resources.objects
    async with attempt.resources.database.reading() as conn:
        parts = await upload_queries.list_parts(conn, video_id=lease.video_id)
    _require_gapless(parts, size_bytes=lease.size_bytes)
    whole = folder / "original"
    digest = hashlib.sha256()
    with refusing_when_full(), whole.open("wb") as file:
        async for chunk in _read_parts(attempt, parts):
            await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(digest.update, chunk)
    if whole.stat().st_size != lease.size_bytes:
        raise PartsMissing
    name = render_original_name(lease.video_id, digest.hexdigest())
    await objects.put_file(name, whole)

    async def write(conn: Connection) -> bool | None:
        if not await processing_queries.update_original(
            conn, lease=lease, name=name, sha256=digest.hexdigest()
        ):
            return None
        await processing_queries.delete_parts(conn, video_id=lease.video_id)
        return True

    await attempt.commit(write)
    for part in parts:
        await objects.delete(part.object)
    remove_folder(objects, UPLOADS, lease.video_id)
    return whole


def _require_gapless(parts: list[PartRow], *, size_bytes: int) -> None:
    offset = 0
    for part in parts:
        if part.offset_bytes != offset:
            raise PartsMissing
        offset += part.size_bytes
    if offset != size_bytes:
        raise PartsMissing


async def _read_parts(attempt: Attempt, parts: list[PartRow]) -> AsyncIterator[bytes]:
    for part in parts:
        async for chunk in attempt.resources.objects.stream(part.object):
            yield chunk
