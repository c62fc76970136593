"""Sign-up: a name and a password; nothing else is needed to take part.

Two transactions with the hashing between them, as for log-in and for the same reason.  The name
is looked for before, so that a taken one costs no hash, and decided after, by the unique index
alone.  The idempotency key becomes the account's id (docs/decisions/0012): a repeat whose
answer was lost logs in to the same account, given that the password is right.
"""

from datetime import datetime
from uuid import UUID

from solstice.accounts import allowances, queries
from solstice.accounts.allowances import Allowance
from solstice.accounts.errors import NameTaken, SignUpClosed
from solstice.accounts.log_in import Entered, Place, begin_session
from solstice.accounts.passwords import PasswordLane
from solstice.accounts.settings import AccountSettings
from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection
from solstice.kit.errors import Conflict
from solstice.kit.resources import Resources


async def sign_up(
    resources: Resources,
    passwords: PasswordLane,
    *,
    account_id: UUID,
    name: str,
    password: str,
    email: str | None,
    place: Place,
    replaces: Viewer | None,
) -> Entered:
    """Create an account and begin its first session.

    Errors: NameTaken (409), SignUpClosed (403), TooManyAttempts (429), PasswordsBusy (429).
    """
    passwords.require_place()
    settings = resources.settings_of(AccountSettings)
    async with resources.database.transaction() as conn:
        taken = await admit_sign_up(
            conn, settings, name=name, network=place.network, at=resources.clock()
        )
    role = taken.role if taken else "viewer"
    if taken is None:
        password_hash = await passwords.hash(password)
    elif taken.account_id != account_id or not await passwords.verify(
        password, taken.password_hash
    ):
        raise NameTaken
    async with resources.database.transaction() as conn:
        if taken is None:
            await create_account(
                conn, account_id=account_id, name=name, email=email, password_hash=password_hash
            )
        return await begin_session(
            conn,
            resources,
            account_id=account_id,
            name=name,
            role=role,
            place=place,
            replaces=replaces,
        )


async def admit_sign_up(
    conn: Connection, settings: AccountSettings, *, name: str, network: str, at: datetime
) -> queries.Credentials | None:
    """Let a sign-up through to hashing; returns the account that has the name already, if any.

    Errors: SignUpClosed (403), TooManyAttempts (429).
    """
    if not settings.sign_up_open:
        raise SignUpClosed
    interval_s = settings.sign_up_interval_s
    allowance = Allowance(
        free=settings.sign_ups_per_network_max,
        wait_s=interval_s,
        wait_max_s=interval_s,
        forget_s=interval_s,
    )
    await allowances.spend(conn, allowance, bucket=f"sign-up from {network}", at=at)
    return await queries.find_credentials(conn, name=name, at=at)


async def create_account(
    conn: Connection, *, account_id: UUID, name: str, email: str | None, password_hash: str
) -> None:
    """Create the account.

    Errors: NameTaken (409) when somebody was faster, Conflict (409) when the id is used.
    """
    if await queries.insert_account(
        conn, account_id=account_id, name=name, email=email, password_hash=password_hash
    ):
        return
    if await queries.find_account_id(conn, name=name) is not None:
        raise NameTaken
    raise Conflict("This Idempotency-Key was used for something else.")
