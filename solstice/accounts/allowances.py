"""Allowances: so many tries at once, then one after a growing wait, and all is forgotten in time.

Kept in PostgreSQL so that they hold across processes and restarts; a try that needs a password
needs the database anyway.  A try is counted before its outcome is known, so a hundred at once
do not all pass; a refused one is not counted, so nobody can keep somebody else waiting longer
by being refused.  Whoever succeeds gets the try back.
"""

from dataclasses import dataclass
from datetime import datetime

from solstice.accounts.errors import TooManyAttempts
from solstice.kit.database import Connection

_WAIT_S = """
    CASE
        WHEN greatest(0, a.used - abs(extract(epoch FROM %(at)s - a.last_at)) / %(forget_s)s)
            < %(free)s THEN 0
        ELSE least(%(wait_max_s)s, %(wait_s)s * power(2, least(30, greatest(0,
            a.used - abs(extract(epoch FROM %(at)s - a.last_at)) / %(forget_s)s - %(free)s))))
    END
"""
"""The wait after the last try; `abs`, so that a clock set back does not lock anybody out."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many tries are free; then the wait doubles with each; one is forgotten every so often."""

    free: int
    wait_s: float
    wait_max_s: float
    forget_s: float


async def spend(conn: Connection, allowance: Allowance, *, bucket: str, at: datetime) -> None:
    """Count one try.

    Errors: TooManyAttempts (429) with the time to wait.
    """
    values = {
        "bucket": bucket,
        "at": at,
        "free": allowance.free,
        "wait_s": allowance.wait_s,
        "wait_max_s": allowance.wait_max_s,
        "forget_s": allowance.forget_s,
    }
    counted = await conn.execute(
        f"""
        INSERT INTO allowances AS a (bucket, used, last_at) VALUES (%(bucket)s, 1, %(at)s)
        ON CONFLICT (bucket) DO UPDATE SET last_at = %(at)s, used = 1 + greatest(0,
            a.used - abs(extract(epoch FROM %(at)s - a.last_at)) / %(forget_s)s)
        WHERE abs(extract(epoch FROM %(at)s - a.last_at)) >= {_WAIT_S}
        """,
        values,
    )
    if counted.rowcount == 1:
        return
    cursor = await conn.execute(
        f"""
        SELECT {_WAIT_S} - abs(extract(epoch FROM %(at)s - a.last_at))
        FROM allowances a WHERE a.bucket = %(bucket)s
        """,
        values,
    )
    row = await cursor.fetchone()
    raise TooManyAttempts(wait_s=max(1.0, float(row[0]) if row else 1.0))


async def give_back(conn: Connection, *, bucket: str) -> None:
    """Take one try out of the count again."""
    await conn.execute(
        "UPDATE allowances SET used = greatest(0, used - 1) WHERE bucket = %(bucket)s",
        {"bucket": bucket},
    )


async def forget(conn: Connection, *, bucket: str) -> None:
    """Begin anew with a full allowance."""
    await conn.execute("DELETE FROM allowances WHERE bucket = %(bucket)s", {"bucket": bucket})


async def delete_old_allowances(conn: Connection, *, before: datetime) -> int:
    """Forget allowances nobody has used since an instant; returns how many."""
    cursor = await conn.execute(
        """
        DELETE FROM allowances WHERE bucket IN (
            SELECT bucket FROM allowances WHERE last_at < %(before)s LIMIT 10000
        )
        """,
        {"before": before},
    )
    return cursor.rowcount
