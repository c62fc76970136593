"""What a server needs of accounts; apart, since a worker needs no web framework."""

from solstice.accounts.block_routes import BLOCK_ROUTES
from solstice.accounts.doorman import Doorman
from solstice.accounts.me_routes import ME_ROUTES
from solstice.accounts.providers import PROVIDERS
from solstice.accounts.routes import SESSION_ROUTES
from solstice.accounts.running import RUNNING

ROUTES = (*SESSION_ROUTES, *ME_ROUTES, *BLOCK_ROUTES)
MIDDLEWARE = (Doorman,)

__all__ = ["MIDDLEWARE", "PROVIDERS", "ROUTES", "RUNNING"]
