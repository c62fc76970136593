"""The community over HTTP: who may call what, and what a person meets from click to click."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from solstice.accounts.moderation import give_role
from solstice.community.counts import fold_counts
from solstice.kit.clock import utc_now
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from tests.cast import Member, Person, insert_live_video
from tests.conftest import SignUp
from tests.served import browser


@dataclass
class Scene:
    """Committed rows and signed-in people, as the served application sees them."""

    db: Connection
    ada: Person
    bo: Person
    mallory: Person
    clip: UUID


@pytest.fixture
async def scene(dsn: str, sign_up: SignUp) -> AsyncIterator[Scene]:
    """Ada has a clip; bo watches; mallory is about."""
    ada, bo, mallory = [await sign_up(name) for name in ("ada", "bo", "mallory")]
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        clip = await insert_live_video(
            db, Member(ada.id, ada.name), caption="Walrus #walrus", hashtags=("walrus",)
        )
        yield Scene(db, ada, bo, mallory, clip)
        # A public clip that stays would be found by other tests.
        await db.execute("UPDATE videos SET deleted_at = now() WHERE id = %s", [clip])


async def answer(
    person: Person, method: str, path: str, *, status: int, **request: Any
) -> httpx.Response:
    """Send a request and require a status."""
    response = await person.http.request(method, path, **request)
    assert response.status_code == status, f"{method} {path}: {response.text}"
    return response


async def comment(person: Person, video_id: UUID, text: str, *, status: int = 201) -> Any:
    """Comment with a key of its own."""
    response = await answer(
        person,
        "POST",
        f"/v1/videos/{video_id}/comments",
        status=status,
        json={"text": text},
        headers={"idempotency-key": str(new_id())},
    )
    return response.json()


async def test_a_visitor_reads_and_is_asked_to_log_in_for_more(
    scene: Scene, anonymous: Person
) -> None:
    """Everything public is shown without an account; nothing is changed without one."""
    clip, name = scene.clip, scene.ada.name
    for path in (
        f"/v1/videos/{clip}",
        f"/v1/videos/{clip}/comments",
        f"/v1/accounts/{name}",
        f"/v1/accounts/{name}/videos",
        f"/v1/accounts/{name}/followers",
        f"/v1/accounts/{name}/following",
        "/v1/hashtags/walrus",
        "/v1/hashtags/walrus/videos",
        "/v1/search?q=walrus",
        "/v1/search?q=walrus&kind=accounts",
        "/v1/search?q=walrus&kind=hashtags",
        "/v1/search/suggestions?q=wal",
        "/v1/discovery",
    ):
        await answer(anonymous, "GET", path, status=200)
    key = {"idempotency-key": str(new_id())}
    for method, path, body in (
        ("PUT", f"/v1/videos/{clip}/like", None),
        ("DELETE", f"/v1/videos/{clip}/like", None),
        ("PUT", f"/v1/videos/{clip}/bookmark", None),
        ("DELETE", f"/v1/videos/{clip}/bookmark", None),
        ("POST", f"/v1/videos/{clip}/comments", {"text": "x"}),
        ("DELETE", f"/v1/comments/{new_id()}", None),
        ("PUT", f"/v1/comments/{new_id()}/like", None),
        ("DELETE", f"/v1/comments/{new_id()}/like", None),
        ("PUT", f"/v1/accounts/{name}/follow", None),
        ("DELETE", f"/v1/accounts/{name}/follow", None),
        ("GET", "/v1/me/likes", None),
        ("GET", "/v1/me/bookmarks", None),
        ("GET", "/v1/me/moderation", None),
        ("GET", "/v1/notifications", None),
        ("GET", "/v1/notifications/unread", None),
        ("PUT", "/v1/notifications/read", {"up_to": str(new_id())}),
        ("GET", "/v1/moderation/cases", None),
        ("GET", f"/v1/moderation/cases/{new_id()}", None),
        ("GET", "/v1/moderation/log", None),
        (
            "POST",
            "/v1/reports",
            {"subject_kind": "video", "subject_id": str(clip), "reason": "spam"},
        ),
    ):
        problem = await answer(anonymous, method, path, status=401, json=body, headers=key)
        assert problem.headers["content-type"] == "application/problem+json"


async def test_moderation_is_for_moderators(scene: Scene) -> None:
    """Everybody else is refused on every route of it, whether a case exists or not."""
    case = f"/v1/moderation/cases/{new_id()}"
    for method, path, body in (
        ("GET", "/v1/moderation/cases", None),
        ("GET", case, None),
        ("GET", "/v1/moderation/log", None),
        ("POST", f"{case}/decisions", {"action": "dismiss", "reason": "x"}),
        ("POST", f"{case}/appeal/decision", {"action": "uphold", "reason": "x"}),
    ):
        await answer(scene.bo, method, path, status=403, json=body)
    await answer(scene.bo, "POST", f"{case}/appeal", status=404, json={"text": "x"})


async def test_from_a_swipe_to_the_creators_inbox(scene: Scene) -> None:
    """Like, keep, comment, follow, pass on: shown to the viewer, counted, told to the creator."""
    clip, ada, bo = scene.clip, scene.ada, scene.bo
    for _ in range(2):
        await answer(bo, "PUT", f"/v1/videos/{clip}/like", status=204)
        await answer(bo, "PUT", f"/v1/videos/{clip}/bookmark", status=204)
        await answer(bo, "PUT", f"/v1/accounts/{ada.name}/follow", status=204)
        await answer(bo, "POST", f"/v1/videos/{clip}/shares", status=204)
    said = await comment(bo, clip, "What a walrus")
    await answer(ada, "PUT", f"/v1/comments/{said['id']}/like", status=204)
    await fold_counts(scene.db)

    page = (await answer(bo, "GET", f"/v1/videos/{clip}", status=200)).json()
    item = page["item"]
    assert [item[f"{kind}_count"] for kind in ("like", "comment", "share", "bookmark", "view")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert page["viewer"] == {
        "liked": [str(clip)],
        "bookmarked": [str(clip)],
        "following": [str(ada.id)],
    }
    listed = (await answer(bo, "GET", "/v1/me/likes", status=200)).json()
    assert [card["id"] for card in listed["items"]] == [str(clip)]
    shown = (await answer(ada, "GET", f"/v1/videos/{clip}/comments", status=200)).json()
    [first] = shown["items"]
    assert (first["like_count"], first["viewer"]) == (1, {"liked": True, "can_delete": True})

    inbox = (await answer(ada, "GET", "/v1/notifications", status=200)).json()
    assert sorted(line["kind"] for line in inbox["items"]) == ["comment", "follow", "like"]
    unread = (await answer(ada, "GET", "/v1/notifications/unread", status=200)).json()
    assert unread == {"count": 3}
    newest = inbox["items"][0]["id"]
    await answer(ada, "PUT", "/v1/notifications/read", status=204, json={"up_to": newest})
    unread = (await answer(ada, "GET", "/v1/notifications/unread", status=200)).json()
    assert unread == {"count": 0}


async def test_a_block_is_felt_on_every_route(scene: Scene) -> None:
    """For the blocked the creator is gone: profile, video, comments, lists, search, acts."""
    clip, ada, bo = scene.clip, scene.ada, scene.bo
    said = await comment(ada, clip, "Mine")
    await answer(bo, "PUT", f"/v1/videos/{clip}/like", status=204)
    await answer(bo, "PUT", f"/v1/accounts/{ada.name}/follow", status=204)
    await answer(ada, "PUT", f"/v1/accounts/{bo.name}/block", status=204)
    for method, path in (
        ("GET", f"/v1/videos/{clip}"),
        ("GET", f"/v1/videos/{clip}/comments"),
        ("GET", f"/v1/comments/{said['id']}/replies"),
        ("GET", f"/v1/accounts/{ada.name}"),
        ("GET", f"/v1/accounts/{ada.name}/videos"),
        ("GET", f"/v1/accounts/{ada.name}/followers"),
        ("PUT", f"/v1/videos/{clip}/like"),
        ("PUT", f"/v1/videos/{clip}/bookmark"),
        ("POST", f"/v1/videos/{clip}/shares"),
        ("PUT", f"/v1/comments/{said['id']}/like"),
        ("PUT", f"/v1/accounts/{ada.name}/follow"),
    ):
        await answer(bo, method, path, status=404)
    await answer(ada, "GET", f"/v1/accounts/{bo.name}", status=404)
    await comment(bo, clip, "Still here?", status=404)
    for path in ("/v1/search?q=walrus", "/v1/hashtags/walrus/videos", "/v1/me/likes"):
        found = (await answer(bo, "GET", path, status=200)).json()
        assert found["items"] == []
    people = (await answer(bo, "GET", f"/v1/search?q={ada.name}&kind=accounts", status=200)).json()
    assert ada.name not in [item["name"] for item in people["items"]]
    inbox = (await answer(ada, "GET", "/v1/notifications", status=200)).json()
    assert inbox["items"] == []
    # Taking back what one did is always possible.
    await answer(bo, "DELETE", f"/v1/videos/{clip}/like", status=204)


async def test_an_account_erased_a_moment_before_is_asked_to_log_in(scene: Scene) -> None:
    """Its token is believed for minutes; whatever it does then is no failure of ours."""
    clip, ada = f"/v1/videos/{scene.clip}", f"/v1/accounts/{scene.ada.name}"
    report = {"subject_kind": "account", "subject_id": str(scene.ada.id), "reason": "spam"}
    await scene.db.execute("DELETE FROM accounts WHERE id = %s", [scene.bo.id])
    for method, path, body in (
        ("PUT", f"{clip}/like", None),
        ("PUT", f"{clip}/bookmark", None),
        ("POST", f"{clip}/shares", None),
        ("POST", f"{clip}/comments", {"text": "Lovely"}),
        ("PUT", f"{ada}/follow", None),
        ("PUT", f"{ada}/block", None),
        ("POST", "/v1/reports", report),
    ):
        headers = {"idempotency-key": str(new_id())}
        told = await answer(scene.bo, method, path, status=401, headers=headers, json=body)
        assert told.json()["type"] == "/problems/not-signed-in", path
    await answer(scene.mallory, "PUT", f"{clip}/like", status=204)


async def open_cases(moderator: Person, *, about: UUID) -> list[str]:
    """The ids of what waits in the queue about something, however much of other things does."""
    found: list[str] = []
    asked: dict[str, str] = {}
    while True:
        page = await answer(moderator, "GET", "/v1/moderation/cases", status=200, params=asked)
        items, cursor = page.json()["items"], page.json()["next_cursor"]
        found += [item["id"] for item in items if item["subject_id"] == str(about)]
        if cursor is None:
            return found
        asked = {"cursor": cursor}


async def test_from_a_report_to_an_overturned_decision(scene: Scene, sign_up: SignUp) -> None:
    """Report, queue, decision, appeal, answer: each by whom it belongs to."""
    clip, ada, bo = scene.clip, scene.ada, scene.bo
    moderators = [await sign_up("mo"), await sign_up("second")]
    for moderator in moderators:
        await give_role(scene.db, name=moderator.name, role="moderator", at=utc_now())
        # A token from before the change of role is not what carries it.
        await moderator.http.delete("/v1/sessions/current")
        await answer(
            moderator,
            "POST",
            "/v1/sessions",
            status=201,
            json={"name": moderator.name, "password": "correct horse battery"},
        )
    await answer(
        bo,
        "POST",
        "/v1/reports",
        status=201,
        headers={"idempotency-key": str(new_id())},
        json={"subject_kind": "video", "subject_id": str(clip), "reason": "violence"},
    )
    [case_id] = await open_cases(moderators[0], about=clip)
    case = f"/v1/moderation/cases/{case_id}"
    detail = (await answer(moderators[0], "GET", case, status=200)).json()
    assert [entry["reporter"]["name"] for entry in detail["reports"]] == [bo.name]
    await answer(
        moderators[0],
        "POST",
        f"{case}/decisions",
        status=201,
        json={"action": "hide_video", "reason": "Rule 3"},
    )
    await answer(bo, "GET", f"/v1/videos/{clip}", status=404)
    own = (await answer(ada, "GET", "/v1/me/moderation", status=200)).json()
    assert [item["can_appeal"] for item in own["items"]] == [True]
    await answer(ada, "POST", f"{case}/appeal", status=201, json={"text": "A walrus yawns"})
    verdict = {"action": "overturn", "reason": "It yawns"}
    await answer(moderators[0], "POST", f"{case}/appeal/decision", status=409, json=verdict)
    await answer(moderators[1], "POST", f"{case}/appeal/decision", status=201, json=verdict)
    await answer(bo, "GET", f"/v1/videos/{clip}", status=200)
    log = (await answer(moderators[0], "GET", "/v1/moderation/log", status=200)).json()
    acts = [item["action"] for item in log["items"] if item["case_id"] == case_id]
    assert acts == ["overturn", "appeal", "hide_video"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/videos/{clip}/comments", '{"text": 5}'),
        ("/v1/videos/{clip}/comments", '{"text": "x", "more": 1}'),
        ("/v1/videos/{clip}/comments", "{}"),
        ("/v1/videos/{clip}/comments", r'{"text": "\ud800"}'),
        ("/v1/videos/{clip}/comments", "["),
        ("/v1/reports", '{"subject_kind": "planet", "subject_id": "x", "reason": "spam"}'),
    ],
)
async def test_what_cannot_be_read_is_refused(scene: Scene, path: str, body: str) -> None:
    """Malformed bodies answer 400 with a problem document, never a 500."""
    await answer(
        scene.bo,
        "POST",
        path.format(clip=scene.clip),
        status=400,
        content=body,
        headers={"idempotency-key": str(new_id()), "content-type": "application/json"},
    )


async def test_a_post_without_a_key_is_refused(scene: Scene) -> None:
    """A retry could not be told from a second comment."""
    await answer(
        scene.bo,
        "POST",
        f"/v1/videos/{scene.clip}/comments",
        status=400,
        json={"text": "Hello"},
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts/%00",
        "/v1/accounts/a%ff",
        "/v1/hashtags/%00",
        "/v1/videos/not-a-uuid",
        "/v1/search?q=%00",
        "/v1/search?q=a&cursor=%00",
        "/v1/search?q=a&kind=hashtags&cursor=WzEsIlx1MDAwMCJd",
        "/v1/search?q=a&kind=planets",
        "/v1/search?q=" + "x" * 5000,
        "/v1/search",
    ],
)
async def test_hostile_addresses_are_refused(anonymous: Person, path: str) -> None:
    """Zero bytes, broken encodings and made-up cursors answer 400 or 404, never a 500."""
    response = await anonymous.http.get(path)
    assert response.status_code in (400, 404), response.text


async def test_another_sites_page_cannot_like(scene: Scene) -> None:
    """A cookie alone is not consent (docs/decisions/0011)."""
    async with browser(scene.bo.http._transport.app) as elsewhere:  # type: ignore[attr-defined]
        elsewhere.cookies = scene.bo.http.cookies
        response = await elsewhere.put(
            f"/v1/videos/{scene.clip}/like",
            headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        )
    assert response.status_code == 403
