"""Following: the button; the bare relation lives with accounts, because visibility asks for it."""

from uuid import UUID

from solstice.accounts.errors import NotYourself
from solstice.accounts.follow_queries import delete_follow, insert_follow
from solstice.community import people_queries as queries
from solstice.community.errors import FollowsTooMany
from solstice.community.notice import Notice
from solstice.community.notifications import tell, untell
from solstice.community.profiles import require_met
from solstice.community.settings import CommunitySettings
from solstice.kit.database import Connection


async def follow(
    conn: Connection, settings: CommunitySettings, *, viewer_id: UUID, name: str
) -> None:
    """Follow an account and tell it; a second time changes nothing.

    Errors: AccountNotFound (404), also with a block between the two; NotYourself (400);
    FollowsTooMany (409).
    """
    account_id = await require_met(conn, viewer_id=viewer_id, name=name)
    if account_id == viewer_id:
        raise NotYourself
    if not await insert_follow(conn, follower_id=viewer_id, followed_id=account_id):
        return
    limit = settings.follows_max + 1
    if await queries.count_following(conn, account_id=viewer_id, limit=limit) == limit:
        raise FollowsTooMany  # the transaction is rolled back, and the follow with it
    notice = Notice(kind="follow", group_id=account_id, actor_id=viewer_id)
    await tell(conn, account_id, notice)


async def unfollow(conn: Connection, *, viewer_id: UUID, name: str) -> None:
    """Unfollow an account, and take back what it was told; safe to repeat.

    Errors: AccountNotFound (404).
    """
    account_id = await require_met(conn, viewer_id=viewer_id, name=name)
    if await delete_follow(conn, follower_id=viewer_id, followed_id=account_id):
        await untell(conn, account_id, kind="follow", group_id=account_id, actor_id=viewer_id)
