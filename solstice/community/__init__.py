"""Community: what people do with videos and with each other.

Likes, bookmarks, shares, comments, follows, hashtags, search, profiles, notifications, reports
and their decisions, and the shown counts of all of it.  Not here: who may see a video (videos),
blocks and mutes themselves (accounts), views and watch time before they are counted (feed).
"""

from solstice.community.count_queries import ViewDelta
from solstice.community.counts import append_views, list_counts
from solstice.community.export import export_community
from solstice.community.jobs import TIMETABLE
from solstice.kit.jobs import Job

__all__ = [
    "EXPORTS",
    "JOBS",
    "TIMETABLE",
    "ViewDelta",
    "append_views",
    "list_counts",
]

JOBS: tuple[Job, ...] = ()
EXPORTS = (export_community,)
