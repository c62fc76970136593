"""The first pages of somebody whose state was just read: cheap, theirs, and with every promise."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
import pytest

from solstice.feed.candidates import NO_KEYS, SMALL
from solstice.feed.composition import FIRST_QUEUE_LENGTH, compose_first
from solstice.feed.index import PUBLIC, RECORD
from solstice.feed.memory import Memory
from solstice.feed.queries import ViewerRow
from solstice.feed.records import NOT_INTERESTED, PACKED, WATCH
from solstice.feed.refresh import pool_anew
from solstice.feed.viewer_state import ViewerState
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
    queue = compose_first(memory, _viewer(watched=[1, 3, 5, 7, 9]), given=NO_KEYS)
    assert queue is not None
    slots = queue.slots.tolist()
    assert len(set(slots)) == FIRST_QUEUE_LENGTH == queue.alternating_count
    assert sum(slot % 2 == 0 for slot in slots) >= FIRST_QUEUE_LENGTH * 3 // 4


async def test_nothing_seen_given_barred_or_unwanted_is_among_them(memory: Memory) -> None:
    """Taken one after the other, they are left out of the next ones."""
    first = compose_first(memory, _viewer(watched=[1, 3]), given=NO_KEYS)
    assert first is not None
    slots = first.slots.tolist()
    keys = memory.index.keys[first.slots].tolist()
    barred = memory.index.creator_ids[memory.index.creator[slots[-1]]].int
    viewer = _viewer(watched=[1, 3, *keys[:4]], unwanted=keys[4:6], barred=[barred])
    again = compose_first(memory, viewer, given=np.array(keys[6:10], np.uint32))
    assert again is not None
    assert not set(slots[:10]) & set(again.slots)
    by_barred = memory.index.creator_slot[barred]
    assert by_barred not in memory.index.creator[again.slots].tolist()


async def test_where_they_are_not_to_be_had_everything_is_gone_through(memory: Memory) -> None:
    """Somebody who has seen it all is not given less than they were promised."""
    viewer = _viewer(watched=range(1, CLIPS - 4))
    assert compose_first(memory, viewer, given=NO_KEYS) is None
    assert viewer.was_ranked


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
