"""What the community does by itself."""

from solstice.community.announcements import ANNOUNCE_EVERY_S, EVENTS_MAX, announce_videos
from solstice.community.comment_queries import delete_removed
from solstice.community.counts import COUNT_LAG_S, fold_all_counts
from solstice.community.notification_queries import delete_old_notifications
from solstice.community.settings import CommunitySettings
from solstice.kit.jobs import Periodic
from solstice.kit.resources import Resources

FORGET_EVERY_S = 600.0
FORGOTTEN_AT_ONCE = 5000


async def fold(resources: Resources) -> None:
    """Move waiting deltas into the shown counts; safe to run late or twice."""
    await fold_all_counts(resources.database)


async def announce(resources: Resources) -> None:
    """Tell creators what became of their uploads; an event that was told is gone."""
    taken = EVENTS_MAX
    while taken == EVENTS_MAX:
        async with resources.database.transaction() as conn:
            taken = await announce_videos(conn)


async def forget(resources: Resources) -> None:
    """Forget old notifications and removed comments; what is left over goes next time."""
    settings = resources.settings_of(CommunitySettings)
    async with resources.database.transaction() as conn:
        await delete_old_notifications(
            conn, days_max=settings.notification_days_max, limit=FORGOTTEN_AT_ONCE
        )
        await delete_removed(
            conn, days_max=settings.removed_comment_days_max, limit=FORGOTTEN_AT_ONCE
        )


TIMETABLE: tuple[Periodic, ...] = (
    Periodic(name="community.fold_counts", run=fold, every_s=COUNT_LAG_S),
    Periodic(name="community.announce_videos", run=announce, every_s=ANNOUNCE_EVERY_S),
    Periodic(name="community.forget", run=forget, every_s=FORGET_EVERY_S),
)
