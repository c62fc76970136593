"""One's own account: reading it, and saying something about oneself."""

from uuid import UUID

import msgspec

from solstice.accounts import queries
from solstice.accounts.account import (
    Account,
    Me,
    render_me,
    require_bio,
    require_display_name,
    require_email,
)
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.errors import NotSignedIn


async def require_account(conn: Connection | ReadConnection, account_id: UUID) -> Account:
    """Return the viewer's own row.

    Errors: NotSignedIn (401) when the account was deleted while its token was still believed.
    """
    account = await queries.find_account(conn, account_id=account_id)
    if account is None:
        raise NotSignedIn
    return account


async def read_me(conn: Connection | ReadConnection, viewer: Viewer) -> Me:
    """Show the viewer's own account.

    Errors: NotSignedIn (401).
    """
    return render_me(await require_account(conn, viewer.id))


async def edit_profile(
    conn: Connection,
    viewer: Viewer,
    *,
    display_name: str | msgspec.UnsetType,
    bio: str | msgspec.UnsetType,
    email: str | msgspec.UnsetType | None,
) -> Me:
    """Replace what is given and keep the rest.

    Errors: TextTooLong (400), EmailMalformed (400), NotSignedIn (401).
    """
    account = await require_account(conn, viewer.id)
    await queries.update_profile(
        conn,
        account_id=viewer.id,
        display_name=account.display_name
        if display_name is msgspec.UNSET
        else require_display_name(display_name, name=account.name),
        bio=account.bio if bio is msgspec.UNSET else require_bio(bio),
        email=account.email if email is msgspec.UNSET else require_email(email),
    )
    return await read_me(conn, viewer)
