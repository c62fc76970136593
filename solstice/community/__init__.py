"""Community: what people do with videos and with each other.

Likes, bookmarks, shares, comments, follows, hashtags, search, profiles, notifications, reports
and their decisions, and the shown counts of all of it.  Not here: who may see a video (videos),
blocks and mutes themselves (accounts), views and watch time before they are counted (feed).
"""

from typing import Any

from solstice.community.act_routes import ACT_ROUTES
from solstice.community.comment_routes import COMMENT_ROUTES
from solstice.community.count_queries import ViewDelta
from solstice.community.counts import append_views, list_counts
from solstice.community.export import export_community
from solstice.community.finding_routes import FINDING_ROUTES
from solstice.community.gathered import RUNNING
from solstice.community.jobs import TIMETABLE
from solstice.community.moderation_routes import MODERATION_ROUTES
from solstice.community.notification_routes import NOTIFICATION_ROUTES
from solstice.community.people_routes import PEOPLE_ROUTES
from solstice.kit.jobs import Job

__all__ = [
    "EXPORTS",
    "JOBS",
    "ROUTES",
    "RUNNING",
    "TIMETABLE",
    "ViewDelta",
    "append_views",
    "list_counts",
]

ROUTES: tuple[Any, ...] = (
    *ACT_ROUTES,
    *COMMENT_ROUTES,
    *PEOPLE_ROUTES,
    *FINDING_ROUTES,
    *NOTIFICATION_ROUTES,
    *MODERATION_ROUTES,
)
JOBS: tuple[Job, ...] = ()
EXPORTS = (export_community,)
