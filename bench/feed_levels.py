"""What a feed page costs at each step of degradation: CPU in process, without server or network.

    python -m bench.feed_levels [--short] [--videos 100000] [--accounts 2000]

Fills a throwaway PostgreSQL, loads one server's memory from it, reads every viewer, and asks for
pages in this process: ranked anew for each, sliced from a queue, cut anew from a cohort's ranking,
and ready as bytes.  Only processor time is counted.
"""

import argparse
import asyncio
import itertools
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from bench.asking import parse
from bench.feed import running_postgres
from bench.feed_data import fill
from bench.table import Figure, print_figures
from solstice.feed.for_you import for_you_page
from solstice.feed.memory import HYDRATED_AT_ONCE, Memory
from solstice.feed.refresh import Follower, pool_anew
from solstice.feed.settings import FeedSettings
from solstice.feed.viewer_state import ViewerState
from solstice.kit.clock import utc_now
from solstice.kit.context import DEGRADATION
from solstice.kit.database import Database, DatabaseSettings
from solstice.kit.objects import Objects, ObjectSettings
from solstice.kit.resources import Resources

PERSONAL, COHORT, POPULAR = 0, 2, 3


def main() -> None:
    """Fill, load, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--videos", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parse(parser, videos=4000, accounts=200, rounds=1)
    folder = Path(tempfile.mkdtemp(prefix="solstice-bench-"))
    try:
        with running_postgres(folder) as dsn:
            accounts = fill(dsn, videos=chosen.videos, accounts=chosen.accounts)
            ids = [UUID(account_id) for account_id, _ in accounts]
            is_met = asyncio.run(measure(dsn, folder, ids, rounds=chosen.rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if is_met else 1)


async def measure(dsn: str, folder: Path, ids: list[UUID], *, rounds: int) -> bool:
    """Measure every kind of page for every viewer and print the table."""
    database = Database(DatabaseSettings(dsn=dsn, pool_size=2))
    await database.open()
    memory = await load(database, folder)
    bytes_each = memory.index.nbytes() / memory.index.count
    for viewer_id in ids:
        await for_you_page(memory, viewer_id=viewer_id, cursor=None, limit=8)
    ranked = await cost_us(memory, ids, PERSONAL, rounds=rounds, before=forget_queue)
    slices = await cost_us(memory, ids, PERSONAL, rounds=rounds, before=leave_as_it_is)
    cut = await cost_us(memory, ids, COHORT, rounds=rounds, before=forget_queue)
    ready = await cost_us(memory, ids, POPULAR, rounds=rounds, before=forget_what_was_given)
    await database.close()
    steps = (
        ("personal, ranked anew", ranked, None),
        ("cohort, cut anew", cut, cut < ranked / 2),
        ("either, next slice of a queue", slices, slices < cut),
        ("popular, ready as bytes", ready, ready < slices),
    )
    figures = [
        Figure(
            name=name,
            target="" if met is None else "clearly less than the line above",
            measured=f"{us:.1f} µs",
            yardstick="" if met is None else "of ranked anew",
            ratio=None if met is None else us / ranked,
            met=met,
        )
        for name, us, met in steps
    ]
    memory_figure = Figure(
        name="index, a video",
        target="≤ 200 B",
        measured=f"{bytes_each:.0f} B",
        yardstick=f"{memory.index.count:,} videos",
        met=bytes_each <= 200,
    )
    return print_figures("CPU of a feed page", [*figures, memory_figure])


async def load(database: Database, folder: Path) -> Memory:
    """Load one server's memory, with every card."""
    resources = Resources(
        database=database,
        objects=Objects(ObjectSettings(), directory=folder / "objects"),
        clock=utc_now,
        settings={FeedSettings: FeedSettings()},
        scratch_dir=folder / "scratch",
        secret_key=b"k" * 32,
        offers={},
    )
    memory = Memory(resources)
    await Follower(memory).follow()
    await pool_anew(memory)
    for start in range(0, memory.index.count, HYDRATED_AT_ONCE):
        await memory.hydrate(list(range(start, min(start + HYDRATED_AT_ONCE, memory.index.count))))
    assert not memory.cards.missing(range(memory.index.count)), "every card is in memory"
    return memory


async def cost_us(
    memory: Memory,
    ids: list[UUID],
    level: int,
    *,
    rounds: int,
    before: Callable[[ViewerState], None],
) -> float:
    """Tell the median CPU of a page over all viewers, who are prepared by `before`."""
    DEGRADATION.set(level)
    took_us = []
    for viewer_id in itertools.chain.from_iterable(itertools.repeat(ids, rounds)):
        state = memory.viewers.peek(viewer_id)
        assert state
        before(state)
        started = time.process_time_ns()
        await for_you_page(memory, viewer_id=viewer_id, cursor=None, limit=8)
        took_us.append((time.process_time_ns() - started) / 1000)
    DEGRADATION.set(PERSONAL)
    return statistics.median(took_us)


def forget_queue(state: ViewerState) -> None:
    """Let the next page need a new queue."""
    state.queue = None
    state.was_ranked = True


def leave_as_it_is(_state: ViewerState) -> None:
    """Let the next page be the next slice."""


def forget_what_was_given(state: ViewerState) -> None:
    """Let the viewer open the app as if half an hour had passed."""
    state.served.clear()


if __name__ == "__main__":
    main()
