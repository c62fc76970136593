"""What the community does by itself."""

from solstice.community.counts import COUNT_LAG_S, fold_all_counts
from solstice.kit.jobs import Periodic
from solstice.kit.resources import Resources


async def fold(resources: Resources) -> None:
    """Move waiting deltas into the shown counts; safe to run late or twice."""
    await fold_all_counts(resources.database)


TIMETABLE: tuple[Periodic, ...] = (
    Periodic(name="community.fold_counts", run=fold, every_s=COUNT_LAG_S, timeout_s=30.0),
)
