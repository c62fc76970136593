"""What somebody says about themselves."""

import pytest

from tests.conftest import SignUp


async def test_what_is_left_out_stays(sign_up: SignUp) -> None:
    """Three fields, each by itself."""
    ada = await sign_up("ada")
    await ada.http.patch("/v1/me", json={"bio": "Films the sea.", "email": "ada@example.org"})
    answer = await ada.http.patch("/v1/me", json={"display_name": "Ada L."})
    assert answer.status_code == 200
    me = (await ada.http.get("/v1/me")).json()
    assert (me["display_name"], me["bio"], me["email"]) == (
        "Ada L.",
        "Films the sea.",
        "ada@example.org",
    )
    await ada.http.patch("/v1/me", json={"email": None, "bio": ""})
    me = (await ada.http.get("/v1/me")).json()
    assert (me["bio"], me["email"]) == ("", None)


@pytest.mark.parametrize(
    "edit",
    [
        {"bio": "x" * 301},
        {"display_name": "x" * 51},
        {"bio": "x" * 5000},
        {"email": "nobody"},
        {"display_name": None},
        {"role": "administrator"},
        {"name": "other"},
        [],
        None,
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(sign_up: SignUp, edit: object) -> None:
    """Roles and names are not edited here, nor by an extra field."""
    ada = await sign_up("ada")
    before = (await ada.http.get("/v1/me")).json()
    answer = await ada.http.patch("/v1/me", json=edit)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await ada.http.get("/v1/me")).json() == before
