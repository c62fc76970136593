"""Under load For You is cut from a cohort's ranking: less personal, and every promise holds."""

from uuid import UUID

import pytest

from solstice.admission.degradation import Degradation
from solstice.feed.choosing import COHORT_FEED
from solstice.feed.for_you import POPULAR_FEED
from tests.cast import Member
from tests.feed.load import degraded
from tests.feed.world import World, creators_of, ids_of

CHEAP = pytest.mark.parametrize("level", [Degradation.COHORT_FEED, Degradation.POPULAR_FEED])


def test_the_levels_are_those_of_admission() -> None:
    """Two features that may not know each other mean the same by a number."""
    assert COHORT_FEED == Degradation.COHORT_FEED
    assert POPULAR_FEED == Degradation.POPULAR_FEED


async def test_a_viewer_gets_what_is_liked_in_their_region_of_taste(world: World) -> None:
    """Those who like the sea get the sea, though nothing is ranked for them alone."""
    creators = [await world.somebody(f"c{number}") for number in range(10)]
    sea = [clip for creator in creators for clip in await world.publish(creator, 14)]
    cats = [clip for creator in creators for clip in await world.publish(creator, 14)]
    await _place(world, sea, axis=0)
    await _place(world, cats, axis=1)
    bo = await world.somebody("bo")
    for clip in sea[:4]:
        await _like(world, bo, clip)
    server = await world.start_server()
    server.tell(bo, sea[:4])
    with degraded(Degradation.COHORT_FEED):
        first = await server.for_you(bo)
        second = await server.for_you(bo, first["next_cursor"])
    shown = ids_of(first) + ids_of(second)
    assert len(set(shown)) == 16
    assert not set(shown) & set(sea[:4]), "what was seen is left out"
    assert len(set(shown) & set(sea)) >= 12


@CHEAP
async def test_a_chain_goes_through_every_level_and_repeats_nothing(
    world: World, level: Degradation
) -> None:
    """Load comes and goes within one evening: every clip is met once, none is skipped."""
    creators = [await world.somebody(f"c{number}") for number in range(6)]
    clips = [clip for creator in creators for clip in await world.publish(creator, 8)]
    bo = await world.somebody("bo")
    server = await world.start_server()
    shown: list[UUID] = []
    cursor = None
    for page_level in (Degradation.NONE, level, level, Degradation.NONE, level, Degradation.NONE):
        with degraded(page_level):
            page = await server.for_you(bo, cursor)
        cursor = page["next_cursor"]
        assert page["viewer"] == {"liked": [], "bookmarked": [], "following": []}
        shown += ids_of(page)
    assert len(shown) == len(set(shown))
    assert set(shown) == set(clips)


@CHEAP
async def test_a_block_holds_however_cheap_the_answer(world: World, level: Degradation) -> None:
    """Neither sees the other, whoever of them blocked; nor does anybody meet themselves."""
    ada, bo, cy = [await world.somebody(name) for name in ("ada", "bo", "cy")]
    for creator in (ada, bo, cy):
        await world.publish(creator, 3)
    server = await world.start_server()
    with degraded(level):
        assert str(ada.id) in creators_of(await server.for_you(bo))
        await world.conn.execute(
            "INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)", [ada.id, bo.id]
        )
        await server.follow()
        for viewer in (ada, bo):
            assert set(creators_of(await server.for_you(viewer))) == {str(cy.id)}


async def test_who_has_seen_all_the_cohort_sees_still_gets_clips(world: World) -> None:
    """Never empty: then a page is ranked after all, and repeats say that they are."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    clips = await world.publish(ada, 4)
    server = await world.start_server()
    server.tell(bo, clips[:3])
    with degraded(Degradation.COHORT_FEED):
        page = await server.for_you(bo)
        assert ids_of(page) == clips[3:]
        server.tell(bo, clips[3:])
        assert (await server.for_you(bo, page["next_cursor"]))["has_seen_all"] is True


async def _place(world: World, clips: list[UUID], *, axis: int) -> None:
    vector = bytes(127 if place == axis else 0 for place in range(32))
    await world.conn.execute(
        "SELECT feed_place_videos(%s::uuid[], %s::bytea[])", [clips, [vector] * len(clips)]
    )


async def _like(world: World, viewer: Member, clip: UUID) -> None:
    await world.conn.execute(
        "INSERT INTO likes (viewer_id, video_id) VALUES (%s, %s)", [viewer.id, clip]
    )
