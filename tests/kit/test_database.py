"""A transaction commits whole or not at all, knows its request, and never waits without end."""

import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from solstice.drills.faults import stopped
from solstice.kit.context import DEADLINE_AT_S, REQUEST_ID
from solstice.kit.database import (
    Database,
    DatabaseBusy,
    DatabaseSettings,
    DatabaseUnavailable,
)


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """A pool of two connections; on a busy machine PostgreSQL takes its time to make one."""
    pool = Database(DatabaseSettings(dsn=dsn, pool_size=2, pool_wait_s=20.0))
    await pool.open()
    yield pool
    await pool.close()


async def scalar(database: Database, query: str) -> object:
    """Read one value in a transaction of its own."""
    async with database.transaction() as conn:
        row = await (await conn.execute(query)).fetchone()
        assert row is not None
        return row[0]


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    """Half a write is never seen."""
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as conn:
            await conn.execute("INSERT INTO migrations (name, sha256) VALUES ('x', 'x')")
            raise ZeroDivisionError
    assert await scalar(database, "SELECT count(*) FROM migrations WHERE name = 'x'") == 0


async def test_the_request_id_reaches_postgresql(database: Database) -> None:
    """A slow statement can be traced to the click that caused it."""
    token = REQUEST_ID.set("req-7")
    try:
        assert await scalar(database, "SHOW application_name") == "solstice req-7"
    finally:
        REQUEST_ID.reset(token)
    assert await scalar(database, "SHOW application_name") != "solstice req-7"


async def test_a_statement_ends_at_its_deadline(database: Database) -> None:
    """The database works for nobody who has stopped waiting."""
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction(timeout_ms=50) as conn:
            await conn.execute("SELECT pg_sleep(30)")


async def test_reading_cannot_write(database: Database) -> None:
    """A read connection may become a replica's at any time."""
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with database.reading() as conn:
            await conn.execute("INSERT INTO migrations (name, sha256) VALUES ('x', 'x')")


async def test_a_full_pool_refuses_instead_of_queueing_for_ever(database: Database) -> None:
    """Two work, the third is told to come back; 429, since busy is not broken."""
    waits_ms: list[float] = []
    database.observe_waits(waits_ms.append)
    async with database.transaction(), database.transaction():
        token = DEADLINE_AT_S.set(time.monotonic() + 0.3)
        try:
            with pytest.raises(DatabaseBusy) as refused:
                async with database.transaction():
                    pass
        finally:
            DEADLINE_AT_S.reset(token)
    assert refused.value.status == 429
    assert len(waits_ms) == 3
    assert waits_ms[2] >= 200, "whoever guards the pool hears of every wait, the failed one too"


async def test_nobody_waits_longer_than_their_client(database: Database) -> None:
    """What remains of a request's deadline bounds its wait and its statements."""
    token = DEADLINE_AT_S.set(time.monotonic() + 0.05)
    try:
        began_s = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            async with database.transaction() as conn:
                await conn.execute("SELECT pg_sleep(30)")
        assert time.monotonic() - began_s < 2
    finally:
        DEADLINE_AT_S.reset(token)


async def test_a_cut_connection_is_a_clear_failure_and_the_next_one_works(
    database: Database,
) -> None:
    """PostgreSQL restarting is a moment, not an outage."""
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction() as conn:
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await scalar(database, "SELECT 1") == 1


async def test_a_frozen_database_is_given_up_at_a_deadline(dsn: str) -> None:
    """No timeout of a server helps when the server itself stands still."""
    pool = Database(DatabaseSettings(dsn=dsn, pool_size=1, statement_timeout_ms=300))
    await pool.open()
    async with pool.reading() as conn:
        backend_pid = conn.info.backend_pid
    began_s = time.monotonic()
    with stopped(backend_pid):
        with pytest.raises(DatabaseUnavailable):
            async with pool.reading() as conn:
                await conn.execute("SELECT 1")
        assert time.monotonic() - began_s < 3
    assert await scalar(pool, "SELECT 1") == 1
    await pool.close()
