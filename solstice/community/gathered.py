"""Likes and bookmarks as they come over HTTP: gathered, so that many are written at once.

The two handlers take the bare scope, as those of the feed's pages do (docs/decisions/0076): what
the framework needs for a signature's parameters costs more than the like.  `ActOperation` tells
the OpenAPI document what they accept.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from litestar.datastructures import State
from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Operation, Parameter, Schema
from litestar.types import Scope

from solstice.accounts.doorman import VIEWER_KEY
from solstice.accounts.viewer import Viewer
from solstice.community.act import Act
from solstice.community.bookmarks import bookmark_all
from solstice.community.likes import like_all
from solstice.kit.database import Connection, Database
from solstice.kit.errors import NotSignedIn
from solstice.kit.gathering import Gathering
from solstice.kit.resources import Resources
from solstice.videos.errors import VideoNotVisible

Writing = Callable[[Connection, Sequence[Act]], Awaitable[list[bool]]]


class Gathered:
    """One server's likes and bookmarks on their way into the database."""

    def __init__(self, database: Database) -> None:
        self.likes = _gather(database, like_all)
        self.bookmarks = _gather(database, bookmark_all)


def _gather(database: Database, write_all: Writing) -> Gathering[Act, bool]:
    async def write(acts: Sequence[Act]) -> list[bool]:
        async with database.statement() as conn:
            return await write_all(conn, acts)

    return Gathering(write)


@asynccontextmanager
async def keep_gathered(resources: Resources, state: State) -> AsyncIterator[None]:
    """Offer the two gatherings for as long as the server runs."""
    state.gathered = Gathered(resources.database)
    yield


RUNNING: Final = (keep_gathered,)


@dataclass
class ActOperation(Operation):
    """An operation on the video that the path names."""

    def __post_init__(self) -> None:
        """Add the parameter the signature does not show."""
        schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
        self.parameters = [
            Parameter(name="video_id", param_in="path", required=True, schema=schema)
        ]


def read_act(scope: Scope) -> tuple[Gathered, Act]:
    """Read who does it to which video.

    Errors: NotSignedIn (401).
    """
    viewer = cast("Viewer | None", scope.get(VIEWER_KEY))
    if viewer is None:
        raise NotSignedIn
    gathered: Gathered = scope["litestar_app"].state.gathered
    return gathered, Act(viewer.id, cast("UUID", scope["path_params"]["video_id"]))


async def do_act(gathering: Gathering[Act, bool], act: Act) -> None:
    """Have an act written; returns when it is committed.

    Errors: VideoNotVisible (404), DatabaseUnavailable (503), StorageFull (507).
    """
    if not await gathering.hand_in(act):
        raise VideoNotVisible
