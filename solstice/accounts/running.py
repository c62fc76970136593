"""What a server keeps in memory for accounts while it runs: sessions and two lanes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar.datastructures import State

from solstice.accounts.avatars import PictureLane
from solstice.accounts.passwords import PasswordLane
from solstice.accounts.settings import AccountSettings
from solstice.accounts.verifier import SessionVerifier
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.resources import Resources
from solstice.kit.stopping import stop_tasks

LEARN_EVERY_S = 1.0

log = structlog.get_logger()


@asynccontextmanager
async def keep_sessions(resources: Resources, state: State) -> AsyncIterator[None]:
    """Learn of ended sessions each second for as long as the server runs."""
    state.sessions = SessionVerifier(resources)
    learning = asyncio.create_task(_keep_learning(state.sessions))
    try:
        yield
    finally:
        await stop_tasks([learning])


@asynccontextmanager
async def keep_lanes(resources: Resources, state: State) -> AsyncIterator[None]:
    """Keep the lanes in which passwords are hashed and pictures drawn."""
    state.pictures = PictureLane()
    state.passwords = PasswordLane(resources.settings_of(AccountSettings))
    try:
        yield
    finally:
        state.passwords.close()


async def _keep_learning(sessions: SessionVerifier) -> None:
    while True:
        try:
            await sessions.learn()
        except DatabaseUnavailable:
            log.debug("sessions.not_learned")
        except Exception:
            log.exception("sessions.not_learned")
        await asyncio.sleep(LEARN_EVERY_S)


RUNNING = (keep_sessions, keep_lanes)
