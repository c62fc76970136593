"""Limits of what people say to each other."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CommunitySettings:
    """Comments, follows, reports."""

    comment_chars_max: int = 500
    count_fold_every_s: float = 2.0
    """Shown counts may lag behind the last like by this much."""
