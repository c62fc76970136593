"""Accounts: people, where they are logged in, whom they keep away, how they leave.

Others use `viewer.Viewer` and the providers (`viewer`, `signed_in`, `moderator`,
`administrator`), `summary`, `follows` and `blocks`; they never read this feature's tables
except to join `accounts` for a name.  Nothing here knows of videos or comments.
"""

from solstice.accounts.export import export_account
from solstice.accounts.jobs import JOBS, TIMETABLE

EXPORTS = (export_account,)

__all__ = ["EXPORTS", "JOBS", "TIMETABLE"]
