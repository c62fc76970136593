"""The database away for a while: links that were shared open, and nobody is signed out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import httpx
import psycopg
import pytest

from solstice.app import build_app
from solstice.drills.fault_proxy import FaultProxy
from solstice.kit.asgi import App
from solstice.kit.database import DatabaseSettings
from solstice.kit.ids import new_id
from solstice.kit.postgres import LocalPostgres
from tests.cast import PASSWORD, Member, Person, insert_live_video
from tests.served import browser, serving
from tests.videos.workshop import make_settings


@dataclass
class Scene:
    """What is there before the database goes away."""

    app: App
    ada: Person
    clip: UUID
    private: UUID
    for_followers: UUID


@pytest.fixture
async def scene(
    postgres: LocalPostgres, dsn: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Ada has clips of each visibility, known to the feed; then the database does not answer."""
    assert dsn
    async with FaultProxy("127.0.0.1", postgres.port) as proxy:
        settings = make_settings(
            postgres.tcp_dsn, tmp_path_factory.mktemp("away"), via_port=proxy.port
        )
        async with serving(build_app(settings)) as app, browser(app) as http:
            account = {"name": "ada", "password": PASSWORD}
            answer = await http.post("/v1/accounts", json=account)
            ada = Person(UUID(answer.json()["id"]), "ada", http)
            async with await psycopg.AsyncConnection.connect(
                settings.of(DatabaseSettings).dsn, autocommit=True
            ) as conn:
                member = Member(ada.id, ada.name)
                clip = await insert_live_video(conn, member, caption="Low sun")
                private = await insert_live_video(conn, member, visibility="private")
                for_followers = await insert_live_video(conn, member, visibility="followers")
            async with browser(app) as stranger:
                await _until_fed(stranger, clip)
            proxy.set_fault(refuses=True, resets=True)
            yield Scene(app, ada, clip, private, for_followers)


async def _until_fed(http: httpx.AsyncClient, clip: UUID) -> None:
    """Swipe through the feed, again and again, until the clip came and its card is in memory."""
    async with asyncio.timeout(20):
        cursor: str | None = None
        while True:
            asked = {"limit": 24} if cursor is None else {"limit": 24, "cursor": cursor}
            answer = await http.get("/v1/feed/for-you", params=asked)
            if str(clip) in answer.text:
                return
            page = answer.json()
            cursor = None if page["has_seen_all"] else page["next_cursor"]
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), timeout=0.02)


async def test_a_shared_link_opens_from_memory(scene: Scene) -> None:
    """For its creator and for a stranger alike, in the page, in a frame, and for who embeds it."""
    async with browser(scene.app) as stranger:
        for http in (scene.ada.http, stranger):
            answer = await http.get(f"/v/{scene.clip}")
            assert answer.status_code == 200
            assert "Low sun" in answer.text
        assert (await stranger.get(f"/embed/{scene.clip}")).status_code == 200


async def test_memory_shows_nobody_more_than_the_database(scene: Scene) -> None:
    """What is for followers, for oneself, or unknown stays shut: "not now", never "here it is"."""
    async with browser(scene.app) as stranger:
        for video_id in (scene.for_followers, scene.private, new_id()):
            assert (await stranger.get(f"/v/{video_id}")).status_code == 503


async def test_who_is_signed_in_stays_signed_in(scene: Scene) -> None:
    """The session says who it is; what only the database knows is said to be missing."""
    answer = await scene.ada.http.get("/v1/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["id"], me["name"], me["is_partial"]) == (str(scene.ada.id), "ada", True)
    async with browser(scene.app) as stranger:
        assert (await stranger.get("/v1/me")).status_code == 401
