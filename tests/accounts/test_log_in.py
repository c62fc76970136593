"""Logging in: guessing is slow from everywhere, and never locks the owner out."""

import asyncio

from solstice.kit.ids import new_id
from tests.cast import PASSWORD
from tests.placed import Place

HOME, CAFE, BOTNET = "192.0.2.10", "198.51.100.20", "203.0.113.{}"


async def _guess(place: Place, name: str, network: str, times: int) -> list[int]:
    answers = [
        await place.log_in(place.client(network), name, f"guess number {number}")
        for number in range(times)
    ]
    return [answer.status_code for answer in answers]


def _network() -> str:
    return f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-8:-4]}::1"


async def test_name_and_password_open_the_account_in_any_case_of_the_name(place: Place) -> None:
    """Phones like to begin with a capital letter."""
    ada = await place.sign_up()
    client = place.client()
    answer = await place.log_in(client, ada.name.capitalize())
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == str(ada.id)
    assert (await client.get("/v1/me")).json()["name"] == ada.name


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(place: Place) -> None:
    """Nobody learns who has an account here."""
    ada = await place.sign_up()
    wrong = await place.log_in(place.client(_network()), ada.name, "not this one")
    unknown = await place.log_in(place.client(_network()), f"p{new_id().hex[-12:]}", "not this one")
    reserved = await place.log_in(place.client(_network()), "admin", "not this one")
    assert wrong.status_code == unknown.status_code == reserved.status_code == 401
    said = [{**answer.json(), "request_id": ""} for answer in (wrong, unknown, reserved)]
    assert said[0] == said[1] == said[2]
    assert "set-cookie" not in wrong.headers


async def test_a_log_in_begins_a_session_of_its_own_and_ends_the_browsers_last(
    place: Place,
) -> None:
    """A session planted before log-in is not the one used after it (fixation)."""
    ada = await place.sign_up()
    before = ada.http.cookies["solstice_session"]
    assert (await place.log_in(ada.http, ada.name)).status_code == 201
    after = ada.http.cookies["solstice_session"]
    assert after != before
    old = place.client()
    old.cookies.set("solstice_session", before)
    assert (await old.get("/v1/me")).status_code == 401
    listed = (await ada.http.get("/v1/sessions")).json()["items"]
    assert len(listed) == 1


async def test_guessing_from_one_network_is_slowed_down(place: Place) -> None:
    """Five at once; then each costs a wait, which the answer tells, and the wait doubles."""
    ada = await place.sign_up()
    network = _network()
    assert await _guess(place, ada.name, network, 7) == [401] * 5 + [429] * 2
    refused = await place.log_in(place.client(network), ada.name, "one more")
    assert int(refused.headers["retry-after"]) >= 1
    place.clock.move(seconds=2)
    assert await _guess(place, ada.name, network, 2) == [401, 429]
    place.clock.move(seconds=1)
    assert await _guess(place, ada.name, network, 1) == [429]
    place.clock.move(hours=6)
    assert await _guess(place, ada.name, network, 6) == [401] * 5 + [429]


async def test_a_hundred_guesses_at_once_do_not_all_pass(place: Place) -> None:
    """A try is counted before its outcome is known."""
    ada = await place.sign_up()
    network = _network()
    answers = await asyncio.gather(
        *(place.log_in(place.client(network), ada.name, f"guess {n}") for n in range(30))
    )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) == 5
    assert statuses.count(429) == 25


async def test_the_right_password_is_not_let_through_while_waiting(place: Place) -> None:
    """Otherwise the wait would tell a guesser when to stop."""
    ada = await place.sign_up()
    network = _network()
    await _guess(place, ada.name, network, 6)
    assert (await place.log_in(place.client(network), ada.name)).status_code == 429


async def test_guessers_elsewhere_do_not_lock_the_owner_out(place: Place) -> None:
    """A botnet uses up what unknown places share; the owner's network and browser are known."""
    home = _network()
    ada = await place.sign_up(network=home)
    for number in range(40):
        await _guess(place, ada.name, BOTNET.format(number), 1)
    assert await _guess(place, ada.name, _network(), 1) == [429]
    assert (await place.log_in(place.client(home), ada.name)).status_code == 201


async def test_a_thousand_addresses_guess_no_faster_than_one(place: Place) -> None:
    """Thirty tries from anywhere, then at most one a minute for all of them together."""
    ada = await place.sign_up(network=_network())

    async def botnet(block: int) -> int:
        statuses = []
        for number in range(60):
            statuses += await _guess(place, ada.name, f"2001:db8:{block}:{number:x}::1", 1)
        return statuses.count(401)

    assert await botnet(0) <= 31
    place.clock.move(minutes=1)
    assert await botnet(1) <= 1


async def test_a_guesser_behind_the_same_address_does_not_lock_the_owner_out(
    place: Place,
) -> None:
    """The owner's browser remembers the account, with an allowance of its own."""
    cafe = _network()
    ada = await place.sign_up(network=cafe)
    assert (await ada.http.delete("/v1/sessions/current")).status_code == 204
    await _guess(place, ada.name, cafe, 8)
    assert (await place.log_in(place.client(cafe), ada.name)).status_code == 429
    assert (await place.log_in(ada.http, ada.name)).status_code == 201


async def test_the_memory_of_a_browser_opens_nothing_and_serves_one_account(
    place: Place,
) -> None:
    """It is an allowance, not a key; stolen it gives five tries at once and no more."""
    ada, bo = await place.sign_up(), await place.sign_up()
    thief = place.client(_network())
    device = next(c for c in ada.http.cookies.jar if c.name == "solstice_device")
    thief.cookies.set("solstice_device", device.value or "")
    assert (await thief.get("/v1/me")).status_code == 401
    statuses = [(await place.log_in(thief, ada.name, "wrong")).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    thief.cookies.set("solstice_session", device.value or "")
    assert (await thief.get("/v1/me")).status_code == 401
    assert (await place.log_in(thief, bo.name)).status_code == 201


async def test_trying_a_list_of_names_from_one_network_is_slowed_down(place: Place) -> None:
    """One password against many names is the other way to guess."""
    network = _network()
    statuses = []
    for _ in range(60):
        statuses += await _guess(place, f"p{new_id().hex[-12:]}", network, 1)
    assert statuses[:50] == [401] * 50
    assert statuses.count(401) <= 52


async def test_success_gives_the_tries_back(place: Place) -> None:
    """Somebody who mistypes twice a day for a year is never made to wait."""
    ada = await place.sign_up()
    network = _network()
    for _ in range(5):
        assert await _guess(place, ada.name, network, 3) == [401] * 3
        assert (await place.log_in(place.client(network), ada.name)).status_code == 201


async def test_a_clock_set_back_locks_nobody_out(place: Place) -> None:
    """A try in the future counts as one as long ago."""
    ada = await place.sign_up()
    network = _network()
    await _guess(place, ada.name, network, 6)
    place.clock.move(days=-1)
    assert (await place.log_in(place.client(network), ada.name, PASSWORD)).status_code == 201
