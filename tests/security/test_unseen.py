"""Who must not be seen is not seen: no list, page or search tells of somebody behind a block.

Each place is read as the one who was blocked, as the one who blocked, and, for hidden accounts and
accounts about to be deleted, as everybody; a third person shows that the place would tell.
"""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

import httpx
import psycopg
import pytest

from solstice.accounts.moderation import hide_account
from solstice.kit.asgi import App
from solstice.kit.ids import new_id
from solstice.resources import build_resources
from solstice.settings import Settings
from tests.cast import PASSWORD, Member, Person, insert_live_video
from tests.conftest import SignUp
from tests.served import browser

PLACES = (
    "/v1/accounts/{name}",
    "/v1/accounts/{name}/videos",
    "/v1/videos/{video}",
    "/v1/videos/{video}/comments",
    "/v1/videos/{stage}/comments",
    "/v1/hashtags/{tag}/videos",
    "/v1/search?q={name}&kind=accounts",
    "/v1/search?q={tag}&kind=videos",
    "/v1/search/suggestions?q={name}",
    "/v1/discovery",
    "/v1/accounts/{third}/followers",
    "/v1/accounts/{third}/following",
    "/v1/me/likes",
    "/v1/me/bookmarks",
    "/v1/feed/for-you?limit=24",
    "/v1/feed/following",
    "/v1/notifications",
    "/v/{video}",
)


@dataclass(frozen=True)
class Scene:
    """Ada with a clip and a comment, someone who watched it, a third person as the stage."""

    ada: Person
    bo: Person
    third: Person
    video: UUID
    stage: UUID
    tag: str

    async def telling(self, client: httpx.AsyncClient, about: Person, video: UUID) -> list[str]:
        """List the places that tell this reader of somebody."""
        told = []
        for place in PLACES:
            address = place.format(
                name=about.name, video=video, stage=self.stage, tag=self.tag, third=self.third.name
            )
            answer = await client.get(address)
            assert answer.status_code in (200, 401, 404), (address, answer.text)
            if answer.status_code == 200 and (
                f'"{about.id}"' in answer.text or str(video) in answer.text
            ):
                told.append(place)
        return told


@pytest.fixture
async def scene(sign_up: SignUp, dsn: str) -> Scene:
    """Everybody has met everybody, at every place there is."""
    ada, bo, third = await sign_up("ada"), await sign_up("bo"), await sign_up("cy")
    tag = f"t{new_id().hex[-10:]}"
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        video, stage = [
            await insert_live_video(
                conn, Member(person.id, person.name), caption=f"#{tag}", hashtags=(tag,)
            )
            for person in (ada, third)
        ]
    for person in (ada, bo):
        assert (await person.http.put(f"/v1/accounts/{third.name}/follow")).status_code == 204
        assert (await third.http.put(f"/v1/accounts/{person.name}/follow")).status_code == 204
        await _comment(person, stage)
    for act in ("like", "bookmark"):
        assert (await bo.http.put(f"/v1/videos/{video}/{act}")).status_code == 204
    assert (await bo.http.put(f"/v1/accounts/{ada.name}/follow")).status_code == 204
    assert (await ada.http.put(f"/v1/accounts/{bo.name}/follow")).status_code == 204
    await _comment(bo, video)
    await _comment(ada, video)
    return Scene(ada, bo, third, video, stage, tag)


async def _comment(person: Person, video_id: UUID) -> None:
    answer = await person.http.post(
        f"/v1/videos/{video_id}/comments",
        json={"text": "Hello."},
        headers={"idempotency-key": str(new_id())},
    )
    assert answer.status_code == 201, answer.text


async def _until_silent(scene: Scene, client: httpx.AsyncClient) -> None:
    """What was kept in memory for a second may tell for a second."""
    began = time.monotonic()
    while told := await scene.telling(client, scene.ada, scene.video):
        assert time.monotonic() - began < 5, told
        await asyncio.sleep(0.1)


async def test_the_scene_would_tell(scene: Scene) -> None:
    """Without a block the places do tell of ada, so the silence below means something."""
    told = await scene.telling(scene.bo.http, scene.ada, scene.video)
    assert set(told) >= {
        "/v1/accounts/{name}",
        "/v1/videos/{video}",
        "/v1/videos/{stage}/comments",
        "/v1/search?q={name}&kind=accounts",
        "/v1/accounts/{third}/followers",
        "/v1/me/likes",
        "/v/{video}",
    }


async def test_the_blocked_one_sees_the_other_nowhere_at_once(scene: Scene) -> None:
    """The very next request is silent, at every place."""
    assert (await scene.ada.http.put(f"/v1/accounts/{scene.bo.name}/block")).status_code == 204
    assert await scene.telling(scene.bo.http, scene.ada, scene.video) == []


async def test_the_one_who_blocks_sees_the_other_nowhere_at_once(scene: Scene) -> None:
    """But for the profile, where the block can be taken back."""
    assert (await scene.bo.http.put(f"/v1/accounts/{scene.ada.name}/block")).status_code == 204
    told = await scene.telling(scene.bo.http, scene.ada, scene.video)
    assert set(told) <= {"/v1/accounts/{name}"}


async def test_a_hidden_account_is_seen_by_nobody(
    scene: Scene, settings: Settings, app: App
) -> None:
    """A moderator's decision reaches every place; only the owner still sees it."""
    resources = build_resources(settings)
    await resources.database.open()
    async with resources.database.transaction() as conn:
        await hide_account(conn, account_id=scene.ada.id, at=resources.clock())
    await resources.database.close()
    async with browser(app) as nobody:
        for client in (scene.bo.http, nobody):
            await _until_silent(scene, client)
    assert (await scene.ada.http.get("/v1/me")).json()["is_hidden"]


async def test_an_account_about_to_be_deleted_is_seen_by_nobody(scene: Scene) -> None:
    """From the moment its owner says so; and everywhere again if the owner stays."""
    gone = await scene.ada.http.put("/v1/me/deletion", json={"password": PASSWORD})
    assert gone.status_code == 202
    await _until_silent(scene, scene.bo.http)
    assert (await scene.ada.http.delete("/v1/me/deletion")).status_code == 204
    assert (await scene.bo.http.get(f"/v1/accounts/{scene.ada.name}")).status_code == 200
