"""Own sessions: seen, ended, and ended everywhere within a second."""

import asyncio
import time
from uuid import uuid4

import httpx

from solstice.app import build_app
from solstice.settings import Settings
from tests.cast import PASSWORD
from tests.conftest import SignUp
from tests.placed import Place
from tests.served import browser, serving


async def _is_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/v1/me")).status_code == 200


async def test_somebody_sees_where_they_are_logged_in(place: Place) -> None:
    """With what, from where, since when, and which one is this."""
    ada = await place.sign_up("2001:db8::7")
    other = place.client("198.51.100.3")
    other.headers.update([("user-agent", b"A phone \x07of \xad ada's")])  # type: ignore[list-item]
    await place.log_in(other, ada.name)
    items = (await ada.http.get("/v1/sessions")).json()["items"]
    assert [item["is_current"] for item in items].count(True) == 1
    phone = next(item for item in items if not item["is_current"])
    assert phone["network"] == "198.51.100.3"
    assert phone["user_agent"].startswith("A phone")
    assert phone["user_agent"].isprintable()
    here = next(item for item in items if item["is_current"])
    assert here["network"] == "2001:db8::/64"


async def test_a_session_is_ended_from_another_browser(place: Place) -> None:
    """A phone that was lost is logged out from the laptop."""
    ada = await place.sign_up()
    phone = place.client()
    await place.log_in(phone, ada.name)
    items = (await ada.http.get("/v1/sessions")).json()["items"]
    phone_id = next(item["id"] for item in items if not item["is_current"])
    assert (await ada.http.delete(f"/v1/sessions/{phone_id}")).status_code == 204
    assert not await _is_in(phone)
    assert await _is_in(ada.http)
    assert (await ada.http.delete(f"/v1/sessions/{phone_id}")).status_code == 404


async def test_nobody_ends_somebody_elses_session(place: Place) -> None:
    """Nor learns whether it exists."""
    ada, mallory = await place.sign_up(), await place.sign_up()
    session_id = (await ada.http.get("/v1/sessions")).json()["items"][0]["id"]
    theirs = await mallory.http.delete(f"/v1/sessions/{session_id}")
    nobodys = await mallory.http.delete(f"/v1/sessions/{uuid4()}")
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert await _is_in(ada.http)


async def test_a_log_out_reaches_the_other_servers_within_a_second(
    sign_up: SignUp, settings: Settings
) -> None:
    """Each keeps revocations in memory and refreshes them every second."""
    ada = await sign_up("ada")
    async with serving(build_app(settings)) as neighbour:
        elsewhere = browser(neighbour)
        elsewhere.cookies.set("solstice_session", ada.http.cookies["solstice_session"])
        assert await _is_in(elsewhere)
        began = time.monotonic()
        assert (await ada.http.delete("/v1/sessions/current")).status_code == 204
        while await _is_in(elsewhere):
            assert time.monotonic() - began < 3
            await asyncio.sleep(0.05)
        refused = await elsewhere.get("/v1/me")
    assert refused.headers["set-cookie"].startswith("solstice_session=")
    assert "Max-Age=0" in refused.headers["set-cookie"]


async def test_all_other_sessions_end_at_once(place: Place) -> None:
    """And this one stays."""
    ada = await place.sign_up()
    others = [place.client() for _ in range(3)]
    for other in others:
        await place.log_in(other, ada.name)
    assert (await ada.http.delete("/v1/sessions")).status_code == 204
    assert len((await ada.http.get("/v1/sessions")).json()["items"]) == 1
    began = time.monotonic()
    while any([await _is_in(other) for other in others]):
        assert time.monotonic() - began < 3
        await asyncio.sleep(0.05)


async def test_logging_out_removes_the_cookie(place: Place) -> None:
    """The browser forgets; the token is worth nothing either."""
    ada = await place.sign_up()
    token = ada.http.cookies["solstice_session"]
    assert (await ada.http.delete("/v1/sessions/current")).status_code == 204
    assert ada.http.cookies.get("solstice_session") is None
    again = await place.client().get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert again.status_code == 401


async def test_a_new_password_ends_the_other_sessions(place: Place) -> None:
    """Whoever knew the old one is out."""
    ada = await place.sign_up()
    thief = place.client()
    await place.log_in(thief, ada.name)
    wrong = await ada.http.put(
        "/v1/me/password", json={"current_password": "a guess", "new_password": "a better one"}
    )
    assert wrong.status_code == 403
    changed = await ada.http.put(
        "/v1/me/password", json={"current_password": PASSWORD, "new_password": "a better one"}
    )
    assert changed.status_code == 204
    assert await _is_in(ada.http)
    began = time.monotonic()
    while await _is_in(thief):
        assert time.monotonic() - began < 3
        await asyncio.sleep(0.05)
    assert (await place.log_in(place.client(), ada.name)).status_code == 401
    assert (await place.log_in(place.client(), ada.name, "a better one")).status_code == 201


async def test_the_present_password_cannot_be_guessed_from_an_open_browser(
    place: Place,
) -> None:
    """Five tries, then waiting."""
    ada = await place.sign_up()
    statuses = [
        (
            await ada.http.put(
                "/v1/me/password",
                json={"current_password": f"guess {n}", "new_password": "a better one"},
            )
        ).status_code
        for n in range(6)
    ]
    assert statuses == [403] * 5 + [429]
