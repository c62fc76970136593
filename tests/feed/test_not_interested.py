"""Not interested, and a fresh start: over HTTP, from button to next page."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg

from tests.cast import Person, insert_live_video, insert_member
from tests.conftest import SignUp


async def test_not_interested_takes_a_clip_off_the_next_page(sign_up: SignUp, dsn: str) -> None:
    """Pressed once or twice, it is gone with the next page of the same server."""
    bo = await sign_up("bo")
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        ada = await insert_member(conn, "ada")
        clip = await insert_live_video(conn, ada)
    await _until(lambda: _shows(bo, str(clip)))
    for _ in range(2):
        answer = await bo.http.put(f"/v1/videos/{clip}/not-interested")
        assert answer.status_code == 204, answer.text
    assert not await _shows(bo, str(clip), among_repeats=True)
    answer = await bo.http.delete("/v1/me/taste")
    assert answer.status_code == 204
    assert not await _shows(bo, str(clip)), "what was seen stays seen"


async def test_beacons_are_taken_as_browsers_send_them(anonymous: Person) -> None:
    """`sendBeacon` says text/plain; JSON inside is JSON all the same."""
    body = b'{"events":[]}'
    for kind in ("text/plain;charset=UTF-8", "application/json"):
        answer = await anonymous.http.post(
            "/v1/beacons", content=body, headers={"content-type": kind}
        )
        assert answer.status_code == 202, answer.text
    assert (await anonymous.http.post("/v1/beacons", content=b"{")).status_code == 400
    assert (await anonymous.http.post("/v1/beacons", content=b" " * 70_000)).status_code == 413


async def test_a_bad_page_is_refused_in_plain_words(anonymous: Person) -> None:
    """A cursor of somebody else's making, and a page of a thousand, are the client's mistakes."""
    for query in ("cursor=nonsense", "limit=1000", "limit=0"):
        answer = await anonymous.http.get(f"/v1/feed/for-you?{query}")
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await anonymous.http.get("/v1/feed/following")).status_code == 401


async def _shows(person: Person, clip: str, *, among_repeats: bool = False) -> bool:
    cursor = None
    for _ in range(40):
        query = {"cursor": cursor} if cursor else {}
        page = (await person.http.get("/v1/feed/for-you?limit=24", params=query)).json()
        if page["has_seen_all"] and not among_repeats:
            return False
        if any(item["id"] == clip for item in page["items"]):
            return True
        cursor = page["next_cursor"]
        if page["has_seen_all"] or cursor is None:
            return False
    return False


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 10
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)  # pages never wait for anything: let the rest of the app run
