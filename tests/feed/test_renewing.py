"""Renewing: the next queue is ranked before the last one runs out, by nobody who waits for it."""

import asyncio
import time
from uuid import UUID

from solstice.admission.degradation import Degradation
from solstice.feed.queries import ViewerRow
from solstice.feed.queues import Queue
from solstice.feed.renewals import WAITING_MAX, Renewals
from solstice.feed.renewing import keep_renewing
from solstice.feed.viewer_state import ViewerState
from solstice.kit.stopping import stop_tasks
from tests.cast import Member
from tests.feed.load import degraded
from tests.feed.world import Server, World, creators_of, ids_of


async def test_a_chain_goes_on_in_a_renewed_queue(world: World) -> None:
    """Nothing comes twice, nothing is left out, and nobody's page made the queue it is cut from."""
    clips = await _publish(world, creators=6, each=10)
    bo, server = await world.somebody("bo"), await world.start_server()
    shown: list[UUID] = []
    queues: list[Queue | None] = []
    cursor = None
    while len(shown) < len(clips):
        page = await server.for_you(bo, cursor, limit=6)
        cursor = page["next_cursor"]
        shown += ids_of(page)
        queues.append(_queue_of(server, bo))
        server.renew()
    assert len(shown) == len(set(shown)) == len(clips)
    assert len({id(queue) for queue in queues}) > 1


async def test_somebody_known_is_ranked_for_anew_after_a_dozen_acts(world: World) -> None:
    """Their next page follows what they did; one act fewer changes nothing yet."""
    clips = await _publish(world, creators=4, each=20)
    bo, server = await world.somebody("bo"), await world.start_server()
    server.tell(bo, clips[:30], kind="watch", watch_ms=9000)
    await server.for_you(bo)
    begun = _queue_of(server, bo)
    server.tell(bo, clips[30:41], kind="watch", watch_ms=9000)
    server.renew()
    assert _queue_of(server, bo) is begun
    server.tell(bo, clips[41:42], kind="watch", watch_ms=9000)
    server.renew()
    assert _queue_of(server, bo) is not begun
    assert not set(ids_of(await server.for_you(bo, limit=24))) & set(clips[:42])


async def test_it_is_done_behind_the_pages(world: World) -> None:
    """A server does it by itself, soon after the page that came near the end of its queue."""
    await _publish(world, creators=4, each=10)
    bo, server = await world.somebody("bo"), await world.start_server()
    await server.for_you(bo, limit=24)
    await server.for_you(bo, limit=12)
    begun = _queue_of(server, bo)
    renewing = asyncio.create_task(keep_renewing(server.memory))
    deadline = time.monotonic() + 10
    while _queue_of(server, bo) is begun:
        assert time.monotonic() < deadline
        await asyncio.sleep(0)
    await stop_tasks([renewing])


async def test_viewers_who_came_together_are_not_ranked_for_together_again(world: World) -> None:
    """Each queue is renewed from a place of its own."""
    await _publish(world, creators=8, each=30)
    server = await world.start_server()
    places = []
    for number in range(8):
        viewer = await world.somebody(f"p{number}")
        await server.for_you(viewer)
        queue = _queue_of(server, viewer)
        assert queue is not None
        places.append(queue.renewed_from)
    assert len(set(places)) > 1


async def test_a_block_made_while_a_viewer_waits_for_it_holds(world: World) -> None:
    """Who changed meanwhile is ranked for by their next page, from what then is true."""
    await _publish(world, creators=2, each=10)
    ada = await world.somebody("ada")
    await world.publish(ada, 6)
    bo, server = await world.somebody("bo"), await world.start_server()
    page = await server.for_you(bo, limit=24)
    assert server.memory.renewals.are_wanted.is_set()
    await world.conn.execute(
        "INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)", [ada.id, bo.id]
    )
    await server.follow()
    server.renew()
    rest = await server.for_you(bo, page["next_cursor"], limit=24)
    assert str(ada.id) not in creators_of(rest)


async def test_under_load_nobody_is_put_on_the_list(world: World) -> None:
    """What is to be spared is not done behind the pages instead."""
    await _publish(world, creators=4, each=10)
    bo, server = await world.somebody("bo"), await world.start_server()
    with degraded(Degradation.COHORT_FEED):
        page = await server.for_you(bo, limit=24)
        assert not server.memory.renewals.are_wanted.is_set()
    await server.for_you(bo, page["next_cursor"], limit=4)
    assert server.memory.renewals.are_wanted.is_set()


def test_the_list_has_an_end_and_everybody_once() -> None:
    """First come first served; who finds no place is asked again by their next page."""
    nothing = ViewerRow(None, None, None, None, None, 0, None, None, None)
    people = [ViewerState(UUID(int=n), nothing, now_s=0.0) for n in range(WAITING_MAX + 1)]
    renewals = Renewals()
    for viewer in (people[0], *people):
        renewals.ask(viewer)
    taken = []
    while renewals.are_wanted.is_set():
        taken.append(renewals.take())
    assert taken == people[:-1]
    assert renewals.take() is None


async def _publish(world: World, *, creators: int, each: int) -> list[UUID]:
    people = [await world.somebody(f"c{number}") for number in range(creators)]
    return [clip for creator in people for clip in await world.publish(creator, each)]


def _queue_of(server: Server, viewer: Member) -> Queue | None:
    state = server.memory.viewers.peek(viewer.id)
    assert state is not None
    return state.queue
