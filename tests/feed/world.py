"""A platform in miniature: real memory, real database, servers that a test starts and ends.

Only the clock's hand is ours: nothing happens in the background, a test says when a server
follows the database or writes its beacons.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from solstice.feed.beacon import Beacon, Source
from solstice.feed.folding import fold_history, fold_tallies
from solstice.feed.following import following_page
from solstice.feed.for_you import for_you_page
from solstice.feed.memory import Memory
from solstice.feed.refresh import Follower, pool_anew
from solstice.feed.renewing import renew_next
from solstice.feed.settings import FeedSettings
from solstice.kit.clock import Clock, utc_now
from solstice.kit.database import Database, DatabaseSettings
from solstice.kit.ids import new_id
from solstice.kit.objects import Objects, ObjectSettings
from solstice.kit.resources import Resources
from tests.cast import Member, insert_live_video, insert_member

Page = dict[str, Any]


@dataclass
class Server:
    """One server's memory."""

    memory: Memory
    follower: Follower

    async def follow(self) -> None:
        """Follow the database once and pool anew, as a second later would have."""
        await self.follower.follow()
        await pool_anew(self.memory)

    def renew(self) -> None:
        """Rank for everybody who is soon to need it, as a moment later would have."""
        while self.memory.renewals.are_wanted.is_set():
            renew_next(self.memory)

    async def flush(self) -> None:
        """Write the beacons."""
        await self.memory.outbox.flush(self.memory.database)

    async def for_you(
        self, viewer: Member | None, cursor: str | None = None, *, limit: int = 8
    ) -> Page:
        """Ask for a page of For You."""
        page = await for_you_page(
            self.memory, viewer_id=viewer.id if viewer else None, cursor=cursor, limit=limit
        )
        return dict(json.loads(page))

    async def following(self, viewer: Member, cursor: str | None = None, *, limit: int = 8) -> Page:
        """Ask for a page of Following."""
        page = await following_page(self.memory, viewer_id=viewer.id, cursor=cursor, limit=limit)
        return dict(json.loads(page))

    def tell(
        self,
        viewer: Member | None,
        video_ids: list[UUID],
        *,
        kind: Any = "impression",
        watch_ms: int = 0,
        network: str = "192.0.2.1",
    ) -> None:
        """Send beacons."""
        events = [
            Beacon(id=new_id(), video_id=video_id, kind=kind, watch_ms=watch_ms)
            for video_id in video_ids
        ]
        source = Source(account_id=viewer.id if viewer else None, network=network)
        self.memory.beaconry.take_in(source, events, now_s=self.memory.now_s())


@dataclass
class World:
    """The database and its servers."""

    dsn: str
    folder: Path
    clock: Clock = utc_now
    database: Database = field(init=False)
    """One pool for all servers: connecting anew for each would be most of a test's time."""
    conn: AsyncConnection[Any] = field(init=False)

    async def begin(self) -> None:
        """Empty the database and connect to it."""
        self.conn = await AsyncConnection.connect(self.dsn, autocommit=True)
        self.database = Database(DatabaseSettings(dsn=self.dsn, pool_size=2))
        await self.database.open()
        await self.empty()

    async def empty(self) -> None:
        """Take everything away, as if the platform were new."""
        await self.conn.execute(
            "TRUNCATE accounts, videos, feed_changes, feed_history, feed_viewers, feed_flushes,"
            " feed_tallies, feed_scores, likes, video_counts, video_deltas CASCADE"
        )

    async def end(self) -> None:
        """Disconnect everybody."""
        await self.database.close()
        await self.conn.close()

    async def start_server(self, **settings: Any) -> Server:
        """Start a server that has followed the database once."""
        server = await self.make_server(**settings)
        await server.follow()
        return server

    async def make_server(self, **settings: Any) -> Server:
        """Make a server that knows nothing yet."""
        resources = Resources(
            database=self.database,
            objects=Objects(ObjectSettings(), directory=self.folder / "objects"),
            clock=self.clock,
            settings={FeedSettings: FeedSettings(**settings)},
            scratch_dir=self.folder / "scratch",
            secret_key=b"k" * 32,
            offers={},
        )
        memory = Memory(resources)
        return Server(memory, Follower(memory))

    async def somebody(self, name: str) -> Member:
        """Let somebody sign up."""
        return await insert_member(self.conn, name)

    async def publish(self, creator: Member, count: int = 1, **details: Any) -> list[UUID]:
        """Let somebody publish clips."""
        return [await insert_live_video(self.conn, creator, **details) for _ in range(count)]

    async def fold(self) -> None:
        """Fold histories and tallies, however young."""
        async with await psycopg.AsyncConnection.connect(self.dsn) as conn:
            await fold_history(conn, older_than_s=-1)
            await fold_tallies(conn)


def ids_of(page: Page) -> list[UUID]:
    """List the clips of a page."""
    return [UUID(item["id"]) for item in page["items"]]


def creators_of(page: Page) -> list[str]:
    """List the creators of a page, in order."""
    return [item["creator"]["id"] for item in page["items"]]
