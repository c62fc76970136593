"""First pages kept ready as bytes: the cheapest answer, and still a right one."""

from solstice.admission.degradation import Degradation
from solstice.feed.not_interested import mark_not_interested
from tests.feed.load import degraded
from tests.feed.world import World, creators_of, ids_of


async def test_a_ready_page_says_that_it_does_not_know_what_its_viewer_likes(world: World) -> None:
    """Unknown is null, never an empty list; somebody without account has no such part."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    (clip,) = await world.publish(ada)
    await world.conn.execute(
        "INSERT INTO likes (viewer_id, video_id) VALUES (%s, %s)", [bo.id, clip]
    )
    server = await world.start_server()
    with degraded(Degradation.POPULAR_FEED):
        page = await server.for_you(bo)
        assert page["viewer"] == {"liked": None, "bookmarked": None, "following": None}
        assert (await server.for_you(None))["viewer"] is None
    assert ids_of(page) == [clip]


async def test_who_reloads_is_not_given_the_same_page_again(world: World) -> None:
    """What this server gave lately is left out, with a cursor or without."""
    creators = [await world.somebody(f"c{number}") for number in range(5)]
    clips = [clip for creator in creators for clip in await world.publish(creator, 5)]
    bo = await world.somebody("bo")
    server = await world.start_server()
    with degraded(Degradation.POPULAR_FEED):
        first = await server.for_you(bo)
        again = await server.for_you(bo)
    back = await server.for_you(bo, again["next_cursor"])
    shown = ids_of(first) + ids_of(again) + ids_of(back)
    assert len(shown) == len(set(shown)) == 24
    assert set(shown) <= set(clips)


async def test_what_left_public_view_is_in_no_ready_page(world: World) -> None:
    """A moderator's decision makes all of them anew."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada, 4)
    await world.publish(bo, 4)
    server = await world.start_server()
    with degraded(Degradation.POPULAR_FEED):
        for _ in range(20):
            assert str(bo.id) in creators_of(await server.for_you(None))
        await world.conn.execute(
            "UPDATE videos SET hidden_at = now() WHERE creator_id = %s", [bo.id]
        )
        await server.follow()
        for _ in range(20):
            assert set(creators_of(await server.for_you(None))) == {str(ada.id)}


async def test_a_clip_one_does_not_want_is_not_brought_back_by_load(world: World) -> None:
    """Not interested holds for ready pages, too."""
    ada, cy, bo = [await world.somebody(name) for name in ("ada", "cy", "bo")]
    (unwanted,) = await world.publish(ada)
    (other,) = await world.publish(cy)
    here, there = await world.start_server(), await world.start_server()
    async with world.database.transaction() as conn:
        await mark_not_interested(conn, here.memory, viewer=bo.viewer, video_id=unwanted)
    with degraded(Degradation.POPULAR_FEED):
        for server in (here, there):
            await server.follow()
            assert ids_of(await server.for_you(bo)) == [other]


async def test_a_young_platform_shows_everything_it_has(world: World) -> None:
    """Five clips by one creator are one right page, at every level; none are an empty one."""
    server = await world.start_server()
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    for level in Degradation:
        with degraded(level):
            for viewer in (None, bo):
                page = await server.for_you(viewer)
                assert (ids_of(page), page["next_cursor"]) == ([], None)
                assert page["has_seen_all"] is False
    clips = await world.publish(ada, 5)
    server = await world.start_server()
    for level in Degradation:
        with degraded(level):
            page = await server.for_you(None)
            assert set(ids_of(page)) == set(clips)
            assert len(ids_of(page)) == 5
            assert page["has_seen_all"] is False
            assert (await server.for_you(ada))["items"] == [], "nobody meets themselves"
