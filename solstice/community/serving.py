"""What a server needs of the community; apart, since a worker needs no web framework."""

from typing import Any

from solstice.community.act_routes import ACT_ROUTES
from solstice.community.comment_routes import COMMENT_ROUTES
from solstice.community.finding_routes import FINDING_ROUTES
from solstice.community.gathered import RUNNING
from solstice.community.moderation_routes import MODERATION_ROUTES
from solstice.community.notification_routes import NOTIFICATION_ROUTES
from solstice.community.people_routes import PEOPLE_ROUTES

__all__ = ["ROUTES", "RUNNING"]

ROUTES: tuple[Any, ...] = (
    *ACT_ROUTES,
    *COMMENT_ROUTES,
    *PEOPLE_ROUTES,
    *FINDING_ROUTES,
    *NOTIFICATION_ROUTES,
    *MODERATION_ROUTES,
)
