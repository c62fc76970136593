"""Choosing: which clips of which queue come next in a chain of pages.

Nearly always the next slice of the viewer's queue, untouched.  Whatever could make that slice
wrong (begun on another server, something seen, given or gone meanwhile, a creator who would
follow themselves) is noticed for a microsecond and sends us the careful way, whose one rule is:
the first of the queue that may come here, and at its end a fresh queue.  May come: public,
neither seen nor given, its card at hand, and not by the creator just shown.  Only a queue that
was made for this very place may let a creator follow themselves, because only then it is sure
that nobody else is left.
"""

from typing import Final, NamedTuple

from solstice.feed.composition import (
    compose_of_cohort,
    compose_personal,
    compose_shared,
)
from solstice.feed.cursors import KEY_BYTES, Position
from solstice.feed.first_queues import compose_first
from solstice.feed.index import PUBLIC
from solstice.feed.memory import Memory
from solstice.feed.queues import Queue, render_short_keys
from solstice.feed.viewer_state import ViewerState
from solstice.feed.viewers import Arrival

COHORT_FEED: Final = 2
"""From this degradation on nobody is ranked for alone (the levels are admission's)."""
QUEUE_AGE_S: Final = 300.0
REPEATS_AGE_S: Final = 5.0
"""While there are only repeats, something new is looked for at almost every page."""
SIGNALS_WHEN_YOUNG: Final = 2
YOUNG_UNTIL: Final = 24
"""Somebody new is ranked for anew after every second act, for their very next page; somebody
known after a dozen, by nobody who waits (`viewers.py`)."""
AHEAD: Final = 16
"""Cards read together with those a page lacks, so that the next pages lack none."""


class Asked(NamedTuple):
    """Who asks for which page, and how cheap the answer has to be."""

    memory: Memory
    state: ViewerState | None
    position: Position
    limit: int
    now_s: float
    degradation: int


class Chosen(NamedTuple):
    """The clips of a page, their cards joined, and where the queue they end in goes on."""

    queue: Queue
    end: int
    slots: list[int]
    cards: bytes
    short_keys: bytes


class _Source(NamedTuple):
    """Where clips are taken from."""

    queue: Queue
    start: int
    is_made_for_this: bool
    """Made in this very request, from all that may come, for what was shown before it."""


class _Limits(NamedTuple):
    """What may not come now."""

    given: frozenset[bytes]
    """Short keys of what was seen or given out."""
    before: int
    """The creator of what was shown last."""


async def choose(asked: Asked) -> Chosen:
    """Choose the next clips, in order; none only if there is nothing this viewer may be shown."""
    memory, _, position, limit, _, _ = asked
    source = _find_source(asked)
    queue, start, _ = source
    end = start + limit
    if end <= queue.alternating_count and queue.removals == memory.index.removals:
        slots = queue.slots[start:end].tolist()
        short_keys = queue.short_keys[start * KEY_BYTES : end * KEY_BYTES]
        is_twin = memory.index.creator_short_key(slots[0]) == position.last_creator
        if not is_twin and not _is_partly_met(asked, queue, short_keys):
            cards = memory.cards.join(slots)
            if cards is not None:
                return Chosen(queue, end, slots, cards, short_keys)
    return await _choose_carefully(asked, source)


def _find_source(asked: Asked) -> _Source:
    memory, state, position, _, now_s, _ = asked
    if state is None:
        queue = memory.shared.pick(position.generation, lambda: compose_shared(memory), now_s=now_s)
        begun = position.position if position.generation == queue.generation else 0
        return _Source(queue, begun, is_made_for_this=False)
    known = state.queue
    if known is not None and not _is_out_of_date(asked, state, known):
        is_ours = position.generation == known.generation
        return _Source(known, position.position if is_ours else state.position, False)
    return _Source(_compose(asked, position), 0, is_made_for_this=True)


def _is_out_of_date(asked: Asked, state: ViewerState, queue: Queue) -> bool:
    """Tell whether the queue says so little of what to show that the page waits for a ranking."""
    age_s = asked.now_s - queue.made_at_s
    if asked.position.generation != queue.generation:
        if queue.has_seen_all:
            return True  # who comes anew is looked for something new for
        if asked.degradation < COHORT_FEED and age_s > QUEUE_AGE_S:
            return True
    if asked.degradation >= COHORT_FEED:
        return False
    if queue.has_seen_all and age_s > REPEATS_AGE_S:
        return True
    return len(state.records) < YOUNG_UNTIL and state.signals_since_ranking >= SIGNALS_WHEN_YOUNG


def is_to_be_renewed(state: ViewerState, queue: Queue, *, now_s: float) -> bool:
    """Tell whether the next queue is to be ranked while this one is still good for a page."""
    return state.position >= queue.renewed_from or (
        now_s - queue.made_at_s > QUEUE_AGE_S and not queue.has_seen_all
    )


def _compose(
    asked: Asked, position: Position, *, has_run_out: bool = False, only_cached: bool = False
) -> Queue:
    """Make a queue that leaves out what was given, for the place where the chain of pages stands.

    `has_run_out` says that a queue ended before its turn to be renewed came.  So it goes for many
    at once then, and one cut from the cohort's ranking bridges the time.
    """
    memory, state, _, limit, _, degradation = asked
    given = position.served_array()
    before = memory.index.find_creator_by_short_key(position.last_creator)
    if state is None:
        return compose_shared(memory, given=given, before=before, only_cached=only_cached)
    if (degradation >= COHORT_FEED or has_run_out) and not only_cached:
        queue = compose_of_cohort(memory, state, given=given, before=before)
        if len(queue.slots) >= limit:
            return queue
    if not (state.was_ranked or only_cached):
        compose_first(memory, [Arrival(state, position), *memory.viewers.take_arrived(but=state)])
        if state.queue is not None:
            return state.queue
    return compose_personal(memory, state, given=given, before=before, only_cached=only_cached)


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


async def _choose_carefully(asked: Asked, source: _Source) -> Chosen:
    memory, state, position, limit, _, _ = asked
    before = memory.index.find_creator_by_short_key(position.last_creator)
    slots: list[int] = []
    only_cached = False
    for _ in range(3):
        queue, start, _ = source
        given = frozenset() if queue.has_seen_all else position.served_keys()
        if state is not None:
            given |= state.seen_since_ranking
        taken, end = await _take(memory, source, _Limits(given, before), limit - len(slots))
        slots += taken
        if len(slots) >= limit:
            break
        # The queue ended within the page: go on in a fresh one that leaves all this out.
        so_far = position.extended(render_short_keys(memory.index, slots))
        if taken:
            before = int(memory.index.creator[taken[-1]])
            so_far = so_far._replace(last_creator=memory.index.creator_short_key(taken[-1]))
        only_cached = only_cached or bool(memory.cards.missing(queue.slots[start:].tolist()))
        has_run_out = not source.is_made_for_this and not queue.has_seen_all
        fresh = _compose(asked, so_far, has_run_out=has_run_out, only_cached=only_cached)
        if slots and (queue.has_seen_all or fresh.has_seen_all or not fresh.slots):
            # Rather a short page than one that mixes repeats in; the next page looks anew.
            if state is not None:
                state.queue = None
            break
        source, end = _Source(fresh, 0, is_made_for_this=True), 0
    cards = memory.cards.join(slots)
    return Chosen(source.queue, end, slots, cards or b"", render_short_keys(memory.index, slots))


async def _take(
    memory: Memory, source: _Source, limits: _Limits, count: int
) -> tuple[list[int], int]:
    """Take up to `count`, each the first that may come; tells where to go on in the queue."""
    queue, place, is_sure = source
    index, given, before = memory.index, limits.given, limits.before
    slots: list[int] = []
    while place < len(queue.slots) and len(slots) < count:
        stop = min(place + count + AHEAD, len(queue.slots))
        near = queue.slots[place:stop]
        await memory.hydrate([slot for slot in near if index.visibility[slot] == PUBLIC])
        lacking = set(memory.cards.missing(near))
        for slot in near:
            if len(slots) == count:
                break
            short_key = queue.short_keys[place * KEY_BYTES : (place + 1) * KEY_BYTES]
            place += 1
            creator = int(index.creator[slot])
            is_gone = index.visibility[slot] != PUBLIC or slot in lacking
            if is_gone or short_key in given or (creator == before and not is_sure):
                is_sure = False
                continue
            slots.append(slot)
            before = creator
    return slots, place
