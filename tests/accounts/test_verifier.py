"""Tokens: believed from memory, renewed in time, revoked at once, and never without a signature."""

import timeit
from collections.abc import AsyncIterator

import jwt
import pytest

from solstice.accounts import moderation
from solstice.accounts.tokens import derive_key
from solstice.accounts.verifier import SessionVerifier
from solstice.kit.database import DatabaseSettings
from solstice.kit.metrics import render_metrics
from solstice.kit.resources import Resources
from solstice.resources import build_resources
from solstice.settings import Settings
from tests.cast import Member
from tests.conftest import free_port
from tests.placed import Hand, Place, changed


@pytest.fixture
async def resources(settings: Settings, clock: Hand) -> AsyncIterator[Resources]:
    """One process's outside world, with a clock the test moves."""
    built = build_resources(settings, clock=clock)
    await built.database.open()
    yield built
    await built.database.close()


@pytest.fixture
def no_database(settings: Settings, clock: Hand) -> Resources:
    """One process whose database is not there."""
    nowhere = f"host=127.0.0.1 port={free_port()} dbname=solstice"
    return build_resources(changed(settings, DatabaseSettings, dsn=nowhere), clock=clock)


def _failed_open() -> float:
    needle = 'solstice_failed_open_total{decision="session"}'
    lines = [line for line in render_metrics().decode().splitlines() if line.startswith(needle)]
    return float(lines[0].split()[-1]) if lines else 0.0


async def test_a_fresh_token_needs_no_database(no_database: Resources, ada: Member) -> None:
    """A feed page of somebody signed in costs no query for who they are."""
    sessions = SessionVerifier(no_database)
    text = sessions.issue(ada.viewer).encode()
    restarted = SessionVerifier(no_database)
    known = restarted.look_up(text)
    assert known is not None
    assert restarted.is_believed(known)
    assert (known.viewer.id, known.viewer.name) == (ada.id, ada.name)


async def test_a_token_of_a_hot_page_costs_microseconds(
    no_database: Resources, ada: Member
) -> None:
    """The signature is checked once; afterwards it is a look-up (2 µs; 20 allowed)."""
    sessions = SessionVerifier(no_database)
    token = sessions.issue(ada.viewer).encode()

    def identify() -> bool:
        known = sessions.look_up(token)
        return known is not None and sessions.is_believed(known)

    assert identify()
    assert min(timeit.repeat(identify, number=1000, repeat=5)) / 1000 < 20e-6


async def test_a_stale_token_is_believed_while_the_database_is_away(
    no_database: Resources, ada: Member, clock: Hand
) -> None:
    """Who is signed in stays signed in; that it happened is counted."""
    sessions = SessionVerifier(no_database)
    known = sessions.look_up(sessions.issue(ada.viewer).encode())
    assert known is not None
    await no_database.database.open()
    before = _failed_open()
    clock.move(hours=2)
    assert not sessions.is_believed(known)
    assert await sessions.renew(known) == (known.viewer, None)
    assert sessions.is_believed(known)
    clock.move(seconds=6)
    assert not sessions.is_believed(known)
    assert _failed_open() == before + 1
    await no_database.database.close()


async def test_nobody_waits_twice_for_a_database_that_is_away(
    no_database: Resources, ada: Member, bo: Member, clock: Hand
) -> None:
    """The first stale token finds out; the next ones are answered at once."""
    sessions = SessionVerifier(no_database)
    tokens = [sessions.look_up(sessions.issue(m.viewer).encode()) for m in (ada, bo)]
    await no_database.database.open()
    clock.move(hours=2)
    assert tokens[0] is not None
    await sessions.renew(tokens[0])
    await no_database.database.close()
    assert tokens[1] is not None
    assert await sessions.renew(tokens[1]) == (tokens[1].viewer, None)


async def test_no_token_outlives_its_hard_expiry(
    no_database: Resources, ada: Member, clock: Hand
) -> None:
    """Not even with the database away."""
    sessions = SessionVerifier(no_database)
    text = sessions.issue(ada.viewer).encode()
    known = sessions.look_up(text)
    assert known is not None
    clock.move(days=31)
    assert await sessions.renew(known) == (None, None)
    assert SessionVerifier(no_database).look_up(text) is None


async def test_what_was_not_signed_here_is_nobody(no_database: Resources, ada: Member) -> None:
    """Another key, another purpose, another algorithm, a changed letter, no signature at all."""
    sessions = SessionVerifier(no_database)
    genuine = sessions.issue(ada.viewer)
    claims = jwt.decode(genuine, options={"verify_signature": False})
    claims["role"] = "administrator"
    key = derive_key(no_database.secret_key, "session")
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, no_database.secret_key, algorithm="HS256"),
        jwt.encode(claims, derive_key(no_database.secret_key, "device"), algorithm="HS256"),
        jwt.encode(claims, key * 2, algorithm="HS512"),
        jwt.encode(claims, None, algorithm="none"),  # type: ignore[arg-type]
        genuine[:-3] + ("aaa" if not genuine.endswith("aaa") else "bbb"),
        jwt.encode({"sub": "x"}, key, algorithm="HS256"),
        jwt.encode({**claims, "exp": "never"}, key, algorithm="HS256"),
        "",
        "a.b.c",
        "x" * 5000,
    ]
    assert [sessions.look_up(text.encode()) for text in forged] == [None] * len(forged)


async def test_an_ended_session_is_learned_and_never_believed_again(
    resources: Resources, place: Place
) -> None:
    """Also by a process that has just started."""
    ada = await place.sign_up()
    text = ada.http.cookies["solstice_session"].encode()
    running = SessionVerifier(resources)
    known = running.look_up(text)
    assert known is not None
    await running.learn()
    assert running.is_believed(known)
    await ada.http.delete("/v1/sessions/current")
    await running.learn()
    assert not running.is_believed(known)
    assert await running.renew(known) == (None, None)
    started = SessionVerifier(resources)
    await started.learn()
    fresh = started.look_up(text)
    assert fresh is not None
    assert not started.is_believed(fresh)


async def test_a_change_of_role_reaches_tokens_from_before_it(
    resources: Resources, clock: Hand, place: Place
) -> None:
    """A moderator who was unmade does not stay one for a quarter of an hour."""
    ada = await place.sign_up()
    sessions = SessionVerifier(resources)
    known = sessions.look_up(ada.http.cookies["solstice_session"].encode())
    assert known is not None
    async with resources.database.transaction() as conn:
        await moderation.give_role(conn, name=ada.name, role="moderator", at=clock())
    await sessions.learn()
    assert not sessions.is_believed(known)
    owner, renewed = await sessions.renew(known)
    assert owner is not None
    assert owner.role == "moderator"
    assert renewed is not None
    clock.move(seconds=5)
    await sessions.renew(known)
    assert sessions.is_believed(known)


async def test_a_stale_token_is_renewed_and_the_browser_gets_the_new_one(
    place: Place, clock: Hand
) -> None:
    """Whoever comes once a month stays signed in."""
    ada = await place.sign_up()
    first = ada.http.cookies["solstice_session"]
    clock.move(days=29)
    answer = await ada.http.get("/v1/me")
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert ada.http.cookies["solstice_session"] != first
    clock.move(days=29)
    assert (await ada.http.get("/v1/me")).status_code == 200
    clock.move(days=31)
    assert (await ada.http.get("/v1/me")).status_code == 401


async def test_memory_of_tokens_is_bounded(no_database: Resources, ada: Member) -> None:
    """A flood of valid tokens cannot fill the memory."""
    sessions = SessionVerifier(no_database)
    for _ in range(20):
        sessions.issue(Member(ada.id, ada.name).viewer)
    assert len(sessions._tokens) == 20
    assert len(sessions._ended) == 0
    for n in range(30):
        sessions.forget(Member(ada.id, f"n{n}").viewer.session_id)
    assert len(sessions._ended) == 30
