"""The snapshot: the index and its cards as a file, for a start while the database is away.

Written to a temporary file, flushed, and renamed, once a minute at most; read only at start.
A header names version and length, a SHA-256 covers the rest: anything that does not fit, down
to one flipped bit, is as good as no file.  All servers of a machine share one file; the last
to write wins, and what it wrote is whole.

It never decides what is shown once the database answers: the first full load does.  Until then
a video that was hidden in the meantime may still be shown; its bytes are served by the media
process in any case (docs/decisions/0074).
"""

import contextlib
import hashlib
import os
import struct
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from solstice.feed.index import RECORD, Records
from solstice.kit.pace import Rest, go_on

MAGIC: Final = b"solstice-feed\x00\x03"
CARDS_MAX: Final = 20_000
"""The best and newest: 30 MB.  Enough for hours of a feed without a database."""
RECORDS_AT_ONCE: Final = 2048
CARDS_AT_ONCE: Final = 200
LEFT_AFTER_S: Final = 600.0
"""Writing takes seconds: what is older was left by a process that was killed, 30 MB each time."""
_LENGTHS = struct.Struct(">QQ")
_DIGEST_BYTES = 32
_HEADER_BYTES = len(MAGIC) + _LENGTHS.size + _DIGEST_BYTES

log = structlog.get_logger()


def write_snapshot(
    path: Path, records: Records, heads: dict[int, bytes], rest: Rest = go_on
) -> None:
    """Write records, and card heads by record number, in one step seen from outside.

    Errors: OSError (a full disk, say); the file before stays.
    """
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    # By thread too: a server that stops writes its last one while one may be under way.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with fresh.open("wb") as file:
            file.seek(_HEADER_BYTES)
            for part in _cut(records, heads):
                digest.update(part)
                file.write(part)
                rest()
            cards_bytes = file.tell() - _HEADER_BYTES - records.nbytes
            file.seek(0)
            file.write(MAGIC + _LENGTHS.pack(records.nbytes, cards_bytes) + digest.digest())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()


def _remove_leftovers(path: Path) -> None:
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):  # another server was faster
            if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
                left.unlink()


def _cut(records: Records, heads: dict[int, bytes]) -> Iterator[bytes]:
    """Cut the file's body into parts of about 300 KB, which take half a millisecond each."""
    for start in range(0, len(records), RECORDS_AT_ONCE):
        yield records[start : start + RECORDS_AT_ONCE].tobytes()
    cards = iter(heads.items())
    while group := list(islice(cards, CARDS_AT_ONCE)):
        yield b"".join(struct.pack(">II", number, len(head)) + head for number, head in group)


def read_snapshot(path: Path) -> tuple[Records, dict[int, bytes]] | None:
    """Read a snapshot; None when there is none that can be believed."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if len(content) < _HEADER_BYTES or not content.startswith(MAGIC):
        log.warning("feed.snapshot_unusable", reason="not of this version")
        return None
    records_bytes, cards_bytes = _LENGTHS.unpack_from(content, len(MAGIC))
    body = memoryview(content)[_HEADER_BYTES:]
    digest = content[_HEADER_BYTES - _DIGEST_BYTES : _HEADER_BYTES]
    is_whole = len(body) == records_bytes + cards_bytes and records_bytes % RECORD.itemsize == 0
    if not is_whole or hashlib.sha256(body).digest() != digest:
        log.warning("feed.snapshot_unusable", reason="damaged")
        return None
    records = np.frombuffer(body[:records_bytes], dtype=RECORD)
    return records, _read_heads(body[records_bytes:])


def _read_heads(body: memoryview) -> dict[int, bytes]:
    heads: dict[int, bytes] = {}
    place = 0
    while place < len(body):
        number, length = struct.unpack_from(">II", body, place)
        place += 8
        heads[number] = bytes(body[place : place + length])
        place += length
    return heads
