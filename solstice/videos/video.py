"""A video: its states, who may see it, and what a caption says.  Pure; no database here.

    uploading ──► received ──► processing ──► live
        │             ▲            │  │
        ▼             └── retry ───┘  └────► refused (with a code and a sentence)
     expired

From `received` on the original is safe and no path of ours deletes it but its owner's own
deletion.  `live` begins with the first playable rendition; better ones follow behind it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal["uploading", "received", "processing", "live", "refused"]
Visibility = Literal["public", "followers", "private"]

HASHTAGS_MAX = 30
HASHTAG_CHARS_MAX = 64
_HASHTAG = re.compile(r"(?<![\w#&/])#(\w[\w]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleVideo:
    """A live video somebody has been found allowed to see."""

    id: UUID
    creator_id: UUID
    visibility: Visibility
    caption: str
    hashtags: tuple[str, ...]
    published_at: datetime
    duration_ms: int
    is_hidden: bool


def list_hashtags(caption: str) -> list[str]:
    """List the hashtags of a caption: lower case, each once, in order, at most 30.

    A hashtag is `#` and letters, digits or `_` of any script; digits alone (`#1`) are none.
    """
    found: dict[str, None] = {}
    for match in _HASHTAG.finditer(unicodedata.normalize("NFKC", caption)):
        tag = match[1].casefold()
        if len(tag) <= HASHTAG_CHARS_MAX and not tag.isnumeric():
            found[tag] = None
    return list(found)[:HASHTAGS_MAX]


def clean_caption(caption: str) -> str:
    """Normalize a caption: NFC, no control characters but line breaks, no blank edges."""
    text = unicodedata.normalize("NFC", caption.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (
        char
        for char in text
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    )
    return "".join(kept).strip()
