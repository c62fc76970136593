"""Byte ranges of HTTP, for files that never change.  Pure.

One range is honoured; several at once, other units and malformed ones are ignored and the whole
file is sent, which RFC 9110 (section 14.2) allows and no player of ours asks for.
"""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*")


@dataclass(frozen=True, slots=True)
class Span:
    """Which bytes of a file to send: from `start` to before `end`."""

    start: int
    end: int
    is_partial: bool


class Unsatisfiable(Exception):
    """The range lies outside the file: 416."""


def decide_span(range_header: str | None, *, size_bytes: int) -> Span:
    """Decide which bytes answer a request.

    Errors: Unsatisfiable.
    """
    match = _RANGE.fullmatch(range_header) if range_header is not None else None
    if match is None or not (match[1] or match[2]):
        return Span(0, size_bytes, is_partial=False)
    if not match[1]:
        suffix = int(match[2])
        if suffix == 0 or size_bytes == 0:
            raise Unsatisfiable
        return Span(max(0, size_bytes - suffix), size_bytes, is_partial=True)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return Span(0, size_bytes, is_partial=False)
    if start >= size_bytes:
        raise Unsatisfiable
    end = min(size_bytes, int(match[2]) + 1) if match[2] else size_bytes
    return Span(start, end, is_partial=True)
