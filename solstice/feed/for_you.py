"""For You: one viewer's next clips, page by page.

A page is a slice of the viewer's queue, its cards joined as bytes (`choosing.py`).  Before the
queue is used up, when it is five minutes old, or when the viewer has meanwhile told enough about
their taste, a new one is composed (`composition.py`) by nobody who waits (`renewing.py`).  Who
comes for the first time gets a short one at once (`first_queues.py`).  Somebody without an
account, or whose state cannot be read because the database is away, gets one of a few queues
shared by all.

Under load answers get cheaper before any is refused: from COHORT_FEED on a new queue is cut
from that of the viewer's cohort (`cohorts.py`), from POPULAR_FEED on a first page is one kept
ready as bytes (`popular.py`).  The cursor goes on through all of these.

What a page promises: nothing the viewer has seen or was given in this chain of pages, no
creator twice in a row, nothing by somebody blocked, and never nothing: when all has been seen,
the longest unseen comes again and `has_seen_all` says so.  Under load "seen" of a first page
kept ready is what this server gave the viewer lately; all else holds.
"""

from typing import Final
from uuid import UUID

from solstice.feed.choosing import Asked, Chosen, choose, is_to_be_renewed
from solstice.feed.cursors import (
    SERVED_MAX_ANONYMOUS,
    SERVED_MAX_SIGNED_IN,
    Position,
    parse_position,
    render_position,
)
from solstice.feed.errors import BadPageSize, FeedNotReady
from solstice.feed.keys import key_of
from solstice.feed.marks import MARKS_UNKNOWN, NOTHING_MARKED, render_marks
from solstice.feed.memory import Memory
from solstice.feed.popular import ReadyPage
from solstice.feed.viewer_state import ViewerState
from solstice.kit.context import DEGRADATION

POPULAR_FEED: Final = 3
"""From this degradation on first pages are those kept ready (the levels are admission's)."""


async def for_you_page(
    memory: Memory, *, viewer_id: UUID | None, cursor: str | None, limit: int
) -> bytes:
    """Render a page of For You as JSON.

    Errors: BadCursor (400), BadPageSize (400), FeedNotReady (503) before the first load.
    """
    if not 1 <= limit <= memory.settings.page_size_max:
        raise BadPageSize
    if not memory.is_ready:
        raise FeedNotReady
    position = parse_position(cursor)
    state = None
    if viewer_id is not None:
        state = memory.viewers.peek(viewer_id) or await memory.viewers.find(viewer_id, position)
    degradation = DEGRADATION.get()
    asked = Asked(memory, state, position, limit, memory.now_s(), degradation)
    if degradation >= POPULAR_FEED and not cursor:
        ready = await _find_ready_page(asked)
        if ready is not None:
            return ready
    chosen = await choose(asked)
    if state is None:
        return _render(asked.position, chosen, b"null", memory, served_max=SERVED_MAX_ANONYMOUS)
    if chosen.queue is state.queue:
        state.position = max(state.position, chosen.end)
        if is_to_be_renewed(state, chosen.queue, now_s=asked.now_s):
            memory.renewals.ask(state)
    state.served.update(dict.fromkeys(chosen.slots, asked.now_s))
    marks = render_marks(memory.index, chosen.slots, chosen.queue.marks)
    return _render(asked.position, chosen, marks, memory, served_max=SERVED_MAX_SIGNED_IN)


async def _find_ready_page(asked: Asked) -> bytes | None:
    """Find a first page that is ready and right for who asks; None sends them the usual way."""
    memory, state, _, limit, now_s, _ = asked
    ready = memory.popular.pick(limit, removals=memory.index.removals, now_s=now_s)
    if ready is None:
        ready = await _make_ready_page(asked)
    if state is None:
        return ready.for_anybody
    if not ready.slots or not _is_right(ready, state):
        return None
    state.served.update(dict.fromkeys(ready.slots, now_s))
    return ready.for_signed_in


async def _make_ready_page(asked: Asked) -> ReadyPage:
    memory, position = asked.memory, asked.position
    chosen = await choose(asked._replace(state=None))
    owners = (memory.index.creator_ids[memory.index.creator[slot]] for slot in chosen.slots)
    ready = ReadyPage(
        slots=chosen.slots,
        keys=frozenset(memory.index.keys[chosen.slots].tolist()),
        creator_keys=frozenset(key_of(owner) for owner in owners),
        for_anybody=_render(position, chosen, b"null", memory, served_max=SERVED_MAX_ANONYMOUS),
        for_signed_in=_render(
            position, chosen, MARKS_UNKNOWN, memory, served_max=SERVED_MAX_ANONYMOUS
        ),
        removals=memory.index.removals,
        made_at_s=asked.now_s,
    )
    memory.popular.keep(asked.limit, ready)
    return ready


def _is_right(ready: ReadyPage, state: ViewerState) -> bool:
    """Tell whether nothing there is barred, the viewer's own, unwanted, or was given lately."""
    return (
        state.barred.isdisjoint(ready.creator_keys)
        and key_of(state.account_id) not in ready.creator_keys
        and state.served.keys().isdisjoint(ready.slots)
        and ready.keys.isdisjoint(state.unwanted_keys().tolist())
    )


def _render(
    position: Position, chosen: Chosen, viewer: bytes, memory: Memory, *, served_max: int
) -> bytes:
    slots = chosen.slots
    if not slots:
        viewer = NOTHING_MARKED if viewer != b"null" else viewer
        return b'{"items":[],"next_cursor":null,"viewer":%b,"has_seen_all":false}' % viewer
    following = Position(
        chosen.queue.generation,
        chosen.end,
        memory.index.creator_short_key(slots[-1]),
        position.served + chosen.short_keys,
    )
    return b'{"items":[%b],"next_cursor":"%b","viewer":%b,"has_seen_all":%b}' % (
        chosen.cards,
        render_position(following, served_max=served_max),
        viewer,
        b"true" if chosen.queue.has_seen_all else b"false",
    )
