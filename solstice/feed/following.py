"""Following: the newest of those one follows, strictly by time, followers-only clips included.

Composed from memory: the pools keep every creator's videos together, newest first.  What was
published since the last pooling is found among the newest slots.  A keyset cursor of time and
key goes on after the last clip, so new ones never shift a page.
"""

from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from solstice.feed.errors import BadPageSize, FeedNotReady, FollowingUnknown
from solstice.feed.index import GONE, FeedIndex
from solstice.feed.keys import Slots
from solstice.feed.marks import Marks, marked_among, render_marks
from solstice.feed.memory import Memory
from solstice.feed.viewer_state import FollowedVideos, ViewerState
from solstice.kit.paging import parse_cursor, render_cursor


class After(NamedTuple):
    """The last clip of the page before."""

    published_ms: int
    key: int


async def following_page(
    memory: Memory, *, viewer_id: UUID, cursor: str | None, limit: int
) -> bytes:
    """Render a page of Following as JSON.

    Errors: BadCursor (400), BadPageSize (400), FeedNotReady (503), FollowingUnknown (503) when
    the database is away and this server does not know the viewer.
    """
    if not 1 <= limit <= memory.settings.page_size_max:
        raise BadPageSize
    if not memory.is_ready:
        raise FeedNotReady
    after = parse_cursor(cursor, After)
    state = await memory.viewers.find(viewer_id)
    if state is None:
        raise FollowingUnknown
    found = gather(memory, state, after=after, limit=limit + 1)
    slots = found[:limit].tolist()
    await memory.hydrate(slots)
    return _present(memory, state, slots, has_more=len(found) > limit)


def gather(memory: Memory, state: ViewerState, *, after: After | None, limit: int) -> Slots:
    """Gather the newest videos of followed creators that come after a position.

    Shape: newest first, at most `limit`.
    """
    index = memory.index
    creators = index.find_creators(state.followed_keys)
    creators = np.setdiff1d(creators, index.find_creators(state.excluded_creators()))
    known = _known_videos(memory, state, creators)
    new = np.arange(known.pools.slot_count, index.count, dtype=np.int32)
    new = new[np.isin(index.creator[new], creators)]
    start = 0
    if after is not None:
        start = int(np.searchsorted(-known.published_ms, -after.published_ms))
    # Twice as many as wanted, as some are gone meanwhile or of the same instant; then more.
    width = limit * 2
    while True:
        slots = np.concatenate([new, known.slots[start : start + width]])
        slots = slots[index.visibility[slots] != GONE]
        slots = slots[np.lexsort((index.keys[slots], index.published_ms[slots]))[::-1]]
        if after is not None:
            slots = slots[_is_after(index, slots, after)]
        if len(slots) >= limit or start + width >= len(known.slots):
            newest: Slots = slots[:limit]
            return newest
        width *= 4


def _is_after(index: FeedIndex, slots: Slots, after: After) -> NDArray[np.bool_]:
    published, keys = index.published_ms[slots], index.keys[slots]
    is_after: NDArray[np.bool_] = (published < after.published_ms) | (
        (published == after.published_ms) & (keys < np.uint64(after.key))
    )
    return is_after


def _present(memory: Memory, state: ViewerState, slots: list[int], *, has_more: bool) -> bytes:
    """Render what is here; a clip whose card cannot be read now is left out, not waited for."""
    index = memory.index
    last = slots[-1] if slots and has_more else None
    missing = set(memory.cards.missing(slots))
    slots = [slot for slot in slots if slot not in missing]
    marks = Marks(
        liked=marked_among(index, slots, state.liked),
        bookmarked=marked_among(index, slots, state.bookmarked),
        followed=frozenset(slots),
    )
    cursor = b"null"
    if last is not None:
        position = After(int(index.published_ms[last]), int(index.keys[last]))
        cursor = b'"%b"' % render_cursor(position).encode()
    return b'{"items":[%b],"next_cursor":%b,"viewer":%b}' % (
        memory.cards.join(slots) or b"",
        cursor,
        render_marks(index, slots, marks),
    )


def _known_videos(memory: Memory, state: ViewerState, creators: Slots) -> FollowedVideos:
    """Merge the followed creators' videos once for each pooling."""
    pools = memory.pools
    if state.following is None or state.following.pools is not pools:
        parts = [pools.of_creator(creator) for creator in creators.tolist()]
        slots = np.concatenate([np.empty(0, np.int32), *parts])
        slots = slots[np.argsort(-memory.index.published_ms[slots], kind="stable")]
        state.following = FollowedVideos(pools, slots, memory.index.published_ms[slots])
    return state.following
