"""Following: strictly by time, everything of those one follows, nothing else."""

from tests.cast import Member
from tests.feed.world import World, ids_of


async def test_the_newest_come_first_and_followers_only_clips_are_there(world: World) -> None:
    """Following is where clips for followers are met; For You never shows them."""
    ada, bo, mallory = [await world.somebody(name) for name in ("ada", "bo", "mallory")]
    (old,) = await world.publish(ada)
    (secret,) = await world.publish(ada, visibility="followers")
    await world.publish(mallory)
    await _follow(world, bo, ada)
    server = await world.start_server()
    page = await server.following(bo)
    assert ids_of(page) == [secret, old]
    assert page["viewer"]["following"] == [str(ada.id)]
    assert secret not in ids_of(await server.for_you(bo))


async def test_pages_go_on_where_the_last_ended_though_new_clips_arrive(world: World) -> None:
    """No clip is skipped or repeated by what is published between two pages."""
    ada, cy, bo = [await world.somebody(name) for name in ("ada", "cy", "bo")]
    clips = [clip for _ in range(5) for who in (ada, cy) for clip in await world.publish(who)]
    for creator in (ada, cy):
        await _follow(world, bo, creator)
    server = await world.start_server()
    first = await server.following(bo, limit=4)
    (new,) = await world.publish(ada)
    await server.follower.follow()
    second = await server.following(bo, first["next_cursor"], limit=4)
    third = await server.following(bo, second["next_cursor"], limit=4)
    shown = ids_of(first) + ids_of(second) + ids_of(third)
    assert len(shown) == len(clips)
    assert set(shown) == set(clips)
    times = [item["published_at"][:23] for page in (first, second, third) for item in page["items"]]
    assert times == sorted(times, reverse=True), "newest first, to the millisecond"
    assert third["next_cursor"] is None
    assert ids_of(await server.following(bo, limit=1)) == [new], "before the next pooling, too"


async def test_whom_one_mutes_is_not_there(world: World) -> None:
    """A mute holds in Following although the follow stays."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada)
    await _follow(world, bo, ada)
    await world.conn.execute(
        "INSERT INTO mutes (muter_id, muted_id) VALUES (%s, %s)", [bo.id, ada.id]
    )
    assert ids_of(await (await world.start_server()).following(bo)) == []


async def _follow(world: World, follower: Member, followed: Member) -> None:
    await world.conn.execute(
        "INSERT INTO follows (follower_id, followed_id) VALUES (%s, %s)",
        [follower.id, followed.id],
    )
