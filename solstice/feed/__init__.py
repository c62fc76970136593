"""Feed: For You and Following, kept in memory; what viewers see and watch.

Each server holds an index of all publishable videos and composes pages without touching the
database.  Others use `for_you.for_you_page`, `following.following_page` and `memory.Memory`
(provided as `feed`); nobody else reads this feature's tables.
"""

from solstice.feed.routes import PROVIDERS, ROUTES
from solstice.feed.running import RUNNING
from solstice.kit.jobs import Job, Periodic

JOBS: tuple[Job, ...] = ()
TIMETABLE: tuple[Periodic, ...] = ()

__all__ = ["JOBS", "PROVIDERS", "ROUTES", "RUNNING", "TIMETABLE"]
