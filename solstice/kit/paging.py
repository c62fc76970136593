"""Keyset paging: a cursor says after which row to go on, so pages never shift or slow down."""

import base64
import binascii
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from solstice.kit.errors import Malformed

T = TypeVar("T")
C = TypeVar("C")

CURSOR_CHARS_MAX = 4096


class BadCursor(Malformed):
    """This cursor was not made here; start from the first page."""


@dataclass(frozen=True, kw_only=True)
class Slice(Generic[T]):
    """A bounded page of rows and the cursor of the next one; None at the end."""

    items: list[T]
    next_cursor: str | None


def render_cursor(position: object) -> str:
    """Encode a position (a tuple of plain values) into an opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def parse_cursor(cursor: str | None, shape: type[C]) -> C | None:
    """Decode a cursor into its position.

    Errors: `BadCursor` (400) for anything that is not of the given shape.
    """
    if not cursor:
        return None
    if len(cursor) > CURSOR_CHARS_MAX:
        raise BadCursor
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadCursor from error
