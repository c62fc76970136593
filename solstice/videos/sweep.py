"""The sweep: whatever a death between two lines left behind is finished or removed.

It expires uploads nobody continued, finishes deletions, removes scratch folders, half-written
files and objects that no row names.  An object goes only after two looks, a grace apart, have
both found it unnamed, and never while a worker holds a lease on its video: what was stored a
moment ago and will be named in the next is safe, whatever the clock does.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import structlog

from solstice.kit.objects import StoredObject
from solstice.kit.resources import Resources
from solstice.videos import removal_queries, upload_queries
from solstice.videos.leases import end_dead_leases
from solstice.videos.names import PREFIXES, parse_video_id
from solstice.videos.removal import remove_video_objects
from solstice.videos.settings import VideoSettings

log = structlog.get_logger()

BATCH = 500
PARTIAL_SUFFIX = ".partial"


@dataclass(kw_only=True)
class Swept:
    """What one sweep did."""

    expired_count: int = 0
    removed_video_count: int = 0
    orphan_count: int = 0
    partial_count: int = 0
    scratch_count: int = 0


async def sweep(resources: Resources) -> Swept:
    """Do all of it; safe to run at any time and any number of times."""
    swept = Swept()
    swept.expired_count = await expire_uploads(resources)
    swept.removed_video_count = await finish_deletions(resources)
    swept.orphan_count = await remove_orphans(resources)
    grace_s = resources.settings_of(VideoSettings).orphan_grace_s
    swept.partial_count = await asyncio.to_thread(
        resources.objects.remove_partials,
        older_than_s=grace_s,
        now_s=resources.clock().timestamp(),
    )
    swept.scratch_count = await end_dead_leases(resources)
    log.info("videos.swept", **vars(swept))
    return swept


async def expire_uploads(resources: Resources) -> int:
    """End uploads nobody continued for a week; their bytes go with the deletions."""
    settings, count = resources.settings_of(VideoSettings), 0
    async with resources.database.transaction() as conn:
        expired = await upload_queries.list_expired(
            conn, older_than_s=settings.upload_expires_s, limit=BATCH
        )
        for video_id in expired:
            count += await upload_queries.update_ended(conn, video_id=video_id)
    return count


async def finish_deletions(resources: Resources) -> int:
    """Remove the bytes of deleted videos whose own job did not come to its end."""
    async with resources.database.reading() as conn:
        video_ids = await removal_queries.list_unremoved(conn, limit=BATCH)
    for video_id in video_ids:
        await remove_video_objects(resources, video_id)
    return len(video_ids)


async def remove_orphans(resources: Resources) -> int:
    """Remove objects that no row has named for a while."""
    removed = 0
    for prefix in PREFIXES:
        async for batch in _list_old(resources, prefix):
            removed += await _remove_orphans_of(resources, batch)
    return removed


async def _list_old(resources: Resources, prefix: str) -> AsyncIterator[list[str]]:
    grace_s = resources.settings_of(VideoSettings).orphan_grace_s
    newest_s = resources.clock().timestamp() - grace_s
    batch: list[str] = []
    async for found in resources.objects.list_objects(prefix):
        if _may_be_orphan(found, newest_s=newest_s):
            batch.append(found.name)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _may_be_orphan(found: StoredObject, *, newest_s: float) -> bool:
    return (
        found.modified_at_s <= newest_s
        and not found.name.endswith(PARTIAL_SUFFIX)
        and parse_video_id(found.name) is not None
    )


async def _remove_orphans_of(resources: Resources, names: Iterable[str]) -> int:
    owners = {name: owner for name in names if (owner := parse_video_id(name))}
    settings = resources.settings_of(VideoSettings)
    async with resources.database.transaction() as conn:
        unnamed = await removal_queries.list_unnamed(
            conn, names=list(owners), video_ids=list(owners.values())
        )
        await removal_queries.delete_orphans(conn, names=sorted(set(owners) - set(unnamed)))
        doomed = await removal_queries.list_old_orphans(
            conn, names=unnamed, older_than_s=settings.orphan_grace_s
        )
        await removal_queries.insert_orphans(conn, names=unnamed)
    for name in doomed:
        log.info("videos.orphan_removed", object=name)
        await resources.objects.delete(name)
    async with resources.database.transaction() as conn:
        await removal_queries.delete_orphans(conn, names=doomed)
    return len(doomed)
