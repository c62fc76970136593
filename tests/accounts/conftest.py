"""A second server over the same database, whose clock the test moves."""

from collections.abc import AsyncIterator

import pytest

from solstice.app import build_app
from solstice.settings import Settings
from tests.placed import Hand, Place
from tests.served import serving


@pytest.fixture
def clock() -> Hand:
    """A clock the test moves."""
    return Hand()


@pytest.fixture
async def place(settings: Settings, clock: Hand) -> AsyncIterator[Place]:
    """A server with a movable clock."""
    async with serving(build_app(settings, clock=clock)) as app:
        yield Place(app, clock)
