"""Gathering: what arrives while a write is in flight is written together by the next one."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from solstice.kit.context import DEADLINE_AT_S, REQUEST_ID
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.gathering import BATCH_MAX, WAITING_MAX, Gathering
from solstice.kit.ids import new_id


class Table:
    """Rows that are written when the test lets them, as a database would be slow or refuse."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.request_ids: list[str] = []
        self.open = asyncio.Event()
        self.is_away = False

    async def write(self, items: Sequence[str]) -> list[str]:
        """Write all or nothing; nobody can write "bad"."""
        self.batches.append(list(items))
        self.request_ids.append(REQUEST_ID.get())
        await self.open.wait()
        if self.is_away:
            raise DatabaseUnavailable
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


async def begin(gathering: Gathering[str, str], *items: str) -> list[asyncio.Task[str]]:
    """Hand items in, each from a task of its own, and let the first batch begin."""
    tasks = [asyncio.create_task(gathering.hand_in(item)) for item in items]
    for _ in range(4):
        await asyncio.sleep(0)
    return tasks


async def test_the_first_goes_at_once_and_the_others_together() -> None:
    """Alone a write waits for nobody; each gets its own verdict, and not before it is written."""
    table = Table()
    gathering = Gathering(table.write)
    first = await begin(gathering, "a")
    later = await begin(gathering, "b", "c", "d")
    assert table.batches == [["a"]]
    assert not any(task.done() for task in first + later)
    table.open.set()
    assert await asyncio.gather(*first, *later) == ["A", "B", "C", "D"]
    assert table.batches == [["a"], ["b", "c", "d"]]
    assert await gathering.hand_in("e") == "E"


async def test_no_more_go_together_than_told_and_whoever_waits_is_heard_of() -> None:
    """What is done with the verdicts has its own cost; admission has to know of the queue."""
    table, waits_ms = Table(), list[float]()
    gathering = Gathering(table.write, batch_max=2, note_wait=waits_ms.append)
    tasks = [*await begin(gathering, "a"), *await begin(gathering, "b", "c", "d")]
    table.open.set()
    await asyncio.gather(*tasks)
    assert table.batches == [["a"], ["b", "c"], ["d"]]
    assert len(waits_ms) == 4
    assert min(waits_ms) >= 0


async def test_a_bad_one_fails_alone() -> None:
    """Whoever shares a statement with something that cannot be written is written all the same."""
    table = Table()
    table.open.set()
    answers = await asyncio.gather(
        *(await begin(Gathering(table.write), "a", "bad", "c")), return_exceptions=True
    )
    assert [answers[0], answers[2]] == ["A", "C"]
    assert isinstance(answers[1], ValueError)


async def test_a_database_that_is_away_is_asked_once_for_all() -> None:
    """Everybody hears 503; asking again for each would only be more of the same waiting."""
    table = Table()
    table.is_away = True
    table.open.set()
    answers = await asyncio.gather(
        *(await begin(Gathering(table.write), "a", "b")), return_exceptions=True
    )
    assert all(isinstance(answer, DatabaseUnavailable) for answer in answers)
    assert table.batches == [["a", "b"]]


async def test_the_queue_is_bounded_and_batches_are() -> None:
    """What finds the queue full is refused at once; a batch holds no more than its maximum."""
    table = Table()
    gathering = Gathering(table.write)
    first = await begin(gathering, "a")
    waiting = await begin(gathering, *("b" for _ in range(WAITING_MAX)))
    with pytest.raises(DatabaseUnavailable):
        await gathering.hand_in("c")
    table.open.set()
    assert len(await asyncio.gather(*first, *waiting)) == 1 + WAITING_MAX
    assert max(len(batch) for batch in table.batches) == BATCH_MAX


async def test_who_has_left_or_is_late_is_not_written() -> None:
    """A request past its deadline hears 503, and the next statement goes without it."""
    table = Table()
    gathering = Gathering(table.write)
    first = await begin(gathering, "a")
    gone = await begin(gathering, "gone")
    gone[0].cancel()
    last = await begin(gathering, "z")
    DEADLINE_AT_S.set(time.monotonic())
    late = await begin(gathering, "late")
    table.open.set()
    with pytest.raises(DatabaseUnavailable):
        await late[0]
    assert await asyncio.gather(*first, *last) == ["A", "Z"]
    assert table.batches == [["a"], ["z"]]


async def test_a_statement_carries_the_id_of_a_request_in_it() -> None:
    """A slow statement can be traced to somebody who waits for it."""
    table = Table()
    gathering = Gathering(table.write)
    table.open.set()
    asked = new_id().hex
    REQUEST_ID.set(asked)
    await gathering.hand_in("a")
    assert table.request_ids == [asked]
