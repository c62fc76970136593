"""The form of a feed's page, for its description; pages themselves are joined from bytes."""

from uuid import UUID

import msgspec

from solstice.videos import VideoCard


class FeedViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What of a page concerns the viewer; null is what this answer does not know."""

    liked: list[UUID] | None
    bookmarked: list[UUID] | None
    following: list[UUID] | None


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of clips; `viewer` is null for somebody who has not logged in.

    `has_seen_all` says that nothing unseen was left and these are repeats, longest ago first.
    """

    items: list[VideoCard]
    next_cursor: str | None
    viewer: FeedViewer | None
    has_seen_all: bool = False
