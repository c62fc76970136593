"""Feed: For You and Following, kept in memory; what viewers see and watch.

Each server holds an index of all publishable videos and composes pages without touching the
database.  Others use `for_you.for_you_page`, `following.following_page` and `memory.Memory`
(provided as `feed`); nobody else reads this feature's tables.
"""

from solstice.feed.export import EXPORTS
from solstice.feed.jobs import JOBS, TIMETABLE

__all__ = ["EXPORTS", "JOBS", "TIMETABLE"]
