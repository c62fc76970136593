"""Beacons: what counts, once, and what is left out without a word."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solstice.feed.beacon import Beacon, Source
from solstice.feed.beacons import decide_time
from solstice.feed.errors import TooManyBeacons
from solstice.feed.export import export_feed
from solstice.kit.ids import new_id
from tests.feed.world import Server, World, ids_of

ANYBODY = Source(account_id=None, network="198.51.100.7")


async def test_a_watch_of_two_seconds_counts_as_one_view_however_often_it_is_told(
    world: World,
) -> None:
    """The same event twice, and the same clip twice within half an hour, are one view."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    event = Beacon(id=new_id(), video_id=clip, kind="watch", watch_ms=2500)
    for _ in range(3):
        _take_in(server, ANYBODY, event)
    _take_in(server, ANYBODY, Beacon(id=new_id(), video_id=clip, kind="watch", watch_ms=9000))
    await server.flush()
    assert await _views(world, clip) == (1, 2500)


async def test_a_glance_is_no_view(world: World) -> None:
    """Less than two seconds of a nine-second clip counts for nothing but an impression."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    server.tell(None, [clip], kind="watch", watch_ms=1500)
    await server.flush()
    assert await _views(world, clip) == (0, 0)


async def test_a_creator_does_not_view_their_own_clip(world: World) -> None:
    """Watching oneself is not counted."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    server.tell(ada, [clip], kind="watch", watch_ms=9000)
    await server.flush()
    assert await _views(world, clip) == (0, 0)


async def test_claimed_watch_time_is_bounded_by_what_is_possible(world: World) -> None:
    """One loop of nine seconds cannot have been watched for a day."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    server.tell(None, [clip], kind="watch", watch_ms=86_400_000)
    await server.flush()
    assert await _views(world, clip) == (1, 9000)


async def test_one_network_cannot_inflate_views_without_end(world: World) -> None:
    """Beyond an hour's worth of watching nothing more is counted from one address."""
    ada = await world.somebody("ada")
    clips = await world.publish(ada, 6)
    server = await world.start_server(views_per_network_hour_max=4)
    server.tell(None, clips, kind="watch", watch_ms=9000)
    await server.flush()
    assert sum([(await _views(world, clip))[0] for clip in clips]) == 4


async def test_a_view_counted_on_one_server_is_not_counted_again_on_another(
    world: World,
) -> None:
    """A viewer whose requests alternate between servers is still one viewer."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    (clip,) = await world.publish(ada)
    here, there = await world.start_server(), await world.start_server()
    here.tell(bo, [clip], kind="watch", watch_ms=9000)
    await here.flush()
    await there.follow()
    there.tell(bo, [clip], kind="watch", watch_ms=9000)
    await there.flush()
    assert await _views(world, clip) == (1, 9000)


async def test_what_was_shown_on_one_server_is_not_shown_again_by_another(world: World) -> None:
    """Impressions reach every server's memory, and the database for later ones."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    seen, unseen = await world.publish(ada, 2)
    here, there = await world.start_server(), await world.start_server()
    assert len(ids_of(await there.for_you(bo))) == 2
    here.tell(bo, [seen])
    await here.flush()
    await there.follow()
    assert ids_of(await there.for_you(bo)) == [unseen]
    await world.fold()
    assert ids_of(await (await world.start_server()).for_you(bo)) == [unseen]


async def test_unknown_videos_and_too_many_events_change_nothing(world: World) -> None:
    """A client's mistake costs nobody anything."""
    server = await world.start_server()
    server.tell(None, [new_id()], kind="watch", watch_ms=9000)
    assert server.memory.outbox.is_empty()
    with pytest.raises(TooManyBeacons):
        server.tell(None, [new_id()] * 101)


async def test_a_batch_whose_commit_was_not_answered_is_not_written_twice(world: World) -> None:
    """The number of a batch is written with it."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    server.tell(None, [clip], kind="watch", watch_ms=9000)
    outbox = server.memory.outbox
    batch = outbox._growing
    await server.flush()
    outbox._leaving = batch
    await server.flush()
    assert await _views(world, clip) == (1, 9000)


async def test_beacons_wait_in_bounded_memory(world: World) -> None:
    """When nothing can be written, the newest are dropped and memory does not grow."""
    ada = await world.somebody("ada")
    clips = await world.publish(ada, 5)
    server = await world.start_server(beacons_buffered_max=3)
    server.tell(None, clips)
    assert server.memory.outbox._growing.event_count == 3


def test_a_clients_clock_is_believed_only_as_far_as_it_is_possible() -> None:
    """Neither the future nor last week."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    now_s = now.timestamp()
    assert decide_time(now + timedelta(hours=1), now_s) == now_s
    assert decide_time(now - timedelta(hours=1), now_s) == now_s - 3600
    assert decide_time(now - timedelta(days=9), now_s) == now_s - 86_400
    assert decide_time(None, now_s) == now_s


def _take_in(server: Server, source: Source, event: Beacon) -> None:
    server.memory.beaconry.take_in(source, [event], now_s=server.memory.now_s())


async def _views(world: World, clip: UUID) -> tuple[int, int]:
    cursor = await world.conn.execute(
        "SELECT coalesce(sum(delta), 0), coalesce(sum(watch_ms), 0) FROM video_deltas"
        " WHERE video_id = %s AND kind = 'view'",
        [clip],
    )
    row = await cursor.fetchone()
    assert row
    return int(row[0]), int(row[1])


async def test_what_a_viewer_did_is_in_their_export(world: World) -> None:
    """What the feed keeps of somebody, they may take along."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    server.tell(bo, [clip], kind="watch", watch_ms=9000)
    await server.flush()
    async with world.database.reading() as conn:
        kept = (await export_feed(conn, bo.id))["feed"]
    assert kept["seen_video_count"] == 1
    (act,) = kept["latest_acts"]
    assert str(clip).endswith(act["video_id_ends_with"])
    assert act["act"] == "watched"
