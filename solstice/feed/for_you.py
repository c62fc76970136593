"""For You: one viewer's next clips, page by page.

A page is a slice of the viewer's queue, its cards joined as bytes.  Only when the queue is used
up, is five minutes old, or the viewer has meanwhile told enough about their taste, a new one is
composed (`composition.py`).  Somebody without an account, or whose state cannot be read because
the database is away, gets one of a few queues shared by all, made from the pools alone.

What a page promises: nothing the viewer has seen or was given in this chain of pages, no
creator twice in a row, at most two of a creator among eight, nothing by somebody blocked, and
never nothing: when all has been seen, the longest unseen comes again and `has_seen_all` says so.
"""

from typing import Final, NamedTuple
from uuid import UUID

from solstice.feed.composition import compose_personal, compose_shared
from solstice.feed.cursors import (
    KEY_BYTES,
    SERVED_MAX_ANONYMOUS,
    SERVED_MAX_SIGNED_IN,
    Position,
    parse_position,
    render_position,
)
from solstice.feed.errors import BadPageSize, FeedNotReady
from solstice.feed.index import PUBLIC
from solstice.feed.marks import NOTHING_MARKED, render_marks
from solstice.feed.memory import Memory
from solstice.feed.queues import Queue, render_short_keys
from solstice.feed.viewer_state import ViewerState

QUEUE_AGE_S: Final = 300.0
REPEATS_AGE_S: Final = 5.0
"""While there are only repeats, something new is looked for at almost every page."""
SIGNALS_WHEN_YOUNG: Final = 2
SIGNALS_WHEN_KNOWN: Final = 12
YOUNG_UNTIL: Final = 24
"""Somebody new is ranked for anew after every second act, somebody known after a dozen."""
AHEAD: Final = 16
"""Cards read together with those a page lacks, so that the next pages lack none."""


class Asked(NamedTuple):
    """Who asks for which page."""

    memory: Memory
    state: ViewerState | None
    position: Position
    limit: int
    now_s: float


class Taken(NamedTuple):
    """A part of a queue."""

    slots: list[int]
    end: int
    """Where in the queue to go on."""


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
        state = memory.viewers.peek(viewer_id) or await memory.viewers.find(viewer_id)
    now_s = memory.now_s()
    asked = Asked(memory, state, position, limit, now_s)
    queue, is_fresh = _current_queue(asked)
    start = _start(queue, state, position)
    if _may_slice(asked, queue, start):
        slots = queue.slots[start : start + limit].tolist()
        served = queue.short_keys[start * KEY_BYTES : (start + limit) * KEY_BYTES]
        cards = None if _is_partly_met(asked, queue, served) else memory.cards.join(slots)
        if cards is not None:
            return _present(asked, queue, Taken(slots, start + limit), cards, served)
    return await _fill_page(asked, queue, start, is_fresh=is_fresh)


def _may_slice(asked: Asked, queue: Queue, start: int) -> bool:
    """Tell whether a page is simply the next few of the queue, as they were arranged."""
    memory, position, end = asked.memory, asked.position, start + asked.limit
    if position.generation not in (0, queue.generation) or queue.removals != memory.index.removals:
        return False
    if end > len(queue.slots):
        return False
    if queue.has_seen_all:
        return True
    is_twin = memory.index.creator[queue.slots[start]] == _creator_before(memory, position)
    return end <= queue.first_twin and not is_twin


def _is_partly_met(asked: Asked, queue: Queue, short_keys: bytes) -> bool:
    """Tell whether some of these were seen, or given out by another queue, since this was made.

    Looking for three bytes at any place errs on the careful side: the slow way looks properly.
    """
    served = b"" if queue.has_seen_all else asked.position.served
    seen = asked.state.seen_since_ranking if asked.state else frozenset()
    if not served and not seen:
        return False
    for place in range(0, len(short_keys), KEY_BYTES):
        short_key = short_keys[place : place + KEY_BYTES]
        if short_key in served or short_key in seen:
            return True
    return False


def _current_queue(asked: Asked) -> tuple[Queue, bool]:
    """Find the queue to go on in; also tells whether it was made for this very page."""
    memory, state, position, _, now_s = asked
    if state is None:
        queue = memory.shared.pick(position.generation, lambda: compose_shared(memory), now_s=now_s)
        return queue, False
    if state.queue is not None and not _is_due(state, state.queue, position, now_s):
        return state.queue, False
    before = _creator_before(memory, position)
    return compose_personal(memory, state, given=position.served_array(), before=before), True


def _is_due(state: ViewerState, queue: Queue, position: Position, now_s: float) -> bool:
    """Tell whether the queue no longer says what the viewer would like."""
    age_s = now_s - queue.made_at_s
    if queue.has_seen_all and (age_s > REPEATS_AGE_S or position.generation != queue.generation):
        return True  # who comes anew is looked for something new for
    if age_s > QUEUE_AGE_S:
        return True
    is_young = len(state.records) < YOUNG_UNTIL
    return state.signals_since_ranking >= (SIGNALS_WHEN_YOUNG if is_young else SIGNALS_WHEN_KNOWN)


def _start(queue: Queue, state: ViewerState | None, position: Position) -> int:
    if position.generation == queue.generation:
        return position.position
    return state.position if state is not None else 0


def _creator_before(memory: Memory, position: Position) -> int:
    return memory.index.find_creator_by_short_key(position.last_creator)


async def _fill_page(asked: Asked, queue: Queue, start: int, *, is_fresh: bool) -> bytes:
    """Take one by one what a slice could not give: elsewhere begun, gone, not yet read."""
    memory, state, position, limit, _ = asked
    given = position.served_keys()
    if queue.has_seen_all and position.generation == queue.generation:
        given = frozenset()
    if state is not None:
        given |= state.seen_since_ranking
    before = _creator_before(memory, position)
    slots: list[int] = []
    only_cached = False
    for _ in range(3):
        while len(slots) < limit:
            may_twin = is_fresh or queue.has_seen_all
            taken = _take(
                memory,
                queue,
                start,
                limit - len(slots),
                given=given,
                before=before,
                may_twin=may_twin,
            )
            start = taken.end
            await memory.hydrate(taken.slots + queue.slots[start : start + AHEAD].tolist())
            missing = set(memory.cards.missing(taken.slots))
            only_cached = only_cached or bool(missing)
            kept = [slot for slot in taken.slots if slot not in missing]
            if kept:
                slots += kept
                before = int(memory.index.creator[kept[-1]])
            if start >= len(queue.slots):
                break
        if len(slots) >= limit:
            break
        # The queue ended within the page: go on in a fresh one that leaves all this out.
        so_far = position.extended(render_short_keys(memory.index, slots))
        fresh = _next_queue(memory, state, so_far, before, only_cached=only_cached)
        if slots and (queue.has_seen_all or fresh.has_seen_all or not fresh.slots):
            # Rather a short page than one that mixes repeats in; the next page looks anew.
            if state is not None:
                state.queue = None
            break
        queue, start, given, is_fresh = fresh, 0, frozenset(), True
    cards = memory.cards.join(slots)
    served = render_short_keys(memory.index, slots)
    return _present(asked, queue, Taken(slots, start), cards or b"", served)


def _next_queue(
    memory: Memory,
    state: ViewerState | None,
    position: Position,
    before: int,
    *,
    only_cached: bool,
) -> Queue:
    given = position.served_array()
    if state is None:
        return compose_shared(memory, given=given, before=before, only_cached=only_cached)
    return compose_personal(memory, state, given=given, before=before, only_cached=only_cached)


def _take(
    memory: Memory,
    queue: Queue,
    start: int,
    limit: int,
    *,
    given: frozenset[bytes],
    before: int,
    may_twin: bool,
) -> Taken:
    """Take up to `limit` that may still be shown, leaving out what was given.

    A creator follows themselves only where the arrangement says so, which then found nobody
    else, and only while that is true (`may_twin`): in a queue made for this very page, or one
    of repeats.  Elsewhere such a clip is left for the next queue.
    """
    visibility, creators = memory.index.visibility, memory.index.creator
    slots: list[int] = []
    place = start
    arranged_before = int(creators[queue.slots[start - 1]]) if start else queue.before
    while place < len(queue.slots) and len(slots) < limit:
        slot = queue.slots[place]
        short_key = queue.short_keys[place * KEY_BYTES : (place + 1) * KEY_BYTES]
        place += 1
        creator = int(creators[slot])
        is_arranged_twin = may_twin and creator == arranged_before
        arranged_before = creator
        if visibility[slot] != PUBLIC or short_key in given:
            continue
        if creator == before and not is_arranged_twin:
            continue
        slots.append(slot)
        before = creator
    return Taken(slots, place)


def _present(asked: Asked, queue: Queue, taken: Taken, cards: bytes, served: bytes) -> bytes:
    memory, state, position, _, now_s = asked
    slots = taken.slots
    if not slots:
        viewer = b"null" if state is None else NOTHING_MARKED
        return b'{"items":[],"next_cursor":null,"viewer":%b,"has_seen_all":false}' % viewer
    index = memory.index
    following = Position(
        queue.generation,
        taken.end,
        index.creator_short_key(slots[-1]),
        position.served + served,
    )
    if state is None:
        viewer, served_max = b"null", SERVED_MAX_ANONYMOUS
    else:
        viewer, served_max = render_marks(index, slots, queue.marks), SERVED_MAX_SIGNED_IN
        if queue is state.queue:
            state.position = max(state.position, taken.end)
        state.served.update(dict.fromkeys(slots, now_s))
    return b'{"items":[%b],"next_cursor":"%b","viewer":%b,"has_seen_all":%b}' % (
        cards,
        render_position(following, served_max=served_max),
        viewer,
        b"true" if queue.has_seen_all else b"false",
    )
