"""Writes are noticed: whoever changes something finds it in their feed at once."""

import asyncio
import time

import httpx
import psycopg

from tests.cast import insert_live_video, insert_member
from tests.conftest import SignUp


async def test_a_block_takes_effect_on_the_next_page_of_the_same_server(
    sign_up: SignUp, dsn: str
) -> None:
    """No second passes in between, although nothing tells the feed of blocks."""
    bo = await sign_up("bo")
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        ada = await insert_member(conn, "ada")
        for _ in range(3):
            await insert_live_video(conn, ada)
    deadline = time.monotonic() + 10
    while ada.name not in await _creators(bo.http):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)  # pages never wait for anything: let the rest of the app run
    answer = await bo.http.put(f"/v1/accounts/{ada.name}/block")
    assert answer.status_code == 204, answer.text
    assert ada.name not in await _creators(bo.http)


async def _creators(http: httpx.AsyncClient) -> set[str]:
    """List everybody in the whole of For You, up to the first repeat."""
    found: set[str] = set()
    cursor = None
    while True:
        query = {"limit": 24} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/v1/feed/for-you", params=query)).json()
        found |= {item["creator"]["name"] for item in page["items"]}
        cursor = page["next_cursor"]
        if page["has_seen_all"] or cursor is None:
            return found
