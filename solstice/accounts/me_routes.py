"""One's own account over HTTP: profile, picture, password, leaving, taking one's data along."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, put
from litestar.types import ControllerRouterHandler

from solstice.accounts import avatars, deletion, password_change
from solstice.accounts.account import Me, render_me_by_session
from solstice.accounts.avatars import AVATAR_BYTES_MAX, PictureLane
from solstice.accounts.export import EXPORT_TIMEOUT_MS, export_everything
from solstice.accounts.fields import Bio, DisplayName, Email, Password
from solstice.accounts.passwords import PasswordLane, require_password
from solstice.accounts.profile import edit_profile, read_me
from solstice.accounts.settings import AccountSettings
from solstice.accounts.viewer import Viewer
from solstice.kit.database import DatabaseUnavailable
from solstice.kit.http import problems
from solstice.kit.resources import Resources

ME_TIMEOUT_MS = 1000
"""A frozen database is given up after twice that, before the edge gives up on us (2.5 s)."""
NO_STORE = {"cache-control": "no-store"}


class ProfileEdit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody changes about their profile; what is left out stays."""

    display_name: DisplayName | msgspec.UnsetType = msgspec.UNSET
    bio: Bio | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType | None = msgspec.UNSET


class PasswordChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The present password and the next one."""

    current_password: Password
    new_password: Password


class PasswordProof(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The present password, asked for again."""

    password: Password


@get("/v1/me", opt={"priority": "interactive"}, responses=problems(401, 429, 503))
async def show_me(resources: Resources, signed_in: Viewer) -> Response[Me]:
    """Show one's own account; without a database, what the session says of it."""
    try:
        async with resources.database.reading(timeout_ms=ME_TIMEOUT_MS) as conn:
            me = await read_me(conn, signed_in)
    except DatabaseUnavailable:
        me = render_me_by_session(signed_in)
    return Response(me, headers=NO_STORE)


@patch("/v1/me", opt={"priority": "write"}, responses=problems(400, 401, 403, 413, 429, 503, 507))
async def edit_me(data: ProfileEdit, resources: Resources, signed_in: Viewer) -> Me:
    """Change what is said about oneself; what is left out stays."""
    async with resources.database.transaction() as conn:
        return await edit_profile(
            conn, signed_in, display_name=data.display_name, bio=data.bio, email=data.email
        )


@put(
    "/v1/me/avatar",
    opt={"priority": "upload"},
    request_max_body_size=AVATAR_BYTES_MAX,
    responses=problems(400, 401, 403, 413, 415, 429, 503, 507),
)
async def replace_avatar(
    request: Request[Any, Any, Any],
    resources: Resources,
    pictures: PictureLane,
    signed_in: Viewer,
) -> Me:
    """Show another picture: JPEG, PNG, WebP or GIF, at most 5 MiB, as the request's body."""
    drawn = await pictures.draw(await request.body())
    avatar_object = await avatars.store_avatar(resources.objects, drawn)
    async with resources.database.transaction() as conn:
        return await avatars.show_avatar(conn, signed_in, avatar_object=avatar_object)


@delete("/v1/me/avatar", opt={"priority": "write"}, responses=problems(401, 403, 429, 503, 507))
async def remove_avatar(resources: Resources, signed_in: Viewer) -> None:
    """Show no picture any more."""
    async with resources.database.transaction() as conn:
        await avatars.show_avatar(conn, signed_in, avatar_object=None)


@put(
    "/v1/me/password",
    opt={"priority": "write"},
    status_code=204,
    responses=problems(400, 401, 403, 413, 429, 503, 507),
)
async def change_password(
    data: PasswordChange, resources: Resources, passwords: PasswordLane, signed_in: Viewer
) -> None:
    """Change the password; every other session ends."""
    settings = resources.settings_of(AccountSettings)
    chosen = require_password(data.new_password, name=signed_in.name, settings=settings)
    await password_change.require_own_password(
        resources, passwords, signed_in, password=data.current_password
    )
    password_hash = await passwords.hash(chosen)
    async with resources.database.transaction() as conn:
        await password_change.replace_password(
            conn, resources, signed_in, password_hash=password_hash
        )


@put(
    "/v1/me/deletion",
    opt={"priority": "write"},
    status_code=202,
    responses=problems(400, 401, 403, 409, 413, 429, 503, 507),
)
async def plan_deletion(
    data: PasswordProof, resources: Resources, passwords: PasswordLane, signed_in: Viewer
) -> Me:
    """Leave: the account is invisible at once and gone in thirty days."""
    await password_change.require_own_password(
        resources, passwords, signed_in, password=data.password
    )
    grace_s = resources.settings_of(AccountSettings).deletion_grace_s
    async with resources.database.transaction() as conn:
        return await deletion.plan_deletion(conn, signed_in, at=resources.clock(), grace_s=grace_s)


@delete(
    "/v1/me/deletion", opt={"priority": "write"}, responses=problems(401, 403, 409, 429, 503, 507)
)
async def take_back_deletion(resources: Resources, signed_in: Viewer) -> None:
    """Stay after all."""
    async with resources.database.transaction() as conn:
        await deletion.take_back_deletion(conn, signed_in, at=resources.clock())


@get("/v1/me/export", opt={"priority": "deferrable"}, responses=problems(401, 429, 503))
async def export_me(resources: Resources, signed_in: Viewer) -> Response[Mapping[str, Any]]:
    """Take along everything the platform keeps about oneself."""
    async with resources.database.reading(timeout_ms=EXPORT_TIMEOUT_MS) as conn:
        everything = await export_everything(
            conn, signed_in.id, exports=resources.offers.get("exports", ())
        )
    attachment = f'attachment; filename="solstice-{signed_in.name}.json"'
    return Response(everything, headers=NO_STORE | {"content-disposition": attachment})


ME_ROUTES: tuple[ControllerRouterHandler, ...] = (
    show_me,
    edit_me,
    replace_avatar,
    remove_avatar,
    change_password,
    plan_deletion,
    take_back_deletion,
    export_me,
)
