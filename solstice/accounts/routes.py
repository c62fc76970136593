"""Signing up, logging in and out, own sessions: thin handlers over the files beside this one."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import HeaderParameter
from litestar.types import ControllerRouterHandler

from solstice.accounts import sessions as own_sessions
from solstice.accounts.account import Me, require_email, require_name
from solstice.accounts.cookies import session_cookie
from solstice.accounts.devices import read_place, remembering_cookie, request_is_secure
from solstice.accounts.errors import NameMalformed, NameTaken, WrongCredentials
from solstice.accounts.fields import Email, Name, Password
from solstice.accounts.log_in import Entered, Place, log_in
from solstice.accounts.passwords import PasswordLane, require_password
from solstice.accounts.settings import AccountSettings
from solstice.accounts.sign_up import sign_up
from solstice.accounts.verifier import SessionVerifier
from solstice.accounts.viewer import Viewer
from solstice.kit.http import NOTHING_TO_SAY, problems
from solstice.kit.ids import new_id
from solstice.kit.resources import Resources

AnyRequest = Request[Any, Any, Any]


class SignUp(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says to get an account."""

    name: Name
    password: Password
    email: Email | None = None


class LogIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says to get in."""

    name: Name
    password: Password


@post(
    "/v1/accounts",
    opt={"priority": "write"},
    responses=problems(400, 403, 409, 413, 429, 503, 507),
)
async def create_account(
    *,
    data: SignUp,
    request: AnyRequest,
    resources: Resources,
    sessions: SessionVerifier,
    passwords: PasswordLane,
    viewer: Viewer | None,
    idempotency_key: Annotated[UUID | None, HeaderParameter(name="Idempotency-Key")] = None,
) -> Response[Me]:
    """Sign up, and be logged in.

    Sent again with the same Idempotency-Key, name and password it logs in to the same account.
    """
    settings = resources.settings_of(AccountSettings)
    name, email = require_name(data.name), require_email(data.email)
    place = read_place(request, resources)
    entered = await sign_up(
        resources,
        passwords,
        account_id=idempotency_key or new_id(),
        name=name,
        password=require_password(data.password, name=name, settings=settings),
        email=email,
        place=place,
        replaces=viewer,
    )
    return _let_in(request, resources, sessions, place=place, entered=entered)


@post(
    "/v1/sessions",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 413, 429, 503, 507),
)
async def create_session(
    *,
    data: LogIn,
    request: AnyRequest,
    resources: Resources,
    sessions: SessionVerifier,
    passwords: PasswordLane,
    viewer: Viewer | None,
) -> Response[Me]:
    """Log in; the browser's previous session ends."""
    try:
        name = require_name(data.name)
    except (NameMalformed, NameTaken) as error:
        raise WrongCredentials from error
    place = read_place(request, resources)
    entered = await log_in(
        resources, passwords, name=name, password=data.password, place=place, replaces=viewer
    )
    if viewer is not None:
        sessions.forget(viewer.session_id)
    return _let_in(request, resources, sessions, place=place, entered=entered)


@delete(
    "/v1/sessions/current",
    opt={"priority": "write"},
    responses=problems(401, 403, 429, 503, 507) | NOTHING_TO_SAY,
)
async def end_current_session(
    request: AnyRequest, resources: Resources, sessions: SessionVerifier, signed_in: Viewer
) -> Response[None]:
    """Log out here."""
    async with resources.database.transaction() as conn:
        await own_sessions.end_current_session(conn, signed_in, at=resources.clock())
    sessions.forget(signed_in.session_id)
    cookie = session_cookie("", lifetime_s=0, is_secure=request_is_secure(request))
    return Response(None, status_code=204, cookies=[cookie])


@get("/v1/sessions", opt={"priority": "interactive"}, responses=problems(401, 429, 503))
async def list_sessions(resources: Resources, signed_in: Viewer) -> own_sessions.Sessions:
    """List where one is logged in, last used first."""
    async with resources.database.reading() as conn:
        return await own_sessions.list_sessions(conn, signed_in, at=resources.clock())


@delete(
    "/v1/sessions/{session_id:uuid}",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 429, 503, 507),
)
async def end_session(
    session_id: UUID, resources: Resources, sessions: SessionVerifier, signed_in: Viewer
) -> None:
    """Log out somewhere else."""
    async with resources.database.transaction() as conn:
        await own_sessions.end_session(conn, signed_in, session_id=session_id, at=resources.clock())
    sessions.forget(session_id)


@delete("/v1/sessions", opt={"priority": "write"}, responses=problems(401, 403, 429, 503, 507))
async def end_other_sessions(resources: Resources, signed_in: Viewer) -> None:
    """Log out everywhere else; every server knows within a second."""
    async with resources.database.transaction() as conn:
        await own_sessions.end_other_sessions(conn, signed_in, at=resources.clock())


def _let_in(
    request: AnyRequest,
    resources: Resources,
    sessions: SessionVerifier,
    *,
    place: Place,
    entered: Entered,
) -> Response[Me]:
    """Answer with the account and the cookies of its new session."""
    is_secure = request_is_secure(request)
    token = sessions.issue(entered.viewer)
    return Response(
        entered.me,
        status_code=201,
        headers={"cache-control": "no-store"},
        cookies=[
            session_cookie(token, lifetime_s=sessions.lifetime_s, is_secure=is_secure),
            remembering_cookie(place, entered.viewer.id, resources, is_secure=is_secure),
        ],
    )


SESSION_ROUTES: tuple[ControllerRouterHandler, ...] = (
    create_account,
    create_session,
    end_current_session,
    list_sessions,
    end_session,
    end_other_sessions,
)
