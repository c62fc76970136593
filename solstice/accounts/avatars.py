"""Profile pictures: any common picture in, one upright square WebP out, nothing else kept.

The bytes are decoded in a confined child (`avatar_child.py`), one at a time with a short queue,
because a 40-megapixel picture takes 120 MB and a second.  What the client sent is never stored
and never served: an SVG or an HTML file that claims to be a picture has nowhere to go.
"""

import asyncio

from solstice.accounts import avatar_child, queries
from solstice.accounts.account import Me
from solstice.accounts.errors import AvatarTooLarge, AvatarUnsuitable, PicturesBusy
from solstice.accounts.profile import read_me
from solstice.accounts.viewer import Viewer
from solstice.kit.clock import Clock
from solstice.kit.confinement import Confinement
from solstice.kit.database import Connection, Database
from solstice.kit.ids import new_id
from solstice.kit.objects import Objects
from solstice.kit.sandbox import run_module

AVATAR_BYTES_MAX = 5 * 1024 * 1024
AVATAR_PREFIX = "avatars"
DRAW_TIMEOUT_S = 15.0
DRAW_CPU_S = 10
DRAW_MEMORY_BYTES = 1 << 30
DRAWN_AT_ONCE_MAX = 1
WAITING_MAX = 8
UNUSED_AFTER_S = 3600.0
"""A picture nobody shows is left for an hour, for whoever is just about to."""


class PictureLane:
    """Draws pictures, few at once."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(DRAWN_AT_ONCE_MAX)
        self._present = 0

    async def draw(self, data: bytes) -> bytes:
        """Turn what somebody sent into a square WebP.

        Errors: AvatarUnsuitable (415), AvatarTooLarge (413), PicturesBusy (429).
        """
        if len(data) > AVATAR_BYTES_MAX:
            raise AvatarTooLarge
        if self._present >= DRAWN_AT_ONCE_MAX + WAITING_MAX:
            raise PicturesBusy
        self._present += 1
        try:
            async with self._places:
                return await _draw_in_child(data)
        finally:
            self._present -= 1


async def _draw_in_child(data: bytes) -> bytes:
    finished = await run_module(
        avatar_child.__name__,
        [],
        confinement=Confinement(
            readable=(), memory_bytes=DRAW_MEMORY_BYTES, cpu_s=DRAW_CPU_S, file_bytes=0
        ),
        deadline_s=DRAW_TIMEOUT_S,
        data=data,
    )
    if finished.returncode == avatar_child.TOO_LARGE:
        raise AvatarTooLarge
    if not finished.is_good or not finished.output:
        raise AvatarUnsuitable
    return finished.output


async def store_avatar(objects: Objects, drawn: bytes) -> str:
    """Store a drawn picture; durable on return, and swept if nobody comes to show it.

    Errors: StorageFull (507).
    """
    objects.require_space(len(drawn))
    name = f"{AVATAR_PREFIX}/{new_id()}.webp"
    await objects.put_bytes(name, drawn)
    return name


async def show_avatar(conn: Connection, viewer: Viewer, *, avatar_object: str | None) -> Me:
    """Show this picture from now on, or none; the sweep removes the one before.

    Errors: NotSignedIn (401).
    """
    await queries.update_avatar(conn, account_id=viewer.id, avatar_object=avatar_object)
    return await read_me(conn, viewer)


async def remove_unused_avatars(database: Database, objects: Objects, clock: Clock) -> int:
    """Delete pictures that no account shows; returns how many.

    Safe to repeat and beside uploads: a picture is stored an hour before it may be swept.
    """
    removed = 0
    latest_s = clock().timestamp() - UNUSED_AFTER_S
    async for stored in objects.list_objects(AVATAR_PREFIX):
        if stored.modified_at_s > latest_s:
            continue
        async with database.reading() as conn:
            is_used = await queries.is_avatar_object_used(conn, avatar_object=stored.name)
        if not is_used:
            await objects.delete(stored.name)
            removed += 1
    return removed
