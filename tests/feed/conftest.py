"""A database of its own for the feed: its promises are about all videos there are."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from solstice.kit.migrations import migrate
from solstice.kit.postgres import LocalPostgres
from tests.feed.world import World


@pytest.fixture(scope="session")
def feed_dsn(postgres: LocalPostgres) -> str:
    """A second database in the run's PostgreSQL, migrated."""
    with psycopg.connect(postgres.dsn, autocommit=True) as conn:
        conn.execute("CREATE DATABASE feed")
    dsn = psycopg.conninfo.make_conninfo(postgres.dsn, dbname="feed")
    migrate(dsn)
    return dsn


@pytest.fixture
async def world(feed_dsn: str, tmp_path: Path) -> AsyncIterator[World]:
    """An empty platform whose servers a test starts and stops."""
    world = World(feed_dsn, tmp_path)
    await world.begin()
    yield world
    await world.end()
