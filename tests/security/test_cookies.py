"""Cookies: unreadable for scripts, this host only, secure under https, never in a shared cache."""

import httpx

from solstice.kit.asgi import App
from tests.cast import PASSWORD
from tests.conftest import SignUp
from tests.placed import Hand, Place
from tests.served import browser


def cookies_of(answer: httpx.Response) -> dict[str, set[str]]:
    """Read each cookie's attributes, in small letters."""
    found = {}
    for header in answer.headers.get_list("set-cookie"):
        pair, *attributes = header.split(";")
        found[pair.partition("=")[0]] = {a.strip().lower().partition("=")[0] for a in attributes}
        found[pair.partition("=")[0]] |= {a.strip().lower() for a in attributes}
    return found


async def _log_in(app: App, name: str, **headers: str) -> httpx.Response:
    client = browser(app)
    client.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
    return await client.post("/v1/sessions", json={"name": name, "password": PASSWORD})


async def test_over_http_the_cookie_is_unreadable_for_scripts_and_bound_to_the_site(
    app: App, sign_up: SignUp
) -> None:
    """HttpOnly, SameSite=Lax, the whole path, no domain: not sent to neighbours."""
    ada = await sign_up("ada")
    cookies = cookies_of(await _log_in(app, ada.name))
    assert {"httponly", "samesite=lax", "path=/"} <= cookies["solstice_session"]
    assert "domain" not in cookies["solstice_session"]
    assert "secure" not in cookies["solstice_session"]
    assert {"httponly", "samesite=strict"} <= cookies["solstice_device"]


async def test_over_https_the_cookie_is_secure_and_pinned_to_the_host(
    app: App, sign_up: SignUp
) -> None:
    """`__Host-`: a neighbouring subdomain cannot plant one; the plain name counts no more."""
    ada = await sign_up("ada")
    answer = await _log_in(app, ada.name, x_forwarded_proto="https")
    cookies = cookies_of(answer)
    assert {"httponly", "samesite=lax", "path=/", "secure"} <= cookies["__Host-solstice_session"]
    assert "domain" not in cookies["__Host-solstice_session"]
    assert "solstice_session" not in cookies
    token = ada.http.cookies["solstice_session"]
    planted = {"x-forwarded-proto": "https", "cookie": f"solstice_session={token}"}
    assert (await browser(app).get("/v1/me", headers=planted)).status_code == 401
    pinned = {"x-forwarded-proto": "https", "cookie": f"__Host-solstice_session={token}"}
    assert (await browser(app).get("/v1/me", headers=pinned)).status_code == 200


async def test_a_planted_session_does_not_survive_log_in(app: App, sign_up: SignUp) -> None:
    """Mallory's cookie in ada's browser: after ada's log-in it is ada's, and mallory's is over."""
    ada, mallory = await sign_up("ada"), await sign_up("mallory")
    planted = mallory.http.cookies["solstice_session"]
    client = browser(app)
    client.headers["cookie"] = f"solstice_session={planted}"
    answer = await client.post("/v1/sessions", json={"name": ada.name, "password": PASSWORD})
    assert answer.status_code == 201
    fresh = answer.cookies["solstice_session"]
    assert fresh != planted
    me = await browser(app).get("/v1/me", headers={"cookie": f"solstice_session={fresh}"})
    assert me.json()["name"] == ada.name
    assert (await mallory.http.get("/v1/me")).status_code == 401


async def test_a_session_from_an_address_or_a_body_is_none(app: App, sign_up: SignUp) -> None:
    """Tokens travel in the cookie or the Authorization header and nowhere else."""
    ada = await sign_up("ada")
    token = ada.http.cookies["solstice_session"]
    for address in (f"/v1/me?solstice_session={token}", f"/v1/me?token={token}"):
        assert (await browser(app).get(address)).status_code == 401


async def test_a_renewed_cookie_never_enters_a_shared_cache(place: Place, clock: Hand) -> None:
    """What everybody may keep carries nobody's cookie; a private answer carries the new one."""
    ada = await place.sign_up()
    page = (await ada.http.get("/")).text
    address = next(part for part in page.split('"') if part.startswith("/static/"))
    clock.move(hours=1)
    shared = await ada.http.get(address)
    assert "public" in shared.headers["cache-control"]
    assert "set-cookie" not in shared.headers
    clock.move(hours=1)
    own = await ada.http.get("/v1/me")
    assert "set-cookie" in own.headers
    assert "public" not in own.headers.get("cache-control", "")


async def test_what_is_somebodys_own_is_not_kept_by_caches(sign_up: SignUp) -> None:
    """Neither the account nor the pages that greet it."""
    ada = await sign_up("ada")
    for address in ("/v1/me", "/v1/me/export", "/", "/settings", "/inbox"):
        answer = await ada.http.get(address)
        kept = answer.headers.get("cache-control", "")
        assert "no-store" in kept or "private" in kept or "no-cache" in kept, address
