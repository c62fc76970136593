"""Following the database: nothing is missed, however late it commits."""

import psycopg

from tests.cast import insert_live_video
from tests.feed.world import World, ids_of


async def test_a_transaction_that_commits_late_is_not_missed(world: World) -> None:
    """A clip published by a slow transaction appears although younger ones were read before."""
    ada = await world.somebody("ada")
    server = await world.start_server()
    async with await psycopg.AsyncConnection.connect(world.dsn) as slow:
        late = await insert_live_video(slow, ada)
        (early,) = await world.publish(ada)
        await server.follow()
        assert ids_of(await server.for_you(None)) == [early]
    await server.follow()
    assert set(ids_of(await server.for_you(None))) == {early, late}


async def test_a_deleted_row_leaves_memory(world: World) -> None:
    """Also when the row itself is gone, as after an account's erasure."""
    ada, bo = await world.somebody("ada"), await world.somebody("bo")
    await world.publish(ada, 2)
    (kept,) = await world.publish(bo)
    server = await world.start_server()
    await world.conn.execute("DELETE FROM accounts WHERE id = %s", [ada.id])
    await server.follow()
    assert ids_of(await server.for_you(None)) == [kept]


async def test_a_leaving_or_hidden_creator_is_not_shown_and_comes_back(world: World) -> None:
    """What happens to an account happens to its clips."""
    ada = await world.somebody("ada")
    clips = await world.publish(ada, 2)
    server = await world.start_server()
    await world.conn.execute("UPDATE accounts SET hidden_at = now() WHERE id = %s", [ada.id])
    await server.follow()
    assert ids_of(await server.for_you(None)) == []
    await world.conn.execute("UPDATE accounts SET hidden_at = NULL WHERE id = %s", [ada.id])
    await server.follow()
    assert set(ids_of(await server.for_you(None))) == set(clips)


async def test_reading_everything_anew_finds_what_no_log_told(world: World) -> None:
    """The whole reading removes what is gone and keeps what viewers were given."""
    ada = await world.somebody("ada")
    gone, kept = await world.publish(ada, 2)
    server = await world.start_server()
    async with await psycopg.AsyncConnection.connect(world.dsn) as conn:
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute("DELETE FROM videos WHERE id = %s", [gone])
    await server.follow()
    assert len(server.memory.index) == 2, "nothing told"
    await server.follower.load_all()
    assert len(server.memory.index) == 1
    assert ids_of(await server.for_you(None)) == [kept]
