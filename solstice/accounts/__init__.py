"""Accounts: people, where they are logged in, whom they keep away, how they leave.

Others use `viewer.Viewer` and the providers (`viewer`, `signed_in`, `moderator`,
`administrator`), `summary`, `follows` and `blocks`; they never read this feature's tables
except to join `accounts` for a name.  Nothing here knows of videos or comments.
"""

from solstice.accounts.block_routes import BLOCK_ROUTES
from solstice.accounts.doorman import Doorman
from solstice.accounts.export import export_account
from solstice.accounts.jobs import JOBS, TIMETABLE
from solstice.accounts.me_routes import ME_ROUTES
from solstice.accounts.providers import PROVIDERS
from solstice.accounts.routes import SESSION_ROUTES
from solstice.accounts.running import RUNNING

ROUTES = (*SESSION_ROUTES, *ME_ROUTES, *BLOCK_ROUTES)
ACCOUNT_MIDDLEWARE = (Doorman,)
EXPORTS = (export_account,)

__all__ = ["ACCOUNT_MIDDLEWARE", "EXPORTS", "JOBS", "PROVIDERS", "ROUTES", "RUNNING", "TIMETABLE"]
