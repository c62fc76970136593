"""The database gone: feeds go on from memory, and what was told meanwhile is written after."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from solstice.feed.snapshots import restore, save
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.migrations import migrate
from solstice.kit.postgres import LocalPostgres
from tests.conftest import free_port
from tests.feed.world import Server, World, ids_of


class OwnPostgres:
    """A PostgreSQL a test may stop and start."""

    def __init__(self, folder: Path) -> None:
        self.server = LocalPostgres(data_dir=folder / "pg", port=free_port(), durable=False)
        self.server.prepare()
        self.dsn = self.server.dsn
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self.server.start()
        self.server.wait_ready()

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        self.server.stop()
        self.process.wait(30)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[OwnPostgres]:
    """A PostgreSQL of this test's own, migrated."""
    postgres = OwnPostgres(tmp_path)
    migrate(postgres.dsn)
    yield postgres
    if postgres.process.returncode is None:
        postgres.stop()


async def test_pages_keep_coming_and_nothing_told_is_lost(
    own_postgres: OwnPostgres, tmp_path: Path
) -> None:
    """Known viewers keep their own page, unknown ones get everybody's, beacons wait."""
    world = World(own_postgres.dsn, tmp_path)
    await world.begin()
    creators = [await world.somebody(f"c{number}") for number in range(4)]
    clips = [clip for creator in creators for clip in await world.publish(creator, 6)]
    bo, stranger = await world.somebody("bo"), await world.somebody("stranger")
    server = await world.start_server()
    first = await server.for_you(bo, limit=6)
    server.tell(bo, ids_of(first), kind="watch", watch_ms=9000)
    await server.memory.hydrate(list(range(server.memory.index.count)))
    await save(server.memory)
    await world.conn.close()
    own_postgres.stop()

    with pytest.raises(DatabaseUnavailable):
        await server.follow()
    second = await server.for_you(bo, first["next_cursor"], limit=6)
    third = await server.for_you(bo, second["next_cursor"], limit=6)
    shown = ids_of(first) + ids_of(second) + ids_of(third)
    assert len(shown) == len(set(shown)) == 18, "full pages, nothing twice"
    assert second["viewer"] is not None
    everybodys = await server.for_you(stranger)
    assert everybodys["viewer"] is None
    assert len(everybodys["items"]) == 8
    with pytest.raises(DatabaseUnavailable):
        await server.flush()
    server.tell(bo, ids_of(second), kind="watch", watch_ms=9000)
    assert not server.memory.outbox.is_empty()

    started_meanwhile = await world.make_server()
    assert restore(started_meanwhile.memory)
    started_meanwhile.memory.loaded.set()
    assert set(ids_of(await started_meanwhile.for_you(stranger))) <= set(clips)

    own_postgres.start()
    await _flush_when_back(server)
    async with await psycopg.AsyncConnection.connect(own_postgres.dsn) as conn:
        cursor = await conn.execute("SELECT coalesce(sum(delta), 0) FROM video_deltas")
        assert await cursor.fetchone() == (12,), "six views before, six while it was away"
    await server.follow()
    await started_meanwhile.follow()
    assert len(started_meanwhile.memory.index) == len(clips)
    await world.database.close()


async def _flush_when_back(server: Server) -> None:
    for _ in range(40):
        try:
            while not server.memory.outbox.is_empty():
                await server.flush()
        except DatabaseUnavailable:
            continue
        return
    raise AssertionError(json.dumps(server.memory.database.stats()))
