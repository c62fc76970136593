"""What one server keeps of the feed: index, cards, pools, viewers.  Made once, at start.

`Memory` is only the place where they meet; `refresh.py` fills and follows, `for_you.py` and
`following.py` read, `beacons.py` writes.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np

from solstice.feed.beacons import Beaconry
from solstice.feed.cards import Cards, encode_head
from solstice.feed.cohorts import Cohorts
from solstice.feed.index import PUBLIC, FeedIndex
from solstice.feed.outbox import Outbox
from solstice.feed.pools import Pools, copy_columns, make_pools
from solstice.feed.popular import PopularPages
from solstice.feed.renewals import Renewals
from solstice.feed.settings import FeedSettings
from solstice.feed.shared_queues import SharedQueues
from solstice.feed.viewers import Viewers
from solstice.kit.clock import Clock
from solstice.kit.database import Database, DatabaseUnavailable, ReadConnection
from solstice.kit.ids import new_id
from solstice.kit.resources import Resources
from solstice.videos.cards import list_cards

HYDRATED_AT_ONCE: int = 64
"""Cards read in one go: about 3 ms of the event loop."""
LISTED_AT_ONCE: int = 1024
"""Slots looked at in one go: about 0.1 ms of the event loop."""


class Memory:
    """The feed of one server process."""

    def __init__(self, resources: Resources, *, directory: Path | None = None) -> None:
        self.settings = resources.settings_of(FeedSettings)
        self.database: Database = resources.database
        self.clock: Clock = resources.clock
        self.server_id: UUID = new_id()
        self.snapshot_path = (directory or resources.scratch_dir.parent / "feed") / "index.snapshot"
        self.index = FeedIndex()
        self.cards = Cards(self.index, bytes_max=self.settings.cards_bytes_max)
        self.pools: Pools = make_pools(copy_columns(self.index, count=0), now_ms=0)
        self.outbox = Outbox(self.server_id, events_max=self.settings.beacons_buffered_max)
        self.renewals = Renewals()
        self.viewers = Viewers(
            resources.database,
            resources.clock,
            outbox=self.outbox,
            renewals=self.renewals,
            bytes_max=self.settings.viewers_bytes_max,
        )
        self.beaconry = Beaconry(
            self.settings, index=self.index, viewers=self.viewers, outbox=self.outbox
        )
        self.random = np.random.default_rng()
        self.shared = SharedQueues(self.random)
        self.cohorts = Cohorts()
        self.popular = PopularPages(self.random)
        self.loaded = asyncio.Event()
        """Set once there is something to serve from: the database's or the snapshot's."""
        self.wake = asyncio.Event()
        """Set when something was written here that the index should follow at once."""

    @property
    def is_ready(self) -> bool:
        """Whether pages can be served."""
        return self.loaded.is_set()

    def now_s(self) -> float:
        """Tell the time in Unix seconds."""
        return self.clock().timestamp()

    def list_by_worth(self) -> Iterator[list[int]]:
        """List every public slot once, those whose cards are most worth having first.

        In parts, so that whoever goes through them lets others have their turn in between.
        """
        newcomers = np.arange(self.pools.slot_count, self.index.count, dtype=np.int32)
        slots = np.concatenate([newcomers, self.pools.by_worth])
        for start in range(0, len(slots), LISTED_AT_ONCE):
            part = slots[start : start + LISTED_AT_ONCE]
            yield part[self.index.visibility[part] == PUBLIC].tolist()

    async def hydrate(self, slots: list[int]) -> None:
        """Read the cards of these slots that are not here; without a database, leave them out."""
        missing = self.cards.missing(slots)
        if not missing:
            return
        try:
            async with self.database.reading(timeout_ms=1000) as conn:
                await self.read_cards(conn, missing)
        except DatabaseUnavailable:
            return

    async def read_cards(self, conn: ReadConnection, slots: list[int]) -> None:
        """Read cards anew and keep them; those that are no longer there are dropped."""
        for start in range(0, len(slots), HYDRATED_AT_ONCE):
            chunk = slots[start : start + HYDRATED_AT_ONCE]
            found = await list_cards(conn, [self.index.id_of(slot) for slot in chunk])
            for slot in chunk:
                card = found.get(self.index.id_of(slot))
                if card is None:
                    self.cards.drop(slot)
                else:
                    self.cards.put(slot, encode_head(card))
