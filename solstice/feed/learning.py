"""Learning places: from what viewers watched long and liked to a vector for each video.

A periodic job of the worker, on the records of the viewers last active.  Places turn and flip
from one run to the next (singular vectors have no sign), so each new map is turned onto the old
one (orthogonal Procrustes, Schönemann, Psychometrika 31, 1966); what then moved by less than
MOVED is not written, and servers read little.
"""

from typing import Final
from uuid import UUID

import numpy as np
import structlog

from solstice.feed import queries
from solstice.feed.embedding import Floats, embed, place_cold, quantize, restore, unit
from solstice.feed.index import FeedIndex, read_records
from solstice.feed.keys import keys_from_bytes
from solstice.feed.queries import ActsRow
from solstice.feed.ranking import LONG_WATCH_SIGNAL, signal_of
from solstice.feed.records import unpack
from solstice.kit.database import Database

VIEWERS_MAX: Final = 10_000
BATCH: Final = 2000
MOVED: Final = 0.03
"""A cosine distance below this is rounding and chance."""

log = structlog.get_logger()


async def read_index(database: Database) -> FeedIndex:
    """Read every publishable video, in batches."""
    index = FeedIndex()
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with database.reading() as conn:
            packed, after = await queries.read_records_after(conn, after=after, limit=BATCH)
        index.put(read_records(packed))
    return index


def learn_places(index: FeedIndex, acts: list[ActsRow]) -> Floats:
    """Place every video by these viewers' acts, on the map that is in use."""
    viewers, videos = [], []
    for number, row in enumerate(acts):
        records = unpack(row.records)
        liked = keys_from_bytes(row.liked)
        long = records["key"][signal_of(records) >= LONG_WATCH_SIGNAL].astype(np.uint64)
        slots = np.unique(index.find_slots(np.concatenate([long, liked])))
        slots = slots[slots >= 0]
        viewers.append(np.full(len(slots), number))
        videos.append(slots)
    if not viewers:
        return np.zeros_like(index.vectors, dtype=np.float32)
    places = embed(
        np.concatenate(viewers), np.concatenate(videos).astype(np.int64), video_count=index.count
    )
    places = place_cold(places, creators=index.creator, tags=index.tags)
    return turn_onto(places, restore(index.vectors))


def turn_onto(places: Floats, old: Floats) -> Floats:
    """Turn a new map so that it lies on the old one as well as it can."""
    both = places.any(axis=1) & old.any(axis=1)
    if not both.any():
        return places
    left, _, right = np.linalg.svd(places[both].T @ old[both])
    turned: Floats = (places @ (left @ right)).astype(np.float32)
    return turned


def list_moved(places: Floats, old: Floats) -> list[int]:
    """List the videos whose place is new or has moved; one without acts keeps its old place."""
    nearness = (unit(places) * unit(old)).sum(axis=1)
    moved = places.any(axis=1) & (nearness < 1 - MOVED)
    return [int(slot) for slot in np.flatnonzero(moved)]


async def learn(database: Database) -> int:
    """Learn and write what moved; tells how many videos that were."""
    index = await read_index(database)
    async with database.reading(timeout_ms=30_000) as conn:
        acts = await queries.list_acts(conn, viewers_max=VIEWERS_MAX)
    places = learn_places(index, acts)
    old = restore(index.vectors)
    vectors = quantize(places)
    moved = list_moved(places, old)
    for start in range(0, len(moved), BATCH):
        slots = moved[start : start + BATCH]
        async with database.transaction() as conn:
            await queries.place_videos(
                conn,
                ids=[index.id_of(slot) for slot in slots],
                vectors=[vectors[slot].tobytes() for slot in slots],
            )
    log.info("feed.learned", videos=index.count, viewers=len(acts), moved=len(moved))
    return len(moved)
