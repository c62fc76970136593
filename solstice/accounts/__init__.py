"""Accounts: people, where they are logged in, whom they keep away, how they leave.

Others use `viewer.Viewer` and the providers (`viewer`, `signed_in`, `moderator`,
`administrator`), `summary`, `follows` and `blocks`; they never read this feature's tables
except to join `accounts` for a name.  Nothing here knows of videos or comments.
"""

from solstice.accounts.doorman import Doorman
from solstice.accounts.me_routes import ME_ROUTES
from solstice.accounts.providers import PROVIDERS
from solstice.accounts.routes import SESSION_ROUTES
from solstice.accounts.running import RUNNING
from solstice.kit.jobs import Job, Periodic

ROUTES = (*SESSION_ROUTES, *ME_ROUTES)
JOBS: tuple[Job, ...] = ()
TIMETABLE: tuple[Periodic, ...] = ()
ACCOUNT_MIDDLEWARE = (Doorman,)

__all__ = ["ACCOUNT_MIDDLEWARE", "JOBS", "PROVIDERS", "ROUTES", "RUNNING", "TIMETABLE"]
