"""Periodic work of the feed; each entry is safe to run late or twice."""

from solstice.feed import folding, learning, queries
from solstice.feed.settings import FeedSettings
from solstice.kit.jobs import Job, Periodic
from solstice.kit.resources import Resources

CHANGES_KEPT_S = 900.0
"""Three times as long as a server may be away before it reads everything anew."""
ROUNDS_MAX = 50


async def fold_history(resources: Resources) -> None:
    """Fold what viewers did; rows leave with the transaction that adds them."""
    kept_s = resources.settings_of(FeedSettings).history_kept_s
    for _ in range(ROUNDS_MAX):
        async with resources.database.transaction() as conn:
            if await folding.fold_history(conn, older_than_s=kept_s) < folding.ROWS_MAX:
                return


async def fold_tallies(resources: Resources) -> None:
    """Fold how often videos were shown and watched; rows leave with the adding transaction."""
    async with resources.database.transaction() as conn:
        await folding.fold_tallies(conn)


async def is_any_tally_waiting(resources: Resources) -> bool:
    """Tell whether there is any tally to fold."""
    async with resources.database.statement() as conn:
        return await queries.is_any_tally_waiting(conn)


async def forget_changes(resources: Resources) -> None:
    """Delete the log of changes every server has read; deleting twice changes nothing."""
    async with resources.database.transaction() as conn:
        await queries.delete_old_changes(conn, older_than_s=CHANGES_KEPT_S)


async def learn_places(resources: Resources) -> None:
    """Learn where videos lie; twice in a row finds that nothing moved."""
    await learning.learn(resources.database)


JOBS: tuple[Job, ...] = ()
TIMETABLE: tuple[Periodic, ...] = (
    Periodic(name="feed.fold_history", run=fold_history, every_s=20.0),
    Periodic(
        name="feed.fold_tallies", run=fold_tallies, every_s=5.0, is_needed=is_any_tally_waiting
    ),
    Periodic(name="feed.learn_places", run=learn_places, every_s=600.0, timeout_s=240.0),
    Periodic(name="feed.forget_changes", run=forget_changes, every_s=60.0),
)
