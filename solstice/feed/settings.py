"""How the feed is kept in memory and composed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """For You and Following."""

    page_size: int = 8
    page_size_max: int = 24
    refresh_every_s: float = 1.0
    """How often the index asks the database for what changed."""
