"""Changing the password, and asking for it again before something that cannot be taken back.

Who holds somebody's open browser must not become its owner: the present password is asked for,
with an allowance of tries of its own, and a change ends every other session.
"""

from solstice.accounts import allowances, queries, session_queries
from solstice.accounts.errors import WrongPassword
from solstice.accounts.log_in import PLACE
from solstice.accounts.passwords import PasswordLane
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection
from solstice.kit.resources import Resources


async def require_own_password(
    resources: Resources, passwords: PasswordLane, viewer: Viewer, *, password: str
) -> None:
    """Let pass who knows the account's password; opens its own transactions, as log-in does.

    Errors: WrongPassword (403), TooManyAttempts (429), PasswordsBusy (429).
    """
    passwords.require_place()
    bucket = f"password of {viewer.id}"
    async with resources.database.transaction() as conn:
        await allowances.spend(conn, PLACE, bucket=bucket, at=resources.clock())
        stored = await queries.find_password_hash(conn, account_id=viewer.id)
    if not await passwords.verify(password, stored):
        raise WrongPassword
    async with resources.database.transaction() as conn:
        await allowances.forget(conn, bucket=bucket)


async def replace_password(
    conn: Connection, resources: Resources, viewer: Viewer, *, password_hash: str
) -> None:
    """Take the new password and end every session but the one at hand."""
    await queries.update_password(conn, account_id=viewer.id, password_hash=password_hash)
    await session_queries.end_sessions(
        conn, account_id=viewer.id, except_id=viewer.session_id, at=resources.clock()
    )
