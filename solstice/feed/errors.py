"""What can be wrong with a request to the feed."""

from solstice.kit.errors import Malformed, TooLarge, Unavailable


class FeedNotReady(Unavailable):
    """The feed is still being read into memory; it takes a moment."""


class FollowingUnknown(Unavailable):
    """Whom you follow cannot be read for a moment; For You goes on meanwhile."""


class TooManyBeacons(TooLarge):
    """Send at most 100 events and 64 KiB at once."""


class BadPageSize(Malformed):
    """Ask for at least 1 and at most 24 clips."""
