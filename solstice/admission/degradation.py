"""Cheaper answers before refusals: which luxuries are off at which level.

Source: Defcon (Meta, OSDI'23): knobs by importance, switched in levels.  The features ask by
name (`kit/context.py`) and know nothing of load; admission knows the names' order and nothing of
what they do.
"""

from solstice.kit.context import Degradation

STEPS = ((0.95, Degradation.NONE), (0.8, Degradation.NO_PRELOAD), (0.5, Degradation.COHORT_FEED))


def decide_degradation(openness: float) -> Degradation:
    """Map how far the level is open, in [0, 1], to what is left out."""
    for at_least, degradation in STEPS:
        if openness >= at_least:
            return degradation
    return Degradation.POPULAR_FEED
