"""Identifiers: UUIDv7 (RFC 9562 section 5.7), so that ids sort by the time they were made.

Made here and not by the database, because a client's retry must be able to carry the id it
used before, and because PostgreSQL has `uuidv7()` only since version 18.
"""

import os
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0x2 << 62
_RANDOM_BITS_HIGH = (1 << 12) - 1
_RANDOM_BITS_LOW = (1 << 62) - 1


def new_id(at_ms: int | None = None) -> UUID:
    """Make a new id; `at_ms` is Unix time in milliseconds, now when left out."""
    stamp_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(
        int=(stamp_ms & 0xFFFFFFFFFFFF) << 80
        | _VERSION_7
        | ((random >> 62) & _RANDOM_BITS_HIGH) << 64
        | _VARIANT_RFC
        | (random & _RANDOM_BITS_LOW)
    )
