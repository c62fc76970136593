"""Jobs exist exactly if the data they are about exists."""

from solstice.kit.database import Connection
from solstice.kit.jobs import Job, enqueue


async def _nothing(_resources: object) -> None: ...


async def test_a_job_is_part_of_the_callers_transaction(conn: Connection) -> None:
    """A rolled-back upload leaves no job behind, a committed one always has its job."""
    job = Job(name="test.nothing", run=_nothing)
    before = await _count(conn)
    async with conn.transaction(force_rollback=True):
        await enqueue(conn, job, video_id="x")
        assert await _count(conn) == before + 1
    assert await _count(conn) == before


async def _count(conn: Connection) -> int:
    cursor = await conn.execute("SELECT count(*) FROM procrastinate_jobs")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
