"""What a server needs of videos; apart, since a worker needs no web framework."""

from typing import Any

from solstice.videos.routes import VIDEO_ROUTES
from solstice.videos.upload_routes import UPLOAD_ROUTER

ROUTES: tuple[Any, ...] = (UPLOAD_ROUTER, *VIDEO_ROUTES)
