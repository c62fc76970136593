"""Likes and bookmarks of many at once: written together, each answered for itself."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from solstice.community.act import Act
from solstice.community.gathered import Gathered
from solstice.kit.database import Connection, Database, DatabaseSettings
from solstice.kit.ids import new_id
from tests.cast import insert_live_video, insert_member


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    database = Database(DatabaseSettings(dsn=dsn))
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def committed(dsn: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        yield conn


async def count(conn: Connection, table: str, act: Act) -> int:
    """Count rows of one of the two tables."""
    statement = {
        "likes": "SELECT count(*) FROM likes WHERE video_id = %s",
        "bookmarks": "SELECT count(*) FROM bookmarks WHERE video_id = %s",
    }[table]
    row = await (await conn.execute(statement, [act.video_id])).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("kind", ["likes", "bookmarks"])
async def test_who_does_it_at_once_is_answered_when_it_is_there(
    committed: Connection, database: Database, kind: str
) -> None:
    """Everybody's act is a row by then, once; what is not visible is refused, alone."""
    ada = await insert_member(committed, "ada")
    clip = await insert_live_video(committed, ada, visibility="followers")
    stranger = await insert_member(committed, "mallory")
    crowd = [await insert_member(committed, f"fan{n}") for n in range(20)]
    for fan in crowd:
        await committed.execute("INSERT INTO follows VALUES (%s, %s)", [fan.id, ada.id])
    gathering = getattr(Gathered(database), kind)
    acts = [Act(person.id, clip) for person in (*crowd, stranger, *crowd)]
    verdicts = await asyncio.gather(*(gathering.hand_in(act) for act in acts))
    assert verdicts == [True] * 20 + [False] + [True] * 20
    assert await count(committed, kind, acts[0]) == 20


async def test_one_whose_account_is_gone_spoils_nothing(
    committed: Connection, database: Database
) -> None:
    """An account erased a moment ago makes its own like fail, and nobody's who shares the batch."""
    ada = await insert_member(committed, "ada")
    bo = await insert_member(committed, "bo")
    clip = await insert_live_video(committed, ada)
    likes = Gathered(database).likes
    answers = await asyncio.gather(
        likes.hand_in(Act(bo.id, clip)),
        likes.hand_in(Act(new_id(), clip)),
        likes.hand_in(Act(ada.id, clip)),
        return_exceptions=True,
    )
    assert (answers[0], answers[2]) == (True, True)
    assert isinstance(answers[1], psycopg.errors.ForeignKeyViolation)
    assert await count(committed, "likes", Act(bo.id, clip)) == 2
