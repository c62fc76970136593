"""Signing up.

A name and a password are enough, and who signs up is in.
"""

from tests.conftest import SignUp


async def test_whoever_signs_up_is_signed_in(sign_up: SignUp) -> None:
    """Nobody types the same password twice in a minute."""
    ada = await sign_up("ada")
    me = await ada.http.get("/v1/me")
    assert me.status_code == 200, me.text
    assert me.json()["name"] == ada.name
