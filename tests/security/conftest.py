"""Everybody who may come to a route, and fresh things of ada's for them to try their hands on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from solstice.accounts.moderation import give_role
from solstice.app import build_app
from solstice.kit.asgi import App
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.resources import build_resources
from solstice.settings import Settings
from tests.cast import PASSWORD, Member, Person, insert_live_video
from tests.placed import Hand, Place
from tests.served import browser, serving

CALLERS = ("anonymous", "blocked", "other", "moderator", "administrator", "owner")


@dataclass(frozen=True)
class Everybody:
    """One browser for each kind of caller; `owner` owns what is tried."""

    anonymous: Person
    blocked: Person
    other: Person
    moderator: Person
    administrator: Person
    owner: Person

    def of(self, caller: str) -> httpx.AsyncClient:
        """Return a caller's browser."""
        person: Person = getattr(self, caller)
        return person.http


@dataclass(frozen=True)
class Things:
    """Things of the owner's, made anew for each row of the table."""

    public: UUID
    followers: UUID
    private: UUID
    hidden: UUID
    upload: UUID
    comment: UUID
    notification: UUID
    session: UUID
    open_case: UUID
    decided_case: UUID
    appealed_case: UUID


async def _signed_up(app: App, name: str) -> Person:
    client = browser(app)
    full_name = f"{name}{new_id().hex[-10:]}"
    answer = await client.post("/v1/accounts", json={"name": full_name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return Person(UUID(answer.json()["id"]), full_name, client)


async def _with_role(app: App, settings: Settings, person: Person, role: str) -> Person:
    """Give a role and log in anew, which is quicker than waiting for servers to learn of it."""
    resources = build_resources(settings)
    await resources.database.open()
    async with resources.database.transaction() as conn:
        await give_role(conn, name=person.name, role=role, at=resources.clock())  # type: ignore[arg-type]
    await resources.database.close()
    client = browser(app)
    said = {"name": person.name, "password": PASSWORD}
    assert (await client.post("/v1/sessions", json=said)).status_code == 201
    await person.http.aclose()
    return replace(person, http=client)


@pytest.fixture(scope="session")
async def everybody(app: App, settings: Settings) -> AsyncIterator[Everybody]:
    """All kinds of callers; the owner has blocked one of them."""
    owner = await _signed_up(app, "ada")
    blocked = await _signed_up(app, "mallory")
    assert (await owner.http.put(f"/v1/accounts/{blocked.name}/block")).status_code == 204
    moderator = await _signed_up(app, "mo")
    administrator = await _signed_up(app, "admina")
    found = Everybody(
        anonymous=Person(UUID(int=0), "", browser(app)),
        blocked=blocked,
        other=await _signed_up(app, "bo"),
        moderator=await _with_role(app, settings, moderator, "moderator"),
        administrator=await _with_role(app, settings, administrator, "administrator"),
        owner=owner,
    )
    yield found
    for caller in CALLERS:
        await found.of(caller).aclose()


@pytest.fixture
async def things(everybody: Everybody, dsn: str, state_dir: Path) -> Things:
    """Fresh things of the owner's."""
    owner = everybody.owner
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        session = new_id()
        await conn.execute(
            "INSERT INTO sessions (id, account_id, expires_at) VALUES (%s, %s, now() + '1 day')",
            [session, owner.id],
        )
        public = await _video(conn, owner, state_dir)
        hidden = await _video(conn, owner, state_dir)
        await conn.execute("UPDATE videos SET hidden_at = now() WHERE id = %s", [hidden])
        await conn.execute("DELETE FROM videos WHERE state = 'uploading'")
        upload = new_id()
        await conn.execute(
            "INSERT INTO videos (id, creator_id, size_bytes) VALUES (%s, %s, 10)",
            [upload, owner.id],
        )
        comment = new_id()
        await conn.execute(
            "INSERT INTO comments (id, video_id, author_id, text, created_at) "
            "VALUES (%s, %s, %s, 'Lovely.', now() - interval '1 hour')",
            [comment, public, owner.id],
        )
        notification = new_id()
        await conn.execute(
            "INSERT INTO notifications (id, account_id, kind, group_id) VALUES (%s, %s, %s, %s)",
            [notification, owner.id, "system", notification],
        )
        appealed = await _case(conn, owner, hidden, is_decided=True)
        await conn.execute(
            "INSERT INTO appeals (case_id, account_id, text) VALUES (%s, %s, 'It is not spam.')",
            [appealed, owner.id],
        )
        return Things(
            public=public,
            followers=await _video(conn, owner, state_dir, visibility="followers"),
            private=await _video(conn, owner, state_dir, visibility="private"),
            hidden=hidden,
            upload=upload,
            comment=comment,
            notification=notification,
            session=session,
            open_case=await _case(conn, owner, public, is_decided=False),
            decided_case=await _case(conn, owner, hidden, is_decided=True),
            appealed_case=appealed,
        )


async def _video(
    conn: Connection, owner: Person, state_dir: Path, *, visibility: str = "public"
) -> UUID:
    """Insert a live video with its original, a poster frame and captions."""
    member = Member(owner.id, owner.name)
    video_id = await insert_live_video(conn, member, hashtags=("sea",), visibility=visibility)
    original, captions = f"originals/{video_id}.mp4", f"captions/{video_id}.vtt"
    await conn.execute("UPDATE videos SET original_object = %s WHERE id = %s", [original, video_id])
    await conn.execute(
        "INSERT INTO poster_frames (video_id, at_ms, object, thumb_object, placeholder) "
        "VALUES (%s, 0, %s, %s, '')",
        [video_id, f"posters/{video_id}-0.webp", f"posters/{video_id}-0-360.webp"],
    )
    await conn.execute(
        "INSERT INTO captions (video_id, language, label, object) VALUES (%s, 'en', 'English', %s)",
        [video_id, captions],
    )
    for name, data in ((original, bytes(1000)), (captions, b"WEBVTT\n")):
        path = state_dir / "objects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return video_id


async def _case(conn: Connection, owner: Person, video_id: UUID, *, is_decided: bool) -> UUID:
    """Insert a case about one of the owner's videos."""
    case_id = new_id()
    await conn.execute(
        """
        INSERT INTO cases (id, subject_kind, subject_id, account_id, video_id, state, sanction,
            decided_at)
        VALUES (%(id)s, 'video', %(video_id)s, %(account_id)s, %(video_id)s, %(state)s,
            %(sanction)s, CASE WHEN %(is_decided)s THEN now() END)
        """,
        {
            "id": case_id,
            "video_id": video_id,
            "account_id": owner.id,
            "state": "decided" if is_decided else "open",
            "sanction": "hide_video" if is_decided else "none",
            "is_decided": is_decided,
        },
    )
    return case_id


@pytest.fixture
def clock() -> Hand:
    """A clock the test moves."""
    return Hand()


@pytest.fixture
async def place(settings: Settings, clock: Hand) -> AsyncIterator[Place]:
    """A server with a movable clock."""
    async with serving(build_app(settings, clock=clock)) as app:
        yield Place(app, clock)
