"""Views: when a watch counts.

A view is a clip that played for two seconds, or to its end if it is shorter; counted once for
each viewer and video in half an hour, and never for its creator.  Somebody without an account
is known by their network alone: an address counts a clip once in half an hour, however many
browsers stand behind it.  An account counts at most 900 views an hour and a network 1,500, so
that nobody inflates a count faster than people could watch.

What a signed-in viewer watched on another server is learnt within a second; bounds of networks
hold for each server by itself, so with two of them a liar gets twice as far.
"""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from solstice.feed.beacon import Source
from solstice.feed.keys import key_of
from solstice.feed.settings import FeedSettings

VIEW_MS: Final = 2000
REMEMBERED_MAX: Final = 200_000
"""30 MB; with more views in half an hour than this, some count again earlier."""


class ViewCounter:
    """Decides which watches are views."""

    def __init__(self, settings: FeedSettings) -> None:
        self._counted = Recent(kept_s=settings.view_again_s, count_max=REMEMBERED_MAX)
        self._accounts = HourlyAllowance(per_hour=settings.views_per_account_hour_max)
        self._networks = HourlyAllowance(per_hour=settings.views_per_network_hour_max)

    def is_view(
        self, source: Source, *, video_key: int, watch_ms: int, duration_ms: int, now_s: float
    ) -> bool:
        """Tell whether this watch counts, and remember that it did."""
        if watch_ms < min(VIEW_MS, duration_ms):
            return False
        account_id = source.account_id
        who = source.network if account_id is None else key_of(account_id)
        if self._counted.has((who, video_key), now_s):
            return False
        allowance = self._networks if account_id is None else self._accounts
        if not allowance.take(who, now_s):
            return False
        self._counted.add((who, video_key), now_s)
        return True

    def counted_elsewhere(self, account_id: UUID, video_key: int, now_s: float) -> None:
        """Remember a view another server counted."""
        self._counted.add((key_of(account_id), video_key), now_s)


class Recent:
    """What happened lately, bounded by age and by number."""

    def __init__(self, *, kept_s: float, count_max: int) -> None:
        self._kept_s = kept_s
        self._count_max = count_max
        self._met: OrderedDict[object, float] = OrderedDict()

    def has(self, what: object, now_s: float) -> bool:
        """Tell whether this happened within `kept_s`."""
        at_s = self._met.get(what)
        return at_s is not None and now_s - at_s < self._kept_s

    def add(self, what: object, now_s: float) -> None:
        """Remember that it happened now."""
        met = self._met
        met[what] = now_s
        met.move_to_end(what)
        while met and (len(met) > self._count_max or self._is_over(next(iter(met)), now_s)):
            met.popitem(last=False)

    def _is_over(self, what: object, now_s: float) -> bool:
        return now_s - self._met[what] >= self._kept_s


class HourlyAllowance:
    """So much for each name an hour, refilled steadily; the names least recently met go."""

    def __init__(self, *, per_hour: int, names_max: int = 50_000) -> None:
        self._per_hour = per_hour
        self._names_max = names_max
        self._left: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, name: object, now_s: float) -> bool:
        """Take one if there is one left."""
        left, since_s = self._left.pop(name, (float(self._per_hour), now_s))
        refilled = max(0.0, now_s - since_s) * self._per_hour / 3600
        left = min(float(self._per_hour), left + refilled)
        is_granted = left >= 1
        self._left[name] = (left - is_granted, now_s)
        if len(self._left) > self._names_max:
            self._left.popitem(last=False)
        return is_granted
