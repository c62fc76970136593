"""Originals: the parts of an upload become one file that no error path of ours deletes.

The file is stored whole and durable under its hash, then named by its row in the transaction
that forgets the parts, and only then are the parts' bytes removed.  Dying between any two of
these steps leaves either the parts or the original, mostly both; the sweep removes what is over.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from solstice.kit.database import Connection
from solstice.kit.stopping import stop_tasks
from solstice.videos import processing_queries, upload_queries
from solstice.videos.leases import Attempt
from solstice.videos.names import UPLOADS, hash_file, remove_folder, render_original_name
from solstice.videos.upload_queries import PartRow


class PartsMissing(Exception):
    """The parts of an upload do not add up to it: its objects were tampered with."""


@asynccontextmanager
async def original_at_hand(
    attempt: Attempt, *, folder: Path
) -> AsyncIterator[tuple[Path, asyncio.Future[None]]]:
    """Bring the original onto this disk, and keep it while it is being looked at.

    The first attempt makes one file of the parts; hashing and storing it takes as long as probing
    it, so the block begins before that has ended.  The second value is done once the original is
    kept; the block does not end well or with a refusal before.
    Errors: PartsMissing, StorageFull, LeaseLost, DatabaseUnavailable.
    """
    source, keeping = await _fetch(attempt, folder=folder)
    kept = asyncio.create_task(keeping)
    try:
        yield source, kept
        await kept
    except Exception:
        await kept
        raise
    finally:
        await stop_tasks([kept])


async def _fetch(attempt: Attempt, *, folder: Path) -> tuple[Path, Coroutine[None, None, None]]:
    lease, objects = attempt.lease, attempt.resources.objects
    whole = folder / "original"
    if lease.original_object is None:
        async with attempt.resources.database.reading() as conn:
            parts = await upload_queries.list_parts(conn, video_id=lease.video_id)
        await _assemble(attempt, parts, whole)
        return whole, _keep(attempt, parts, whole)
    local = objects.local_path(lease.original_object)
    if local is None:
        await objects.fetch_into(whole, lease.original_object)
    return local or whole, _nothing_to_keep()


async def _nothing_to_keep() -> None:
    """An earlier attempt has kept it."""


async def _assemble(attempt: Attempt, parts: list[PartRow], whole: Path) -> None:
    _require_gapless(parts, size_bytes=attempt.lease.size_bytes)
    await attempt.resources.objects.fetch_into(whole, *(part.object for part in parts))
    if (await asyncio.to_thread(whole.stat)).st_size != attempt.lease.size_bytes:
        raise PartsMissing


async def _keep(attempt: Attempt, parts: list[PartRow], whole: Path) -> None:
    lease, objects = attempt.lease, attempt.resources.objects
    sha256 = await asyncio.to_thread(hash_file, whole)
    name = render_original_name(lease.video_id, sha256)
    await objects.put_file(name, whole)

    async def write(conn: Connection) -> bool | None:
        if not await processing_queries.update_original(
            conn, lease=lease, name=name, sha256=sha256
        ):
            return None
        await processing_queries.delete_parts(conn, video_id=lease.video_id)
        return True

    await attempt.commit(write)
    for part in parts:
        await objects.delete(part.object)
    remove_folder(objects, UPLOADS, lease.video_id)


def _require_gapless(parts: list[PartRow], *, size_bytes: int) -> None:
    offset = 0
    for part in parts:
        if part.offset_bytes != offset:
            raise PartsMissing
        offset += part.size_bytes
    if offset != size_bytes:
        raise PartsMissing
