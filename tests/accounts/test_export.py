"""Taking one's data along."""

from tests.conftest import SignUp
from tests.placed import Place


async def test_an_export_holds_what_is_kept_and_no_secret(place: Place) -> None:
    """Profile, sessions, blocks, mutes; as a file, never shown by a browser."""
    ada, bo = await place.sign_up(email="ada@example.org"), await place.sign_up()
    await ada.http.put(f"/v1/accounts/{bo.name}/block")
    await ada.http.put(f"/v1/accounts/{bo.name}/mute")
    answer = await ada.http.get("/v1/me/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="solstice-')
    assert answer.headers["cache-control"] == "no-store"
    taken = answer.json()
    assert taken["account"]["name"] == ada.name
    assert taken["account"]["email"] == "ada@example.org"
    assert taken["blocks"] == taken["mutes"] == [bo.name]
    assert len(taken["sessions"]) == 1
    assert "$argon2" not in answer.text
    assert "password" not in answer.text


async def test_an_export_is_for_its_owner(sign_up: SignUp) -> None:
    """It holds nobody else's address."""
    ada, bo = await sign_up("ada"), await sign_up("bo")
    await ada.http.patch("/v1/me", json={"email": "ada@example.org"})
    assert "ada@example.org" not in (await bo.http.get("/v1/me/export")).text
