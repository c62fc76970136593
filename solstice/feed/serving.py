"""What a server needs of the feed; apart, since a worker needs no web framework."""

from solstice.feed.noticing import WriteNoticer
from solstice.feed.routes import PROVIDERS, ROUTES
from solstice.feed.running import RUNNING
from solstice.feed.short_way import ShortWay

MIDDLEWARE = (WriteNoticer,)

__all__ = ["MIDDLEWARE", "PROVIDERS", "ROUTES", "RUNNING", "ShortWay"]
