"""Cohorts: viewers whose taste lies in the same region share one ranking while load is high.

Ranking for one viewer costs most of a millisecond.  A cohort's is made once in half a
minute, and its viewers' queues are cut from it (`composition.compose_of_cohort`).

Source: a cached, less personal answer as a step of degradation: Meza et al., "Defcon:
Preventing Overload with Graceful Feature Degradation" (OSDI 2023).
"""

from collections.abc import Callable
from typing import Final

from solstice.feed.candidates import Shortlist
from solstice.feed.pools import Floats

NO_COHORT: Final = -1
"""Of those whose taste is not known, and of all while there are no regions."""
AGE_S: Final = 30.0


def cohort_of(centroids: Floats, direction: Floats) -> int:
    """Tell in which region a taste lies."""
    if not len(centroids):
        return NO_COHORT
    nearness = centroids @ direction
    nearest = int(nearness.argmax())
    return nearest if nearness[nearest] else NO_COHORT


class Cohorts:
    """The latest ranking of each cohort."""

    def __init__(self) -> None:
        self._centroids: Floats | None = None
        self._ranked: dict[int, tuple[float, Shortlist]] = {}

    def pick(
        self, cohort: int, centroids: Floats, rank: Callable[[], Shortlist], *, now_s: float
    ) -> Shortlist:
        """Return the cohort's ranking; `rank` makes it when it is old or the regions moved."""
        if centroids is not self._centroids:
            self._centroids = centroids
            self._ranked.clear()
        known = self._ranked.get(cohort)
        if known is not None and now_s - known[0] < AGE_S:
            return known[1]
        ranked = rank()
        self._ranked[cohort] = (now_s, ranked)
        return ranked
