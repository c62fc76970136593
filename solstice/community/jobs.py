"""What the community does by itself."""

from solstice.community import count_queries, notification_queries
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


async def is_any_delta_waiting(resources: Resources) -> bool:
    """Tell whether there is anything to fold."""
    async with resources.database.statement() as conn:
        return await count_queries.is_any_delta_waiting(conn)


async def is_anything_to_announce(resources: Resources) -> bool:
    """Tell whether an upload became live or was refused and nobody was told."""
    async with resources.database.statement() as conn:
        return await notification_queries.is_any_video_event_waiting(conn)


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
    Periodic(
        name="community.fold_counts",
        run=fold,
        every_s=COUNT_LAG_S,
        is_needed=is_any_delta_waiting,
    ),
    Periodic(
        name="community.announce_videos",
        run=announce,
        every_s=ANNOUNCE_EVERY_S,
        is_needed=is_anything_to_announce,
    ),
    Periodic(name="community.forget", run=forget, every_s=FORGET_EVERY_S),
)
