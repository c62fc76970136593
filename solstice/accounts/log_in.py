"""Log-in: tries are limited per account and per network, and never lock the owner out.

Who guesses and who merely mistyped cannot be told apart by one try, but places can:

- a browser that was logged in to this account before carries a signed memory of it and has an
  allowance of its own, which nobody else can use up;
- a network this account was logged in from before shares one with this account only;
- everybody else shares, besides that, one allowance per account for all unknown places
  together, so that a thousand addresses guess no faster than one.

(docs/decisions/0030.)  A name that does not exist is treated alike in every respect.

Here transactions open inside the behaviour: the hash between them takes 20 ms and more in a
queue, and must not hold one of eight connections meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solstice.accounts import allowances, queries, session_queries
from solstice.accounts.account import Me, clean_text
from solstice.accounts.allowances import Allowance
from solstice.accounts.errors import WrongCredentials
from solstice.accounts.passwords import PasswordLane
from solstice.accounts.profile import read_me
from solstice.accounts.settings import AccountSettings
from solstice.accounts.viewer import Role, Viewer
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.kit.resources import Resources

USER_AGENT_CHARS_MAX = 200
NETWORK_CHARS_MAX = 64

PLACE = Allowance(free=5, wait_s=1, wait_max_s=900, forget_s=600)
"""One account from one place: 5 at once, about 110 a day for who never stops."""
NETWORK = Allowance(free=50, wait_s=1, wait_max_s=300, forget_s=30)
"""One network, whatever the account: a school behind one address logs in, a list is not tried."""
ELSEWHERE = Allowance(free=30, wait_s=1, wait_max_s=60, forget_s=300)
"""One account from all unknown places together: at most 1,440 guesses a day by a whole botnet."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a try comes from."""

    network: str
    device_id: UUID | None
    device_account_ids: tuple[UUID, ...]
    user_agent: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A try that was let through to the password check."""

    credentials: queries.Credentials | None
    own_bucket: str
    shared_buckets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Somebody who has just been let in."""

    viewer: Viewer
    me: Me


async def log_in(
    resources: Resources,
    passwords: PasswordLane,
    *,
    name: str,
    password: str,
    place: Place,
    replaces: Viewer | None,
) -> Entered:
    """Check a name and a password, and begin a session.

    Errors: WrongCredentials (401), TooManyAttempts (429), PasswordsBusy (429).
    """
    at = resources.clock()
    passwords.require_place()
    async with resources.database.transaction() as conn:
        attempt = await admit_attempt(conn, name=name, place=place, at=at)
    found = attempt.credentials
    matches = await passwords.verify(password, found.password_hash if found else None)
    if found is None or not matches:
        raise WrongCredentials
    renewed_hash = (
        await passwords.hash(password) if passwords.needs_rehash(found.password_hash) else None
    )
    async with resources.database.transaction() as conn:
        await settle_attempt(conn, attempt)
        if renewed_hash is not None:
            await queries.update_password(
                conn, account_id=found.account_id, password_hash=renewed_hash
            )
        return await begin_session(
            conn,
            resources,
            account_id=found.account_id,
            name=found.name,
            role=found.role,
            place=place,
            replaces=replaces,
        )


async def admit_attempt(conn: Connection, *, name: str, place: Place, at: datetime) -> Attempt:
    """Count a try and let it through to the password check.

    Errors: TooManyAttempts (429).
    """
    credentials = await queries.find_credentials(conn, name=name, at=at)
    account_id = credentials.account_id if credentials else None
    if account_id in place.device_account_ids:
        attempt = Attempt(
            credentials=credentials,
            own_bucket=f"log-in {name} by {place.device_id}",
            shared_buckets=(),
        )
    else:
        is_known = account_id is not None and await session_queries.is_known_network(
            conn, account_id=account_id, network=place.network
        )
        shared = () if is_known else (f"log-in {name}",)
        attempt = Attempt(
            credentials=credentials,
            own_bucket=f"log-in {name} from {place.network}",
            shared_buckets=(*shared, f"log-in from {place.network}"),
        )
    # Always in the order own, account, network, so that two tries never wait for each other.
    await allowances.spend(conn, PLACE, bucket=attempt.own_bucket, at=at)
    for bucket in attempt.shared_buckets:
        kind = NETWORK if bucket.startswith("log-in from ") else ELSEWHERE
        await allowances.spend(conn, kind, bucket=bucket, at=at)
    return attempt


async def settle_attempt(conn: Connection, attempt: Attempt) -> None:
    """Give the tries of a successful log-in back."""
    await allowances.forget(conn, bucket=attempt.own_bucket)
    for bucket in attempt.shared_buckets:
        await allowances.give_back(conn, bucket=bucket)


async def begin_session(
    conn: Connection,
    resources: Resources,
    *,
    account_id: UUID,
    name: str,
    role: Role,
    place: Place,
    replaces: Viewer | None,
) -> Entered:
    """Begin a session with an id of its own; the browser's previous one ends with it.

    Errors: NotSignedIn (401) when the account was deleted a moment ago.
    """
    at = resources.clock()
    lifetime_s = resources.settings_of(AccountSettings).session_lifetime_s
    viewer = Viewer(id=account_id, session_id=new_id(), name=name, role=role)
    me = await read_me(conn, viewer)
    await session_queries.insert_session(
        conn,
        session_id=viewer.session_id,
        account_id=account_id,
        at=at,
        expires_at=at + timedelta(seconds=lifetime_s),
        user_agent=clean_text(place.user_agent, keep_lines=False)[:USER_AGENT_CHARS_MAX],
        network=place.network[:NETWORK_CHARS_MAX],
    )
    if replaces is not None:
        await session_queries.end_session(
            conn, session_id=replaces.session_id, account_id=replaces.id, at=at
        )
    return Entered(viewer=viewer, me=me)
