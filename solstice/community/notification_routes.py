"""Routes of the inbox."""

from uuid import UUID

import msgspec
from litestar import get, put

from solstice.accounts.viewer import Viewer
from solstice.community import notifications
from solstice.community.notifications import NotificationPage
from solstice.kit.http import problems
from solstice.kit.resources import Resources


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of the inbox are new; 99 means 99 or more."""

    count: int


class ReadMark(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The newest notification that was seen."""

    up_to: UUID


@get(
    "/v1/notifications",
    opt={"priority": "interactive"},
    responses=problems(400, 401, 429, 503),
)
async def list_notifications(
    signed_in: Viewer, resources: Resources, cursor: str | None = None
) -> NotificationPage:
    """List the inbox by groups, the newest first."""
    async with resources.database.reading() as conn:
        return await notifications.list_notifications(conn, account_id=signed_in.id, cursor=cursor)


@get(
    "/v1/notifications/unread",
    opt={"priority": "deferrable"},
    responses=problems(400, 401, 429, 503),
)
async def get_unread(signed_in: Viewer, resources: Resources) -> Unread:
    """Count unread lines of the inbox, for the badge."""
    async with resources.database.reading() as conn:
        return Unread(count=await notifications.count_unread(conn, account_id=signed_in.id))


@put(
    "/v1/notifications/read",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 413, 429, 503, 507),
)
async def put_read(data: ReadMark, signed_in: Viewer, resources: Resources) -> None:
    """Mark everything up to a notification as read; never takes a later mark back."""
    async with resources.database.transaction() as conn:
        await notifications.mark_read(conn, account_id=signed_in.id, up_to=data.up_to)


NOTIFICATION_ROUTES = (list_notifications, get_unread, put_read)
