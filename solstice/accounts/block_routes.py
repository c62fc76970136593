"""Blocks and mutes over HTTP."""

from typing import Any

import msgspec
from litestar import delete, get, put
from litestar.types import ControllerRouterHandler

from solstice.accounts import blocks
from solstice.accounts.summary import AccountSummary
from solstice.accounts.viewer import Viewer
from solstice.kit.http import problems
from solstice.kit.resources import Resources

_WRITE: dict[str, Any] = {
    "opt": {"priority": "write"},
    "status_code": 204,
    "responses": problems(400, 401, 403, 404, 429, 503, 507),
}
_READ: dict[str, Any] = {
    "opt": {"priority": "interactive"},
    "responses": problems(400, 401, 429, 503),
}


class KeptAway(msgspec.Struct, frozen=True, kw_only=True):
    """A page of accounts that somebody keeps away."""

    items: list[AccountSummary]
    next_cursor: str | None


@put("/v1/accounts/{name:str}/block", **_WRITE)
async def block(name: str, resources: Resources, signed_in: Viewer) -> None:
    """Keep an account away: neither sees nor reaches the other any more."""
    async with resources.database.transaction() as conn:
        await blocks.block(conn, signed_in, name=name)


@delete("/v1/accounts/{name:str}/block", **_WRITE)
async def unblock(name: str, resources: Resources, signed_in: Viewer) -> None:
    """Stop keeping an account away."""
    async with resources.database.transaction() as conn:
        await blocks.unblock(conn, signed_in, name=name)


@put("/v1/accounts/{name:str}/mute", **_WRITE)
async def mute(name: str, resources: Resources, signed_in: Viewer) -> None:
    """Stop being shown an account; it is not told."""
    async with resources.database.transaction() as conn:
        await blocks.mute(conn, signed_in, name=name)


@delete("/v1/accounts/{name:str}/mute", **_WRITE)
async def unmute(name: str, resources: Resources, signed_in: Viewer) -> None:
    """Be shown an account again."""
    async with resources.database.transaction() as conn:
        await blocks.unmute(conn, signed_in, name=name)


@get("/v1/me/blocks", **_READ)
async def list_blocks(
    resources: Resources, signed_in: Viewer, cursor: str | None = None
) -> KeptAway:
    """List whom one has blocked, by name."""
    async with resources.database.reading() as conn:
        page = await blocks.list_blocks(conn, signed_in, cursor=cursor)
    return KeptAway(items=page.items, next_cursor=page.next_cursor)


@get("/v1/me/mutes", **_READ)
async def list_mutes(
    resources: Resources, signed_in: Viewer, cursor: str | None = None
) -> KeptAway:
    """List whom one has muted, by name."""
    async with resources.database.reading() as conn:
        page = await blocks.list_mutes(conn, signed_in, cursor=cursor)
    return KeptAway(items=page.items, next_cursor=page.next_cursor)


BLOCK_ROUTES: tuple[ControllerRouterHandler, ...] = (
    block,
    unblock,
    mute,
    unmute,
    list_blocks,
    list_mutes,
)
