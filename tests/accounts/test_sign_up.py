"""Signing up: a name and a password are enough, and who signs up is in."""

from collections.abc import AsyncIterator

import pytest

from solstice.accounts.settings import AccountSettings
from solstice.app import build_app
from solstice.kit.ids import new_id
from solstice.settings import Settings
from tests.cast import PASSWORD, Person
from tests.conftest import SignUp
from tests.placed import Hand, Place, changed
from tests.served import serving


async def test_whoever_signs_up_is_signed_in(sign_up: SignUp) -> None:
    """Nobody types the same password twice in a minute."""
    ada = await sign_up("ada")
    me = await ada.http.get("/v1/me")
    assert me.status_code == 200, me.text
    assert me.json() | {"id": "", "created_at": ""} == {
        "id": "",
        "name": ada.name,
        "display_name": ada.name,
        "bio": "",
        "avatar_url": None,
        "role": "viewer",
        "email": None,
        "created_at": "",
        "deletion_due_at": None,
        "is_hidden": False,
        "is_partial": False,
    }


@pytest.mark.parametrize(
    "name",
    ["ab", "x" * 25, "a b", "\u0430da", "ada!", ".ada", "ada.", "a..b", "___", "ada\n", "ada\x00"],
)
async def test_a_name_that_looks_like_another_is_refused(anonymous: Person, name: str) -> None:
    """Names are small ASCII letters, digits, dots and underscores: no Cyrillic look-alikes."""
    answer = await anonymous.http.post("/v1/accounts", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/name-malformed"


@pytest.mark.parametrize("name", ["admin", "Solstice", "support", "api"])
async def test_names_of_the_platform_itself_are_taken(anonymous: Person, name: str) -> None:
    """Nobody can pass for the operators."""
    answer = await anonymous.http.post("/v1/accounts", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 409


async def test_a_name_is_taken_in_any_case(sign_up: SignUp, anonymous: Person) -> None:
    """Ada and ada are one."""
    ada = await sign_up("ada")
    answer = await anonymous.http.post(
        "/v1/accounts", json={"name": ada.name.upper(), "password": PASSWORD}
    )
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/name-taken"


@pytest.mark.parametrize(
    "password", ["short", "password123", "aaaaaaaaaa", "x" * 257, "Qwertyuiop"]
)
async def test_a_password_anybody_would_try_is_refused(anonymous: Person, password: str) -> None:
    """And the answer says which rule it was."""
    answer = await anonymous.http.post(
        "/v1/accounts", json={"name": "somebody_new", "password": password}
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/password-unsuitable"


async def test_the_name_is_no_password(anonymous: Person) -> None:
    """It is the first thing a guesser tries."""
    answer = await anonymous.http.post(
        "/v1/accounts", json={"name": "somebody_new", "password": "Somebody_New"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org", "a@ex\nample.org"])
async def test_an_address_that_cannot_exist_is_refused(anonymous: Person, email: str) -> None:
    """A typing mistake is told at once."""
    answer = await anonymous.http.post(
        "/v1/accounts", json={"name": "somebody_new", "password": PASSWORD, "email": email}
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/email-malformed"


async def test_a_lost_answer_can_be_asked_for_again(place: Place) -> None:
    """The same key, name and password lead to the same account; another password does not."""
    client, key = place.client(), str(new_id())
    said = {"name": f"p{key[-12:]}", "password": PASSWORD}
    first = await client.post("/v1/accounts", json=said, headers={"idempotency-key": key})
    again = await place.client().post("/v1/accounts", json=said, headers={"idempotency-key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"] == key
    thief = await place.client().post(
        "/v1/accounts",
        json=said | {"password": "another password"},
        headers={"idempotency-key": key},
    )
    assert thief.status_code == 409
    other = await place.client().post(
        "/v1/accounts",
        json={"name": f"q{key[-12:]}", "password": PASSWORD},
        headers={"idempotency-key": key},
    )
    assert other.status_code == 409


@pytest.fixture
async def small_place(settings: Settings, clock: Hand) -> AsyncIterator[Place]:
    """A server that lets three people sign up at once from one network."""
    strict = changed(settings, AccountSettings, sign_ups_per_network_max=3, sign_up_interval_s=60.0)
    async with serving(build_app(strict, clock=clock)) as app:
        yield Place(app, clock)


async def test_one_network_cannot_fill_the_place_with_accounts(small_place: Place) -> None:
    """Then one more each minute; other networks do not notice."""
    network = f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-8:-4]}::1"
    for _ in range(3):
        await small_place.sign_up(network)
    said = {"name": f"p{new_id().hex[-12:]}", "password": PASSWORD}
    refused = await small_place.client(network).post("/v1/accounts", json=said)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    neighbour = network.replace("::1", "::2")
    assert (await small_place.client(neighbour).post("/v1/accounts", json=said)).status_code == 429
    await small_place.sign_up("192.0.2.77")
    small_place.clock.move(seconds=61)
    assert (await small_place.client(network).post("/v1/accounts", json=said)).status_code == 201


async def test_a_closed_place_says_so(settings: Settings) -> None:
    """An operator may want to know everybody."""
    closed = changed(settings, AccountSettings, sign_up_open=False)
    async with serving(build_app(closed)) as app:
        client = Place(app, Hand()).client()
        answer = await client.post(
            "/v1/accounts", json={"name": "somebody_new", "password": PASSWORD}
        )
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/sign-up-closed"
