"""A beacon: what a browser tells of a clip that was shown or watched, and who tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

MILLISECONDS_MAX = 86_400_000


class Beacon(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to one clip.

    `id` is made by the client, so that an event sent twice counts once.  `watch_ms` is the whole
    time the clip played, all loops together; `at` is when it ended, now when left out.
    """

    id: UUID
    video_id: UUID
    kind: Literal["impression", "watch", "skip"]
    watch_ms: Annotated[int, msgspec.Meta(ge=0, le=MILLISECONDS_MAX)] = 0
    loops: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    at: datetime | None = None


class Beacons(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of events, at most 100."""

    events: list[Beacon]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Who tells: an account, or only a network."""

    account_id: UUID | None
    network: str
