"""The bytes of a deleted video: removed after it is gone for everybody.

The row stays as an empty tombstone, so that a resumed upload hears "gone" and moderation's
history keeps its thread.
"""

from uuid import UUID

from solstice.kit.resources import Resources
from solstice.videos import removal_queries
from solstice.videos.names import PREFIXES, remove_folder


async def remove_video_objects(resources: Resources, video_id: UUID) -> None:
    """Remove every object of a deleted video, then note that it is done.

    A worker still busy with the video may store one more object afterwards: the sweep of
    orphans finds it.  Does nothing unless the video is deleted.
    """
    objects = resources.objects
    async with resources.database.reading() as conn:
        if not await removal_queries.is_deleted(conn, video_id=video_id):
            return
    for prefix in PREFIXES:
        names = [found.name async for found in objects.list_objects(f"{prefix}/{video_id}")]
        for name in names:
            await objects.delete(name)
        remove_folder(objects, prefix, video_id)
    async with resources.database.transaction() as conn:
        await removal_queries.update_objects_removed(conn, video_id=video_id)
