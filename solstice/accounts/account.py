"""The noun: an account as its owner knows it, and the rules of names and texts.

Names are ASCII on purpose: two names that look alike are the same characters, so nobody can
pass for somebody else by a Cyrillic letter.  Display names may use any script; what could turn
a line around or hide in it is taken out.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from solstice.accounts.errors import EmailMalformed, NameMalformed, NameTaken, TextTooLong
from solstice.accounts.viewer import Role, Viewer
from solstice.kit.media import render_media_url

DISPLAY_NAME_CHARS_MAX = 50
BIO_CHARS_MAX = 300
EMAIL_CHARS_MAX = 254

_NAME = re.compile(r"[a-z0-9_.]{3,24}")
_EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{3,190}"
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their category that show nothing; a name of them looks like none."""
_JOINERS = frozenset({"\u200c", "\u200d"})
"""Persian and emoji sequences need the two joiners; every other format character goes."""
MARKS_MAX = 4

_RESERVED = """
about abuse account accounts admin administrator administrators anonymous api app assets
auth billing blog bookmarks contact copyright dashboard deleted demo discover docs download
edge embed explore feed following followers for.you foryou health healthz help home
hostmaster inbox info legal limits login logout mail manifest me media metrics mod
moderation moderator moderators news noreply notifications null oembed official openapi
operations operator password post postmaster press privacy profile root rss search security
self settings shop signin signout signup solstice staff static status studio support sw.js
system tag tags team terms trending undefined upload uploads user users verified video
videos webmaster well.known www you
"""
RESERVED_NAMES = frozenset(_RESERVED.split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account's row."""

    id: UUID
    name: str
    display_name: str
    bio: str
    email: str | None
    role: Role
    avatar_object: str | None
    created_at: datetime
    hidden_at: datetime | None
    deletion_due_at: datetime | None


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its owner sees it."""

    id: UUID
    name: str
    display_name: str
    bio: str
    avatar_url: str | None
    role: Role
    email: str | None
    created_at: datetime | None
    deletion_due_at: datetime | None
    is_hidden: bool
    """Hidden by a moderator: the owner is told, everybody else sees nothing."""
    is_partial: bool = False
    """The database is away: this is what the session says, and the rest is not known now."""


def render_me(account: Account) -> Me:
    """Show an account to its owner."""
    return Me(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        bio=account.bio,
        avatar_url=render_media_url(account.avatar_object) if account.avatar_object else None,
        role=account.role,
        email=account.email,
        created_at=account.created_at,
        deletion_due_at=account.deletion_due_at,
        is_hidden=account.hidden_at is not None,
    )


def render_me_by_session(viewer: Viewer) -> Me:
    """Show an account to its owner as far as the session knows it."""
    return Me(
        id=viewer.id,
        name=viewer.name,
        display_name=viewer.name,
        bio="",
        avatar_url=None,
        role=viewer.role,
        email=None,
        created_at=None,
        deletion_due_at=None,
        is_hidden=False,
        is_partial=True,
    )


def require_name(text: str) -> str:
    """Accept a name for a new account, in small letters.

    Errors: NameMalformed (400), NameTaken (409) for names kept for the platform itself.
    """
    name = text.lower()
    if not text.isascii() or not _NAME.fullmatch(name):
        raise NameMalformed
    if name.startswith(".") or name.endswith(".") or ".." in name or not name.strip("._"):
        raise NameMalformed("A name neither begins nor ends with a dot, and has a letter or digit.")
    if name in RESERVED_NAMES:
        raise NameTaken
    return name


def require_email(text: str | None) -> str | None:
    """Accept an e-mail address that could exist; it is not verified and never shown.

    Errors: EmailMalformed (400).
    """
    address = (text or "").strip()
    if not address:
        return None
    if len(address) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(address):
        raise EmailMalformed
    return address


def require_display_name(text: str, *, name: str) -> str:
    """Accept a display name; an empty one falls back to the name.

    Errors: TextTooLong (400).
    """
    clean = clean_text(text, keep_lines=False)
    if len(clean) > DISPLAY_NAME_CHARS_MAX:
        raise TextTooLong(f"A display name has at most {DISPLAY_NAME_CHARS_MAX} characters.")
    return clean if any(map(is_visible, clean.replace(" ", ""))) else name


def require_bio(text: str) -> str:
    """Accept what somebody says about themselves.

    Errors: TextTooLong (400).
    """
    clean = clean_text(text, keep_lines=True)
    if len(clean) > BIO_CHARS_MAX:
        raise TextTooLong(f"A bio has at most {BIO_CHARS_MAX} characters.")
    return clean


def clean_text(text: str, *, keep_lines: bool) -> str:
    """Take out what cannot be seen or turns lines around; bound runs of marks and of lines.

    More than 4 combining marks on one letter draw over the neighbours; the rest is dropped.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if char == "\n" and keep_lines:
            kept.append(char)
        elif char.isspace():
            kept.append(" ")
        elif marks <= MARKS_MAX and (char in _JOINERS or is_visible(char)):
            kept.append(char)
    lines = re.sub(r"\n{3,}", "\n\n", "".join(kept))
    return "\n".join(re.sub(r" {2,}", " ", line).strip() for line in lines.split("\n")).strip()


def is_visible(char: str) -> bool:
    """Tell whether a character shows anything by itself."""
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANK
