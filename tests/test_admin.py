"""`solstice admin`: what operators do from the command line."""

import asyncio
import time
from dataclasses import replace
from uuid import UUID

import httpx
import psycopg
import pytest

from solstice.admin import main
from solstice.kit.database import DatabaseSettings
from solstice.kit.ids import new_id
from solstice.kit.remedies import OperatorError
from solstice.settings import Settings
from tests.conftest import SignUp, free_port


async def _admin(settings: Settings, *arguments: str) -> None:
    await asyncio.to_thread(main, settings, list(arguments))


async def _until_role(client: httpx.AsyncClient, role: str) -> None:
    """Wait for a role to reach the server, as the token says it."""
    began = time.monotonic()
    while (await client.get("/v1/operations")).status_code != (
        200 if role == "administrator" else 403
    ) or (await client.get("/v1/moderation/log")).status_code != (403 if role == "viewer" else 200):
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.05)


async def _insert_given_up(settings: Settings, creator_id: UUID) -> UUID:
    """Insert a video whose processing failed too often."""
    video_id = new_id()
    dsn = settings.of(DatabaseSettings).dsn
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        await conn.execute(
            """
            INSERT INTO videos (id, creator_id, state, received_at, size_bytes, received_bytes,
                attempts, refusal_code, refusal_sentence)
            VALUES (%s, %s, 'refused', now(), 1, 1, 5, 'processing_failed', 'It failed.')
            """,
            [video_id, creator_id],
        )
    return video_id


async def test_somebody_becomes_administrator_and_stops_being_one(
    settings: Settings, sign_up: SignUp, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without logging in again: the server learns within a second."""
    ada = await sign_up("ada")
    await _admin(settings, "make", f"@{ada.name}")
    assert f"{ada.name} is administrator now" in capsys.readouterr().out
    await _until_role(ada.http, "administrator")
    await _admin(settings, "staff")
    listed = capsys.readouterr().out
    assert ada.name in listed
    await _admin(settings, "make", ada.name, "--role", "moderator")
    await _until_role(ada.http, "moderator")
    await _admin(settings, "unmake", ada.name)
    await _until_role(ada.http, "viewer")


async def test_an_account_is_hidden_and_shown_again(
    settings: Settings, sign_up: SignUp, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its owner is told; doing it twice says that there was nothing to do."""
    ada = await sign_up("ada")
    await _admin(settings, "hide-account", ada.name)
    assert "is hidden" in capsys.readouterr().out
    assert (await ada.http.get("/v1/me")).json()["is_hidden"]
    await _admin(settings, "hide-account", ada.name)
    assert "Nothing to do" in capsys.readouterr().out
    await _admin(settings, "show-account", ada.name)
    assert "shown again" in capsys.readouterr().out
    assert not (await ada.http.get("/v1/me")).json()["is_hidden"]


async def test_what_is_not_there_is_said_with_the_remedy(settings: Settings) -> None:
    """One sentence each, no traceback."""
    with pytest.raises(OperatorError, match="no account called 'nobody_there'"):
        await _admin(settings, "make", "nobody_there")
    with pytest.raises(OperatorError, match="no video"):
        await _admin(settings, "redrive", "not-an-id")
    with pytest.raises(OperatorError, match="no video"):
        await _admin(settings, "redrive", str(new_id()))
    nowhere = replace(settings.of(DatabaseSettings), dsn=f"host=127.0.0.1 port={free_port()}")
    away = replace(settings, features={**settings.features, DatabaseSettings: nowhere})
    with pytest.raises(OperatorError, match="cannot be reached"):
        await _admin(away, "staff")


async def test_stuck_videos_are_shown_and_put_back_in_line(
    settings: Settings, sign_up: SignUp, capsys: pytest.CaptureFixture[str]
) -> None:
    """One by its address, or all of them; a video is hidden and shown by its address too."""
    ada = await sign_up("ada")
    video_id = await _insert_given_up(settings, ada.id)
    await _admin(settings, "stuck")
    assert str(video_id) in capsys.readouterr().out
    await _admin(settings, "redrive", f"http://127.0.0.1:8080/v/{video_id}")
    assert "1 back in line" in capsys.readouterr().out
    await _admin(settings, "redrive", "all")
    assert "back in line" in capsys.readouterr().out
    await _admin(settings, "hide-video", str(video_id))
    assert "is hidden" in capsys.readouterr().out
    await _admin(settings, "show-video", str(video_id))
    assert "is shown again" in capsys.readouterr().out
