"""The first pages of somebody whose state was just read: cheap, theirs, and with every promise."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
import pytest

from solstice.feed.candidates import SMALL
from solstice.feed.cursors import START, Position
from solstice.feed.first_queues import FIRST_QUEUE_LENGTH, compose_first
from solstice.feed.for_you import for_you_page
from solstice.feed.index import PUBLIC, RECORD
from solstice.feed.keys import short_key_of
from solstice.feed.memory import Memory
from solstice.feed.queries import ViewerRow
from solstice.feed.queues import Queue
from solstice.feed.records import NOT_INTERESTED, PACKED, WATCH
from solstice.feed.refresh import pool_anew
from solstice.feed.viewer_state import ViewerState
from solstice.feed.viewers import Arrival
from tests.feed.world import World

CREATORS = 100
CLIPS = SMALL + 1000


@pytest.fixture
async def memory(world: World) -> Memory:
    """A large platform: half the clips lie in one direction, half in the other."""
    records = np.zeros(CLIPS, RECORD)
    records["key"] = np.arange(1, CLIPS + 1)
    records["creator_key"] = 1 + np.arange(CLIPS) // 2 % CREATORS
    records["visibility"] = PUBLIC
    records["vector"][::2, 0] = 127
    records["vector"][1::2, 1] = 127
    memory = (await world.make_server()).memory
    memory.index.put(records)
    memory.cards.grow()
    await pool_anew(memory)
    return memory


async def test_they_follow_the_viewers_own_taste(memory: Memory) -> None:
    """Who watched one kind to the end is first shown more of it, by ever other creators."""
    queue = _first_queue(memory, _viewer(watched=[1, 3, 5, 7, 9]))
    assert queue is not None
    slots = queue.slots.tolist()
    assert len(set(slots)) == FIRST_QUEUE_LENGTH == queue.alternating_count
    assert sum(slot % 2 == 0 for slot in slots) >= FIRST_QUEUE_LENGTH * 3 // 4


async def test_nothing_seen_given_barred_or_unwanted_is_among_them(memory: Memory) -> None:
    """Taken one after the other, they are left out of the next ones."""
    first = _first_queue(memory, _viewer(watched=[1, 3]))
    assert first is not None
    slots = first.slots.tolist()
    keys = memory.index.keys[first.slots].tolist()
    barred = memory.index.creator_ids[memory.index.creator[slots[-1]]].int
    viewer = _viewer(watched=[1, 3, *keys[:4]], unwanted=keys[4:6], barred=[barred])
    given = b"".join(map(short_key_of, keys[6:10]))
    again = _first_queue(memory, viewer, START.extended(given))
    assert again is not None
    assert not set(slots[:10]) & set(again.slots)
    by_barred = memory.index.creator_slot[barred]
    assert by_barred not in memory.index.creator[again.slots].tolist()


async def test_who_is_ranked_with_others_gets_what_is_theirs(memory: Memory) -> None:
    """Each follows their own taste and their own chain of pages, whoever came with them."""
    (before,) = memory.index.creator_ids[:1]
    chain = START._replace(last_creator=before.int & 0xFFFFFFFF)
    odd, even, new = _viewer(watched=[1, 3, 5]), _viewer(watched=[2, 4, 6]), _viewer(watched=[])
    compose_first(memory, [Arrival(odd, START), Arrival(even, chain), Arrival(new, START)])
    kinds = []
    for viewer in (odd, even, new):
        assert viewer.queue is not None
        kinds.append(sum(slot % 2 for slot in viewer.queue.slots))
    assert kinds[0] <= FIRST_QUEUE_LENGTH // 4
    assert kinds[1] >= FIRST_QUEUE_LENGTH * 3 // 4
    assert even.queue is not None
    assert memory.index.creator[even.queue.slots[0]] != 0


async def test_who_comes_together_has_a_page_each_and_a_next_one(memory: Memory) -> None:
    """The first of them is ranked for with all the others; nobody meets a clip twice for it."""
    memory.loaded.set()
    for slot in range(CLIPS):
        memory.cards.put(slot, b'{"id":%d' % slot)
    people = [UUID(int=(1 << 100) + number) for number in range(20)]
    shown: list[list[int]] = [[] for _ in people]
    cursors: list[str | None] = [None for _ in people]
    for _ in range(4):
        pages = await asyncio.gather(
            *(
                for_you_page(memory, viewer_id=viewer_id, cursor=cursor, limit=8)
                for viewer_id, cursor in zip(people, cursors, strict=True)
            )
        )
        found = [json.loads(page) for page in pages]
        cursors = [page["next_cursor"] for page in found]
        for clips, page in zip(shown, found, strict=True):
            clips += [item["id"] for item in page["items"]]
    assert [len(set(clips)) for clips in shown] == [4 * 8] * len(people)


async def test_where_they_are_not_to_be_had_everything_is_gone_through(memory: Memory) -> None:
    """Somebody who has seen it all is not given less than they were promised."""
    viewer = _viewer(watched=range(1, CLIPS - 4))
    assert _first_queue(memory, viewer) is None
    assert viewer.was_ranked


def _first_queue(memory: Memory, viewer: ViewerState, position: Position = START) -> Queue | None:
    compose_first(memory, [Arrival(viewer, position)])
    return viewer.queue


def _viewer(
    *, watched: Iterable[int], unwanted: Iterable[int] = (), barred: Sequence[int] = ()
) -> ViewerState:
    acts = [(key, 10, WATCH, 150) for key in watched]
    acts += [(key, 11, NOT_INTERESTED, 0) for key in unwanted]
    row = ViewerRow(
        seen=np.array([key for key, *_ in acts], "<u4").tobytes(),
        records=np.array(acts[-200:], PACKED).tobytes(),
        tail=None,
        reset_at=None,
        liked=None,
        teaching_like_count=0,
        bookmarked=None,
        followed=None,
        barred=np.array(barred, ">u8").tobytes(),
    )
    return ViewerState(UUID(int=1 << 100), row, now_s=0.0)
