"""An account as others meet it: beside a video, a comment, in a list."""

from uuid import UUID

import msgspec

from solstice.kit.media import render_media_url


class AccountSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Name and face of an account."""

    id: UUID
    name: str
    display_name: str
    avatar_url: str | None


def render_summary(
    *, account_id: UUID, name: str, display_name: str, avatar_object: str | None
) -> AccountSummary:
    """Show an account's row to others."""
    return AccountSummary(
        id=account_id,
        name=name,
        display_name=display_name,
        avatar_url=render_media_url(avatar_object) if avatar_object else None,
    )
