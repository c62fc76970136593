"""The words of tus 1.0.0: headers in, headers out.  Pure.

Extensions: creation, creation-with-upload, termination, expiration.  Not offered: deferred
length (limits are checked before the first byte), concatenation, checksum (TLS and the hash of
the whole original cover it, and a checksum over a request forbids keeping what arrived of it).
Source: https://tus.io/protocols/resumable-upload (1.0.0).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from solstice.videos.errors import BadUploadMetadata, UploadLengthMissing, WrongTusVersion
from solstice.videos.video import Visibility

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
CONTENT_TYPE = "application/offset+octet-stream"

_METADATA_CHARS_MAX = 48 * 1024
_PAIRS_MAX = 32
_NUMBER = re.compile(r"[0-9]{1,18}")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_EXTENSIONS_KEPT = frozenset(
    {"mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mpg", "mpeg", "3gp", "ogv"}
)


@dataclass(frozen=True, kw_only=True)
class UploadWish:
    """What a client says of the file it is about to send; none of it is believed."""

    size_bytes: int
    caption: str = ""
    visibility: Visibility = "public"
    extension: str = "bin"


def require_version(value: str | None) -> None:
    """Errors: WrongTusVersion (412) unless the client speaks ours."""
    if value != VERSION:
        raise WrongTusVersion


def parse_number(value: str | None) -> int | None:
    """Read a non-negative number; None for anything else."""
    return int(value) if value is not None and _NUMBER.fullmatch(value.strip()) else None


def parse_wish(*, length: str | None, metadata: str | None) -> UploadWish:
    """Read what the client says of its file.

    Errors: UploadLengthMissing, BadUploadMetadata (400).
    """
    size_bytes = parse_number(length)
    if not size_bytes:
        raise UploadLengthMissing
    values = parse_metadata(metadata or "")
    match values.get("visibility", "public"):
        case ("public" | "followers" | "private") as visibility:
            pass
        case _:
            raise BadUploadMetadata("visibility is public, followers or private.")
    return UploadWish(
        size_bytes=size_bytes,
        caption=values.get("caption", ""),
        visibility=visibility,
        extension=decide_extension(values.get("filename", "")),
    )


def parse_metadata(header: str) -> dict[str, str]:
    """Read Upload-Metadata: `key base64,key base64,key`.

    Errors: BadUploadMetadata (400).
    """
    if len(header) > _METADATA_CHARS_MAX or header.count(",") >= _PAIRS_MAX:
        raise BadUploadMetadata
    values: dict[str, str] = {}
    for pair in header.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key:
            continue
        try:
            values[key] = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise BadUploadMetadata from error
    return values


def decide_extension(filename: str) -> str:
    """Keep of a file's name its extension, if it is one of a video's; the name is not stored."""
    match = _EXTENSION.search(filename)
    extension = match[1].lower() if match else ""
    return extension if extension in _EXTENSIONS_KEPT else "bin"


def render_expiry(at: datetime) -> str:
    """Write an instant as HTTP does."""
    return format_datetime(at, usegmt=True)
