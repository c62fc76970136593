"""A storm of log-ins: hashing is slow on purpose, and takes nothing from those who watch."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from solstice.accounts.settings import AccountSettings
from solstice.app import build_app
from solstice.kit.ids import new_id
from solstice.settings import Settings
from tests.placed import Hand, Place, changed
from tests.served import serving
from tests.videos.server import Server

CROWD = 300
MOMENT_S = 0.05
PAGES_MIN = 20
"""The storm lasts a second or more; a page takes some 15 ms meanwhile."""


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Place]:
    """A server with one slow place to hash in and two to wait for it."""
    lane = {"password_hashes_at_once_max": 1, "password_hashes_waiting_max": 2}
    cost = {"password_memory_kib": 64 * 1024, "password_time_cost": 8}
    async with serving(build_app(changed(settings, AccountSettings, **lane, **cost))) as app:
        yield Place(app, Hand())


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    """A process where passwords are hashed at full cost, on a machine that others use as well."""
    # Everybody in these tests comes from one network, and has signed up before.
    more = {
        "SOLSTICE_ACCOUNTS_SIGN_UPS_PER_NETWORK_MAX": "100000",
        # Crowd, database and whatever else runs here take turns of tens of milliseconds, and 20 ms
        # would be held against the storm.  Hashing on the loop would be late by seconds.
        "SOLSTICE_ADMISSION_DELAY_TARGET_MS": "200",
    }
    server = Server(settings, more=more)
    await server.start()
    yield server
    server.kill()


@pytest.mark.slow
async def test_the_queue_is_short_and_says_when_to_come_back(narrow: Place) -> None:
    """Who finds no place in it is told at once, and nothing of theirs is kept waiting."""
    answers = await asyncio.gather(
        *(
            narrow.log_in(narrow.client(f"2001:db8:{n:x}::1"), f"p{new_id().hex[-12:]}")
            for n in range(20)
        )
    )
    refused = [answer for answer in answers if answer.status_code == 429]
    assert Counter(answer.status_code for answer in answers) == {401: 3, 429: 17}
    assert {answer.json()["title"] for answer in refused} == {"Passwords busy"}
    assert all(int(answer.headers["retry-after"]) >= 3 for answer in refused)


@pytest.mark.slow
async def test_who_watches_goes_on_watching(server: Server) -> None:
    """Hundreds log in at once and most are asked to wait; of a hundred pages 99 come, none fails.

    On a machine that does other work besides, admission may refuse one in a thousand.  Who is
    refused asks again a moment later, as the app does: refusals are cheap, and whoever asked at
    once would count one busy instant as many pages.
    """
    watching = {"authorization": f"Bearer {await server.sign_up()}"}
    limits = httpx.Limits(max_connections=CROWD)
    async with (
        httpx.AsyncClient(base_url=server.address, timeout=30, headers=watching) as viewer,
        httpx.AsyncClient(base_url=server.address, timeout=30, limits=limits) as crowd,
    ):
        storm = asyncio.gather(*(_guess(crowd, n) for n in range(CROWD)))
        pages = []
        while not storm.done():
            pages.append((await viewer.get("/v1/feed/for-you")).status_code)
            if pages[-1] == 429:
                await asyncio.sleep(MOMENT_S)
        answers = await storm
    refused = [answer for answer in answers if answer.status_code == 429]
    assert set(pages) <= {200, 429}
    assert pages.count(200) >= max(PAGES_MIN, 0.99 * len(pages))
    assert {answer.status_code for answer in answers} == {401, 429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)


async def _guess(crowd: httpx.AsyncClient, number: int) -> httpx.Response:
    """Try a name that nobody has, from a network of one's own."""
    return await crowd.post(
        "/v1/sessions",
        json={"name": f"p{new_id().hex[-12:]}", "password": "not this one"},
        headers={
            "sec-fetch-site": "same-origin",
            "x-forwarded-for": f"2001:db8:{number:x}::1",
        },
    )
