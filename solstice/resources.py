"""The outside world of one process, and what features do for others that may not import them.

Apart from `app.py`, so that a worker has it without routes and without a web framework: 20 MB.
"""

from typing import Any

from solstice.accounts import EXPORTS as ACCOUNT_EXPORTS
from solstice.community import EXPORTS as COMMUNITY_EXPORTS
from solstice.community import list_counts
from solstice.feed import EXPORTS as FEED_EXPORTS
from solstice.kit.clock import Clock, utc_now
from solstice.kit.database import Database, DatabaseSettings
from solstice.kit.objects import Objects, ObjectSettings
from solstice.kit.resources import Resources
from solstice.settings import Settings, load_secret_key
from solstice.videos import EXPORTS as VIDEO_EXPORTS

OFFERS: dict[str, tuple[Any, ...]] = {
    "exports": (*ACCOUNT_EXPORTS, *VIDEO_EXPORTS, *COMMUNITY_EXPORTS, *FEED_EXPORTS),
    "video_counts": (list_counts,),
    "erasures": (),
}
"""What each feature does when an account is exported, and before one is erased for good."""


def build_resources(settings: Settings, *, clock: Clock = utc_now) -> Resources:
    """Make the outside world of one process from its settings; nothing is opened yet."""
    return Resources(
        database=Database(settings.of(DatabaseSettings)),
        objects=Objects(settings.of(ObjectSettings), directory=settings.objects_dir),
        clock=clock,
        settings=settings.features,
        scratch_dir=settings.scratch_dir,
        secret_key=load_secret_key(settings.state_dir),
        offers=OFFERS,
    )
