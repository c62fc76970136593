"""Leaving: thirty days to reconsider, then nothing is left."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from solstice.accounts.deletion import erase_due_accounts
from solstice.kit.database import Connection
from solstice.kit.resources import Resources
from solstice.resources import build_resources
from solstice.settings import Settings
from tests.cast import PASSWORD, Person
from tests.placed import Hand, Place


@pytest.fixture
async def resources(settings: Settings, clock: Hand) -> AsyncIterator[Resources]:
    """The worker's outside world, with the clock the test moves."""
    built = build_resources(settings, clock=clock)
    await built.database.open()
    yield built
    await built.database.close()


async def _leave(person: Person, password: str = PASSWORD) -> int:
    return (await person.http.put("/v1/me/deletion", json={"password": password})).status_code


async def _exists(resources: Resources, account_id: UUID) -> bool:
    async with resources.database.reading() as conn:
        cursor = await conn.execute("SELECT 1 FROM accounts WHERE id = %s", [account_id])
        return await cursor.fetchone() is not None


async def test_leaving_needs_the_password(place: Place) -> None:
    """Who finds an open browser cannot delete somebody's account."""
    ada = await place.sign_up()
    assert await _leave(ada, "not this one") == 403
    assert (await ada.http.get("/v1/me")).json()["deletion_due_at"] is None


async def test_somebody_who_leaves_is_told_the_day_and_can_stay_after_all(
    place: Place, clock: Hand
) -> None:
    """Thirty days; asking again does not move the day; logging in is still possible."""
    ada = await place.sign_up()
    assert await _leave(ada) == 202
    due = datetime.fromisoformat((await ada.http.get("/v1/me")).json()["deletion_due_at"])
    assert due - clock() == timedelta(days=30)
    clock.move(days=10)
    assert await _leave(ada) == 202
    later = place.client()
    assert (await place.log_in(later, ada.name)).status_code == 201
    assert datetime.fromisoformat((await later.get("/v1/me")).json()["deletion_due_at"]) == due
    assert (await later.delete("/v1/me/deletion")).status_code == 204
    assert (await later.get("/v1/me")).json()["deletion_due_at"] is None


async def test_leaving_ends_the_other_sessions(place: Place) -> None:
    """Nobody goes on elsewhere as if nothing had happened."""
    ada = await place.sign_up()
    other = place.client()
    await place.log_in(other, ada.name)
    assert await _leave(ada) == 202
    assert len((await ada.http.get("/v1/sessions")).json()["items"]) == 1


async def test_after_thirty_days_nothing_is_left(
    place: Place, clock: Hand, resources: Resources
) -> None:
    """First the sessions end, then, when no token can be believed any more, the data go."""
    ada, bo = await place.sign_up(), await place.sign_up()
    assert await _leave(ada) == 202
    clock.move(days=29, hours=23)
    await erase_due_accounts(resources, ())
    assert (await place.log_in(place.client(), ada.name)).status_code == 201
    clock.move(hours=2)
    await erase_due_accounts(resources, ())
    assert await _exists(resources, ada.id)
    assert (await place.log_in(place.client(), ada.name)).status_code == 401
    assert (await ada.http.get("/v1/me")).status_code == 401
    clock.move(minutes=17)
    erased: list[UUID] = []

    async def erase(_conn: Connection, account_id: UUID) -> None:
        erased.append(account_id)

    assert await erase_due_accounts(resources, (erase,)) >= 1
    assert ada.id in erased
    assert not await _exists(resources, ada.id)
    assert await _exists(resources, bo.id)


async def test_a_feature_that_fails_leaves_the_account_whole(
    place: Place, clock: Hand, resources: Resources
) -> None:
    """One transaction: the next run begins anew."""
    ada = await place.sign_up()
    assert await _leave(ada) == 202
    clock.move(days=30)
    await erase_due_accounts(resources, ())  # ends the sessions
    clock.move(minutes=20)

    async def fail(_conn: Connection, _account_id: UUID) -> None:
        raise RuntimeError("this feature is broken")

    assert await erase_due_accounts(resources, (fail,)) == 0
    assert await _exists(resources, ada.id)
    assert await erase_due_accounts(resources, ()) >= 1
    assert not await _exists(resources, ada.id)


async def test_too_late_is_too_late(place: Place, clock: Hand) -> None:
    """Once deletion has begun nobody is told that they stay."""
    ada = await place.sign_up()
    assert await _leave(ada) == 202
    clock.move(days=29)
    later = place.client()
    await place.log_in(later, ada.name)
    clock.move(days=1, minutes=1)
    assert (await later.delete("/v1/me/deletion")).status_code == 409
