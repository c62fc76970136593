"""For You: what every viewer is promised about their next page."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from solstice.admission.degradation import Degradation
from solstice.feed.keys import key_of
from tests.cast import Member
from tests.feed.load import degraded
from tests.feed.world import Server, World, creators_of, ids_of


async def test_a_newcomer_without_account_gets_clips_and_no_personal_part(world: World) -> None:
    """The first page needs no account, and nothing about the viewer is in it."""
    ada = await world.somebody("ada")
    clips = await world.publish(ada, 3)
    page = await (await world.start_server()).for_you(None)
    assert set(ids_of(page)) == set(clips)
    assert page["viewer"] is None
    assert page["has_seen_all"] is False


async def test_counts_of_a_card_are_those_of_the_database(world: World) -> None:
    """A card's counts are the folded ones, and follow them."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    assert (await server.for_you(None))["items"][0]["like_count"] == 0
    await world.conn.execute(
        "UPDATE video_counts SET like_count = 7, updated_at = now() WHERE video_id = %s", [clip]
    )
    await server.follow()
    assert (await server.for_you(None))["items"][0]["like_count"] == 7


async def test_nobody_is_shown_their_own_clips(world: World) -> None:
    """A creator's For You is made of what others made."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada, 3)
    of_bo = await world.publish(bo, 3)
    page = await (await world.start_server()).for_you(ada)
    assert set(ids_of(page)) == set(of_bo)


async def test_a_page_marks_what_its_viewer_liked_bookmarked_and_follows(world: World) -> None:
    """Hearts, bookmarks and the follow button are right on the first look."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    liked, kept = await world.publish(ada, 2)
    for table, clip in (("likes", liked), ("bookmarks", kept)):
        await world.conn.execute(
            f"INSERT INTO {table} (viewer_id, video_id) VALUES (%s, %s)", [bo.id, clip]
        )
    await _follow(world, bo, ada)
    page = await (await world.start_server()).for_you(bo)
    assert page["viewer"] == {
        "liked": [str(liked)],
        "bookmarked": [str(kept)],
        "following": [str(ada.id)],
    }


async def test_a_block_empties_the_next_page_of_both(world: World) -> None:
    """After a second neither sees the other, whoever of them blocked."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada, 2)
    await world.publish(bo, 2)
    server = await world.start_server()
    assert len(ids_of(await server.for_you(ada))) == len(ids_of(await server.for_you(bo))) == 2
    await world.conn.execute(
        "INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)", [ada.id, bo.id]
    )
    await server.follow()
    assert ids_of(await server.for_you(ada)) == []
    assert ids_of(await server.for_you(bo)) == []


async def test_a_hidden_clip_is_gone_from_a_queue_that_was_made_before(world: World) -> None:
    """A moderator's decision reaches pages in progress, not only new ones."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada, 4)
    await world.publish(bo, 4)
    server = await world.start_server()
    first = await server.for_you(None, limit=2)
    await world.conn.execute("UPDATE videos SET hidden_at = now() WHERE creator_id = %s", [bo.id])
    await server.follow()
    following = await server.for_you(None, first["next_cursor"], limit=8)
    assert set(creators_of(following)) == {str(ada.id)}


async def test_when_all_is_seen_the_longest_unseen_comes_again_and_the_page_says_so(
    world: World,
) -> None:
    """Never empty, and honest about it."""
    creators = [await world.somebody(f"c{number}") for number in range(3)]
    clips = [clip for creator in creators for clip in await world.publish(creator, 4)]
    bo = await world.somebody("bo")
    server = await world.start_server()
    server.tell(bo, clips)
    page = await server.for_you(bo, limit=6)
    assert page["has_seen_all"] is True
    assert set(ids_of(page)) <= set(clips[:6]), "the half seen longest ago comes first"


async def test_a_like_on_one_server_shows_on_the_next_page_of_another(world: World) -> None:
    """Servers learn of each other's viewers within a second."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    (clip,) = await world.publish(ada)
    here = await world.start_server()
    assert (await here.for_you(bo))["viewer"]["liked"] == []
    await world.conn.execute(
        "INSERT INTO likes (viewer_id, video_id) VALUES (%s, %s)", [bo.id, clip]
    )
    await here.follow()
    assert (await here.for_you(bo))["viewer"]["liked"] == [str(clip)]


async def test_a_creators_new_name_is_on_the_next_page(world: World) -> None:
    """Cards in memory are read anew when what they show changes."""
    ada = await world.somebody("ada")
    await world.publish(ada)
    server = await world.start_server()
    await server.for_you(None)
    await world.conn.execute(
        "UPDATE accounts SET display_name = 'Countess' WHERE id = %s", [ada.id]
    )
    await server.follow()
    page = await server.for_you(None)
    assert page["items"][0]["creator"]["display_name"] == "Countess"


LEVELS = {"page": Degradation.NONE, "page under load": Degradation.COHORT_FEED}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [*LEVELS, "page", "page", "fresh", "flush", "follow", "restart", "publish"]
        ),
        st.integers(0, 1),
        st.integers(1, 10),
    ),
    min_size=5,
    max_size=16,
)


@given(
    creator_counts=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    steps=STEPS,
    is_signed_in=st.booleans(),
)
@settings(
    max_examples=15,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_pages_never_repeat_never_run_dry_and_never_show_a_creator_twice_in_a_row(
    world: World,
    creator_counts: list[int],
    steps: list[tuple[str, int, int]],
    is_signed_in: bool,  # noqa: FBT001
) -> None:
    """Whatever the order of pages, beacons, renewals, refreshes, restarts and load on two servers.

    A viewer's browser keeps its cursor and tells what it showed; a server that ends writes its
    beacons first.  A clip comes again only after the page has said that all were seen; a
    creator follows themselves only when nobody else's clip is left.
    """
    await world.empty()
    creators = [await world.somebody(f"c{number}") for number in range(len(creator_counts))]
    owner_of = {
        clip: str(creator.id)
        for creator, count in zip(creators, creator_counts, strict=True)
        for clip in await world.publish(creator, count)
    }
    viewer = await world.somebody("bo") if is_signed_in else None
    servers = [await world.start_server(), await world.start_server()]
    browser = Browser(viewer, owner_of)
    for step, place, size in steps:
        server = servers[place]
        if step in LEVELS:
            with degraded(LEVELS[step]):
                await browser.swipe(server, limit=size)
        elif step == "fresh" and viewer is not None:
            for each in servers:
                await each.flush()
            for each in servers:
                await each.follow()
            browser.cursor = None
            await browser.swipe(server, limit=size)
        elif step == "flush":
            await server.flush()
        elif step == "follow":
            await server.follow()
            server.renew()
        elif step == "restart":
            await server.flush()
            servers[place] = await world.start_server()
        elif step == "publish":
            (clip,) = await world.publish(creators[0])
            owner_of[clip] = str(creators[0].id)
            await server.follow()


class Browser:
    """A viewer's browser that checks every promise on every page."""

    def __init__(self, viewer: Member | None, owner_of: dict[UUID, str]) -> None:
        self.viewer = viewer
        self.owner_of = owner_of
        self.cursor: str | None = None
        self.shown: list[UUID] = []

    async def swipe(self, server: Server, *, limit: int) -> None:
        """Ask for the next page, look at it, tell that it was shown."""
        page = await server.for_you(self.viewer, self.cursor, limit=limit)
        clips = ids_of(page)
        assert clips, "a page is never empty"
        assert len(clips) == len(set(clips)) or page["has_seen_all"]
        assert len(clips) <= limit
        if not page["has_seen_all"] and self.cursor is not None:
            assert not set(clips) & set(self.shown), "no clip twice"
        self._require_alternation(server, page)
        self.cursor = page["next_cursor"]
        self.shown += clips
        server.tell(self.viewer, clips)

    def _require_alternation(self, server: Server, page: dict[str, Any]) -> None:
        index = server.memory.index
        known = {clip for clip in self.owner_of if index.find_slot(key_of(clip)) >= 0}
        order = [self.owner_of[clip] for clip in ids_of(page)]
        shown = set(self.shown)
        before = self.owner_of[self.shown[-1]] if self.cursor and self.shown else None
        for place, (clip, owner) in enumerate(zip(ids_of(page), order, strict=True)):
            previous = order[place - 1] if place else before
            if owner == previous and not page["has_seen_all"]:
                left = {self.owner_of[other] for other in known - shown}
                assert left == {owner}, "a creator follows themselves only when alone"
            shown.add(clip)


async def _follow(world: World, follower: Member, followed: Member) -> None:
    await world.conn.execute(
        "INSERT INTO follows (follower_id, followed_id) VALUES (%s, %s)",
        [follower.id, followed.id],
    )
