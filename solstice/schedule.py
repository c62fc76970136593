"""The one timetable: everything that happens by itself, readable top to bottom.

An entry runs in one process at a time (an advisory lock), never twice at once, and late rather
than never.
"""

from solstice.accounts import TIMETABLE as ACCOUNT_TIMETABLE
from solstice.community import TIMETABLE as COMMUNITY_TIMETABLE
from solstice.feed import TIMETABLE as FEED_TIMETABLE
from solstice.kit.jobs import Periodic
from solstice.videos import TIMETABLE as VIDEO_TIMETABLE

TIMETABLE: tuple[Periodic, ...] = (
    *ACCOUNT_TIMETABLE,
    *VIDEO_TIMETABLE,
    *COMMUNITY_TIMETABLE,
    *FEED_TIMETABLE,
)
