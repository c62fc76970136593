"""A workshop of one's own: a database, a store and settings that no other test uses.

Processing takes whatever waits, so tests of it must not share a line with others.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from solstice.kit.ids import new_id
from solstice.kit.migrations import migrate
from solstice.kit.resources import Resources
from solstice.resources import build_resources
from solstice.settings import Settings, read_settings
from solstice.videos.names import render_part_name
from solstice.videos.settings import VideoSettings
from solstice.videos.tus import UploadWish
from solstice.videos.uploads import append_part, begin_upload
from tests.cast import Member, insert_member
from tests.samples import run_ffmpeg


def make_settings(
    dsn: str, state_dir: Path, *, via_port: int | None = None, **changes: str
) -> Settings:
    """Make a database of one's own beside the shared one, and settings that use it.

    `via_port` is that of a proxy on this machine through which it is to be reached.
    """
    name = f"workshop_{new_id().hex}"
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    own = make_conninfo(dsn, dbname=name)
    migrate(own)
    return read_settings(
        {
            "SOLSTICE_STATE_DIR": str(state_dir),
            "SOLSTICE_DATABASE_DSN": own
            if via_port is None
            else make_conninfo(own, host="127.0.0.1", port=via_port),
            "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
            "SOLSTICE_VIDEOS_LEASE_S": "3",
            "SOLSTICE_VIDEOS_RETRY_BASE_S": "0",
            "SOLSTICE_VIDEOS_ORPHAN_GRACE_S": "0",
            # Decoders, server and client share the machine and the loop (tests/conftest.py).
            "SOLSTICE_ADMISSION_DELAY_TARGET_MS": "5000",
            **changes,
        }
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    """The resources of one process."""
    resources = build_resources(settings)
    await resources.database.open()
    try:
        yield resources
    finally:
        await resources.database.close()


@dataclass
class Workshop:
    """One process's resources and the only creator there is."""

    resources: Resources
    creator: Member

    @classmethod
    async def open(cls, resources: Resources) -> "Workshop":
        """Find a creator for it."""
        async with resources.database.transaction() as conn:
            return cls(resources, await insert_member(conn, "ada"))

    async def upload(self, data: bytes, *, parts: int = 3) -> UUID:
        """Bring a file to the state `received`, in a few parts."""
        settings = self.resources.settings_of(VideoSettings)
        async with self.resources.database.transaction() as conn:
            upload = await begin_upload(
                conn,
                creator=self.creator.viewer,
                wish=UploadWish(size_bytes=len(data), extension="mp4"),
                key=None,
                settings=settings,
            )
        step = -(-len(data) // parts)
        for offset in range(0, len(data), step):
            piece = data[offset : offset + step]
            name = render_part_name(upload.id, offset)
            await self.resources.objects.put_bytes(name, piece)
            async with self.resources.database.transaction() as conn:
                await append_part(
                    conn,
                    video_id=upload.id,
                    offset_bytes=offset,
                    size_bytes=len(piece),
                    name=name,
                )
        return upload.id

    async def video(self, video_id: UUID) -> dict[str, Any]:
        """Read a video's row."""
        async with self.resources.database.reading() as conn:
            cursor = await conn.execute("SELECT * FROM videos WHERE id = %s", [video_id])
            row = await cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return dict(zip((column.name for column in cursor.description), row, strict=True))

    async def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Read something in a transaction of its own."""
        async with self.resources.database.reading() as conn:
            cursor = await conn.execute(statement, values)  # type: ignore[call-overload]
            return list(await cursor.fetchall())

    async def change(self, statement: str, *values: object) -> None:
        """Change something in a transaction of its own, as time or an operator would."""
        async with self.resources.database.transaction() as conn:
            await conn.execute(statement, values)  # type: ignore[call-overload]

    async def object_names(self) -> set[str]:
        """List every object there is."""
        return {found.name async for found in self.resources.objects.list_objects("")}

    async def original(self, video_id: UUID) -> bytes:
        """Read the stored original, and hold it against its hash."""
        row = await self.video(video_id)
        data = await self.resources.objects.read(row["original_object"])
        assert hashlib.sha256(data).hexdigest() == row["original_sha256"]
        return data


def make_plain_clip(path: Path, *, duration_s: float = 2.0) -> bytes:
    """A clip every browser plays as it is: it will be copied, not encoded."""
    run_ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=360x640:r=30:d={duration_s}"),
        *("-f", "lavfi", "-i", f"sine=f=440:d={duration_s}:r=48000"),
        *("-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p", "-g", "60"),
        *("-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", path),
    )
    return path.read_bytes()


def make_foreign_clip(path: Path, *, duration_s: float = 2.0, size: str = "360x640") -> bytes:
    """A clip that must be encoded anew."""
    run_ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={duration_s}"),
        *("-c:v", "mpeg4", "-q:v", "4", path),
    )
    return path.read_bytes()
