"""PostgreSQL: one pool per process, one transaction per request or job.

Transactions open in handlers and in the worker, never inside a behaviour.  BEGIN carries the
request's id (as `application_name`) and what remains of its deadline (as `statement_timeout`)
in the same round trip, so both are free.

Errors: `DatabaseUnavailable` (503) when no connection can be had or the server goes away, its
kind `DatabaseBusy` (429) when every connection is at work and none was free in time,
`StorageFull` (507) when PostgreSQL's disk is full; both carry Retry-After.
`ValueNotStorable` (400) for text and numbers that PostgreSQL cannot hold.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, LiteralString, NewType

import psycopg
import structlog
from psycopg import AsyncConnection, errors
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from solstice.kit.context import REQUEST_ID, remaining_ms
from solstice.kit.errors import Malformed, StorageFull, Unavailable

Connection = AsyncConnection[TupleRow]
"""A connection inside a read-write transaction."""

ReadConnection = NewType("ReadConnection", AsyncConnection[TupleRow])
"""A connection inside a read-only transaction; its data may lag behind."""

log = structlog.get_logger()

STALL_FACTOR = 2.0
"""A transaction of several statements may take longer than one; twice as long is a stall."""


class DatabaseUnavailable(Unavailable):
    """The database is away for a moment; nothing was lost, please try again."""


class DatabaseBusy(DatabaseUnavailable):
    """The database has more to do than it can; nothing was lost, please try again."""

    # Not 503: a balancer takes servers away for that, and the others get their load as well.
    status = 429


class ValueNotStorable(Malformed):
    """This holds a character or a number that cannot be kept."""


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Where the database is and how long anybody waits for it."""

    dsn: str = ""
    """A libpq connection string; empty means the embedded PostgreSQL of `solstice up`."""
    pool_size: int = 8
    """8 connections saturate PostgreSQL on two cores; more only queue inside it."""
    pool_wait_s: float = 1.0
    pool_waiting_max: int = 256
    connect_timeout_s: int = 2
    statement_timeout_ms: int = 5000


class Database:
    """A bounded pool of connections, and transactions on it."""

    def __init__(self, settings: DatabaseSettings, *, name: str = "solstice") -> None:
        self.settings = settings
        self._lent = 0
        self._note_wait: Callable[[float], None] = _ignore_wait
        self._pool = AsyncConnectionPool(
            settings.dsn,
            kwargs={
                "autocommit": True,
                "application_name": name,
                "connect_timeout": settings.connect_timeout_s,
                "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=30000"
                f" -c statement_timeout={settings.statement_timeout_ms}",
            },
            min_size=1,
            max_size=settings.pool_size,
            max_waiting=settings.pool_waiting_max,
            timeout=settings.pool_wait_s,
            # A dead database is retried for ever, every few seconds: giving up would need a
            # restart by hand once it is back.
            reconnect_timeout=0,
            max_idle=300.0,
            open=False,
        )

    def observe_waits(self, note_wait: Callable[[float], None]) -> None:
        """Tell somebody, in milliseconds and in the waiting task, of every wait for the pool."""
        self._note_wait = note_wait

    def note_wait(self, waited_ms: float) -> None:
        """Hear that the request at hand waited for its turn outside of the pool."""
        self._note_wait(waited_ms)

    async def open(self) -> None:
        """Start connecting in the background; do not wait for the database to be there."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close(timeout=2.0)

    def stats(self) -> dict[str, int]:
        """Report the pool's own counters (size, available, waiting, errors)."""
        return dict(self._pool.get_stats())

    @asynccontextmanager
    async def transaction(self, *, timeout_ms: int | None = None) -> AsyncIterator[Connection]:
        """Open a read-write transaction; it commits when the block ends without an exception."""
        async with self._begin("BEGIN", timeout_ms) as conn:
            yield conn

    @asynccontextmanager
    async def reading(self, *, timeout_ms: int | None = None) -> AsyncIterator[ReadConnection]:
        """Open a read-only transaction; what it reads may lag behind the last write."""
        async with self._begin("BEGIN READ ONLY", timeout_ms) as conn:
            yield ReadConnection(conn)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """Hand out a connection for exactly one statement, which is a transaction of its own.

        For the most frequent writes: it saves the round trips of BEGIN and COMMIT, three quarters
        of what a like costs.  `statement_timeout_ms` bounds it; the request's id is on it only
        if the statement sets it.
        """
        async with self._connection(self.settings.statement_timeout_ms) as conn:
            yield conn

    @asynccontextmanager
    async def _begin(
        self, begin: LiteralString, timeout_ms: int | None
    ) -> AsyncIterator[Connection]:
        ceiling_ms = timeout_ms or self.settings.statement_timeout_ms
        async with self._connection(ceiling_ms) as conn:
            opening = (
                f"{begin}; SET LOCAL statement_timeout = {remaining_ms(ceiling_ms)}; "
                f"SET LOCAL application_name = 'solstice {REQUEST_ID.get()}'"
            )
            # The id was checked by `decide_request_id`: letters, digits, dot, dash only.
            await conn.execute(opening)
            try:
                yield conn
            except BaseException:
                await _roll_back(conn)
                raise
            await conn.execute("COMMIT")

    @asynccontextmanager
    async def _connection(self, ceiling_ms: int) -> AsyncIterator[Connection]:
        """Lend a connection, at the longest for `STALL_FACTOR` times a statement's time.

        The server's own timeouts do not help when it is frozen, or a switch swallows its answers:
        only a deadline on this side does.
        """
        stalled_s = STALL_FACTOR * ceiling_ms / 1000
        with _translated_errors():
            async with AsyncExitStack() as lending:
                conn = await self._borrow(lending)
                watchdog = asyncio.get_running_loop().call_later(stalled_s, _hang_up, conn)
                try:
                    yield conn
                finally:
                    watchdog.cancel()
                    self._lent -= 1

    async def _borrow(self, lending: AsyncExitStack) -> Connection:
        """Wait for a connection no longer than the request's client does."""
        began_s = time.monotonic()
        wait_max_s = remaining_ms(round(self.settings.pool_wait_s * 1000)) / 1000
        try:
            conn = await lending.enter_async_context(self._pool.connection(timeout=wait_max_s))
        except (PoolTimeout, TooManyRequests) as error:
            if self._lent >= self.settings.pool_size:
                raise DatabaseBusy from error
            raise
        finally:
            self._note_wait((time.monotonic() - began_s) * 1000)
        self._lent += 1
        return conn


def _ignore_wait(_waited_ms: float) -> None:
    """Listen to nobody: the default."""


def _hang_up(conn: Connection) -> None:
    """Cut the connection under a statement that will never be answered: it fails at once."""
    log.error("database.stalled")
    with suppress(OSError):
        sock = socket.socket(fileno=os.dup(conn.fileno()))
        with sock:
            sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn the driver's failures into what callers are told."""
    try:
        yield
    except errors.DiskFull as error:
        raise StorageFull from error
    except (errors.NumericValueOutOfRange, errors.CharacterNotInRepertoire) as error:
        raise ValueNotStorable from error
    except psycopg.DataError as error:
        if error.sqlstate is not None:
            raise
        # Refused before it was sent: text with a zero byte, which PostgreSQL cannot hold.
        raise ValueNotStorable from error
    except (PoolTimeout, TooManyRequests, PoolClosed) as error:
        raise DatabaseUnavailable from error
    except psycopg.OperationalError as error:
        log.warning("database.unavailable", error=str(error).splitlines()[:1])
        raise DatabaseUnavailable from error


async def _roll_back(conn: Connection) -> None:
    """Roll back unless the connection is already gone, in which case the server does it."""
    if conn.closed:
        return
    try:
        await conn.execute("ROLLBACK")
    except psycopg.Error:
        await conn.close()


def only_row(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the row of a statement that cannot come back empty."""
    if row is None:  # pragma: no cover - a broken statement, not a state of the world
        raise AssertionError("the statement returned no row")
    return row
