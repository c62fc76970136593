"""Limits of what people say to each other."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CommunitySettings:
    """Comments, follows, reports, search."""

    comment_chars_max: int = 500
    comments_per_minute_max: int = 20
    """Per account; somebody who types writes about four."""
    follows_max: int = 5000
    """Whom one account may follow; what the Following feed looks at."""
    reports_per_hour_max: int = 30
    search_timeout_ms: int = 800
    """A search that takes longer is given up: it must not hold a connection others need."""
    notification_days_max: int = 90
    removed_comment_days_max: int = 30
    """How long the words of a removed comment are kept for an appeal."""
