"""A comment: its words, whom they name, and who may remove it.  Pure; no database here."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from solstice.accounts.account import clean_text
from solstice.accounts.summary import AccountSummary
from solstice.accounts.viewer import Viewer
from solstice.community.errors import CommentTooLong, CommentUnsuitable

Remover = Literal["author", "creator", "moderator"]

MENTIONS_MAX = 5
EXCERPT_CHARS_MAX = 100
_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9_.]{3,24})")


class CommentViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What of a comment concerns the viewer."""

    liked: bool
    can_delete: bool


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment or a reply; `viewer` is null for somebody who has not logged in."""

    id: UUID
    video_id: UUID
    parent_id: UUID | None
    author: AccountSummary
    text: str
    created_at: datetime
    like_count: int
    reply_count: int
    viewer: CommentViewer | None


class CommentPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of comments or replies."""

    items: list[Comment]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentState:
    """A comment as the rules see it, whether removed or not."""

    id: UUID
    video_id: UUID
    creator_id: UUID
    author_id: UUID
    parent_id: UUID | None
    text: str
    is_removed: bool


def require_words(text: str, *, chars_max: int) -> str:
    """Accept the words of a comment, without what is invisible or turns lines around.

    Errors: CommentUnsuitable (400), CommentTooLong (400).
    """
    words = clean_text(text, keep_lines=True)
    if not words:
        raise CommentUnsuitable
    if len(words) > chars_max:
        raise CommentTooLong(f"A comment has at most {chars_max} characters.")
    return words


def list_mentions(text: str) -> list[str]:
    """List the account names a text mentions: small letters, each once, at most MENTIONS_MAX.

    Nobody is reached by a comment that lists a hundred names.
    """
    found = dict.fromkeys(match[1].rstrip(".").lower() for match in _MENTION.finditer(text))
    return list(found)[:MENTIONS_MAX]


def render_excerpt(text: str) -> str:
    """Shorten a text to one line of an inbox."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARS_MAX else line[: EXCERPT_CHARS_MAX - 1] + "…"


def decide_remover(comment: CommentState, viewer: Viewer) -> Remover | None:
    """Decide in which role a viewer may remove a comment; None if in none."""
    if viewer.id == comment.author_id:
        return "author"
    if viewer.id == comment.creator_id:
        return "creator"
    return "moderator" if viewer.is_moderator else None
