"""Cursors of For You: what was given out in this chain of pages, so that any server can go on.

A server that made the viewer's queue finds its place by generation and position.  Any other
one, or the same after a restart, leaves out what the cursor names: 24 bits of each video's key,
oldest first, at most SERVED_MAX of them.  For signed-in viewers that only bridges the seconds
until their impressions are written; for everybody else it is all we remember: no cookie, no
profile, nothing on our side.
"""

import base64
import binascii
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solstice.kit.paging import BadCursor

_VERSION: Final = 1
_PLACE_VALUES: Final = np.array([1 << 16, 1 << 8, 1], np.uint32)
_HEAD_BYTES: Final = 15
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
KEY_BYTES: Final = 3
SERVED_MAX_SIGNED_IN: Final = 256
SERVED_MAX_ANONYMOUS: Final = 900
"""Hours of watching; then the cursor, which a browser sends with every page, stops growing."""
CURSOR_CHARS_MAX: Final = 4096


class Position(NamedTuple):
    """Where a chain of pages stands."""

    generation: int
    position: int
    last_creator: int
    """The low 32 bits of the last creator's key."""
    served: bytes
    """Three bytes for each video given out, oldest first."""

    def served_keys(self) -> frozenset[bytes]:
        """Tell which videos were given out, as three bytes each."""
        served = self.served
        return frozenset(
            served[start : start + KEY_BYTES] for start in range(0, len(served), KEY_BYTES)
        )

    def served_array(self) -> NDArray[np.uint32]:
        """Tell which videos were given out, as numbers, oldest first."""
        if not self.served:
            return np.empty(0, np.uint32)
        split = np.frombuffer(self.served, np.uint8).reshape(-1, KEY_BYTES).astype(np.uint32)
        return (split @ _PLACE_VALUES).astype(np.uint32)

    def extended(self, served: bytes) -> "Position":
        """Return the position after more was given out."""
        return self._replace(served=self.served + served)


START = Position(0, 0, 0, b"")


def render_position(position: Position, *, served_max: int) -> bytes:
    """Encode a position."""
    packed = b"%c%b%b%b%b" % (
        _VERSION,
        position.generation.to_bytes(8, "big"),
        position.position.to_bytes(2, "big"),
        position.last_creator.to_bytes(4, "big"),
        position.served[-served_max * KEY_BYTES :],
    )
    return binascii.b2a_base64(packed, newline=False).translate(_URL_SAFE, b"=")


def parse_position(cursor: str | None) -> Position:
    """Decode a position; the start when there is none.

    Errors: BadCursor (400) for anything not made here.
    """
    if not cursor:
        return START
    if len(cursor) > CURSOR_CHARS_MAX:
        raise BadCursor
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    if len(packed) < _HEAD_BYTES or packed[0] != _VERSION or len(packed) % KEY_BYTES:
        raise BadCursor
    return Position(
        int.from_bytes(packed[1:9], "big"),
        int.from_bytes(packed[9:11], "big"),
        int.from_bytes(packed[11:15], "big"),
        packed[15:],
    )
