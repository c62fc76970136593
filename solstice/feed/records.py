"""Records: what one viewer did with one video, packed into 14 bytes.

They travel from a beacon into memory, into `feed_history` and, folded, into `feed_viewers`,
always in the same form.  `value` is the watched share of what counts as a long watch, in per
cent, at most 250; only watches have one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solstice.feed.keys import SEEN_MASK

IMPRESSION: Final = 1
WATCH: Final = 2
SKIP: Final = 3
NOT_INTERESTED: Final = 4
INTERESTED_AGAIN: Final = 5
VIEW: Final = 6
"""A watch that counted as a view."""
KINDS: Final = 8
LONG_WATCH: Final = 100
"""The value from which on a watch is a long one."""
HALF_WATCH: Final = 50

LONG_WATCH_MS = 18_000
"""To the end, or 18 s of a longer clip: KuaiRand's `long_view`, the label ranking is tested on
(Gao et al., CIKM 2022, section 3.2)."""

PACKED = np.dtype([("key", "<u8"), ("at_s", "<u4"), ("kind", "u1"), ("value", "u1")])
Packed = NDArray[np.void]
Record = tuple[int, int, int, int]
"""The same unpacked: key, at_s, kind, value."""

RECORDS_MAX = 512
"""Taste is made of the latest 512 records; offline, more than 200 changed nothing."""
SEEN_MAX = 10_000
"""A viewer meets a video again at the earliest after this many others."""

NOTHING: Packed = np.empty(0, PACKED)
NOTHING.flags.writeable = False


def unpack(packed: bytes | None) -> Packed:
    """View packed records as an array."""
    return np.frombuffer(packed, dtype=PACKED) if packed else NOTHING


def watch_value(*, watch_ms: int, duration_ms: int) -> int:
    """Tell the watched share of a long watch, in per cent, at most 250."""
    needed_ms = max(1, min(duration_ms or LONG_WATCH_MS, LONG_WATCH_MS))
    return min(250, watch_ms * 100 // needed_ms)


def seen_in(records: Packed) -> NDArray[np.uint32]:
    """Tell which videos the records say were seen: all that they mention."""
    return (records["key"] & SEEN_MASK).astype(np.uint32)


def append_seen(seen: NDArray[np.uint32], more: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Append to the seen, oldest first; each once, at its latest place, bounded.

    Shape: at most SEEN_MAX, unique.
    """
    if not len(more):
        return seen
    joined = np.concatenate([seen, more])[::-1]
    _, first = np.unique(joined, return_index=True)
    first.sort()
    return joined[first[:SEEN_MAX]][::-1].copy()


def append_records(records: Packed, more: Packed) -> Packed:
    """Append what teaches (impressions do not), one record for each video, the latest; bounded.

    Shape: at most RECORDS_MAX, oldest first, unique keys.
    """
    if not len(more):
        return records
    joined = np.concatenate([records, more[more["kind"] != IMPRESSION]])[::-1]
    _, first = np.unique(joined["key"], return_index=True)
    first.sort()
    return joined[first[:RECORDS_MAX]][::-1].copy()
