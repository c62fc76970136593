"""Feed: For You and Following, kept in memory; what viewers see and watch.

Each server holds an index of all publishable videos and composes pages without touching the
database.  Others use `for_you.for_you_page`, `following.following_page` and `memory.Memory`
(provided as `feed`); nobody else reads this feature's tables.
"""

from solstice.feed.export import EXPORTS
from solstice.feed.jobs import JOBS, TIMETABLE
from solstice.feed.noticing import WriteNoticer
from solstice.feed.routes import PROVIDERS, ROUTES
from solstice.feed.running import RUNNING

FEED_MIDDLEWARE = (WriteNoticer,)

__all__ = ["EXPORTS", "FEED_MIDDLEWARE", "JOBS", "PROVIDERS", "ROUTES", "RUNNING", "TIMETABLE"]
