"""Cheaper answers before refusals: which luxuries are off at which level.

Source: Defcon (Meta, OSDI'23): knobs by importance, switched in levels.  The features ask by
name and know nothing of load; admission knows the names' order and nothing of what they do.
"""

from enum import IntEnum


class Degradation(IntEnum):
    """How much is left out; each step includes the ones before."""

    NONE = 0
    NO_PRELOAD = 1
    """No comments ahead, a lower rendition for the next clip."""
    COHORT_FEED = 2
    """The cached feed of the viewer's cohort instead of a personal one."""
    POPULAR_FEED = 3
    """The popular list kept ready as bytes."""


STEPS = ((0.95, Degradation.NONE), (0.8, Degradation.NO_PRELOAD), (0.5, Degradation.COHORT_FEED))


def decide_degradation(openness: float) -> Degradation:
    """Map how far the level is open, in [0, 1], to what is left out."""
    for at_least, degradation in STEPS:
        if openness >= at_least:
            return degradation
    return Degradation.POPULAR_FEED
