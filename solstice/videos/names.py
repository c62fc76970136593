"""Names of a video's objects: the video's id first, so that all of one video can be found.

Files that viewers get end in the hash of their bytes: a name never means two contents, and
knowing a video's id is not enough to guess one.  Nothing in a name comes from a client.
"""

import contextlib
import hashlib
from pathlib import Path
from uuid import UUID

from solstice.kit.ids import new_id
from solstice.kit.objects import Objects

UPLOADS, ORIGINALS = "uploads", "originals"
RENDITIONS, POSTERS, CAPTIONS = "renditions", "posters", "captions"
PREFIXES = (UPLOADS, ORIGINALS, RENDITIONS, POSTERS, CAPTIONS)
_HASH_CHARS = 32


def render_part_name(video_id: UUID, offset_bytes: int) -> str:
    """Name a part; random at the end, because two requests may race for one offset."""
    return f"{UPLOADS}/{video_id}/{offset_bytes:012d}-{new_id().hex[-12:]}"


def render_original_name(video_id: UUID, sha256: str) -> str:
    """Name an original."""
    return f"{ORIGINALS}/{video_id}/{sha256}"


def render_file_name(prefix: str, video_id: UUID, *, what: str, sha256: str, suffix: str) -> str:
    """Name a file viewers get: `renditions/{video}/720-{hash}.mp4`."""
    return f"{prefix}/{video_id}/{what}-{sha256[:_HASH_CHARS]}.{suffix}"


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_video_id(name: str) -> UUID | None:
    """Tell whose object this is; None for names not made here."""
    parts = name.split("/")
    if len(parts) == 3 and parts[0] in PREFIXES:  # noqa: PLR2004 - prefix, video, file
        with contextlib.suppress(ValueError):
            return UUID(parts[1])
    return None


def remove_folder(objects: Objects, prefix: str, video_id: UUID) -> None:
    """Remove the empty directory a video leaves behind; a bucket has none."""
    folder = objects.local_path(f"{prefix}/{video_id}")
    if folder is not None:
        with contextlib.suppress(OSError):  # not empty, or not there
            folder.rmdir()
