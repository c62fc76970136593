"""Arrangement: from a ranking to an order in which no creator follows themselves.

Down the ranking: each video comes as soon as it may, which is when its creator is not the one
just before and has at most PER_WINDOW of the last WINDOW; one that may not yet is held back and
tried first at every later place.  When only held ones are left, first the window and then the
neighbourhood rule give way: a small platform with one busy creator still has a feed.

Source: the greedy sliding-window rule of Huang et al., "Sliding Spectrum Decomposition for
Diversified Recommendation" (KDD 2021), section 3, without its decomposition.
"""

from collections import deque
from collections.abc import Sequence

WINDOW = 8
PER_WINDOW = 2


def arrange(
    ranked: Sequence[int], creators: Sequence[int], *, length: int, before: int = -1
) -> list[int]:
    """Order the best of `ranked`.

    Shape: `ranked` best first, `creators` beside it; the answer has at most `length` of them,
    each once.  `before` is the creator of what was shown last.
    """
    recent: deque[int] = deque([before], maxlen=WINDOW - 1)
    arranged: list[int] = []
    held: list[int] = []
    place, count = 0, len(ranked)
    last = before
    while len(arranged) < length and (held or place < count):
        chosen = -1
        for position, waiting in enumerate(held):
            creator = creators[waiting]
            if creator != last and recent.count(creator) < PER_WINDOW:
                chosen = held.pop(position)
                break
        while chosen < 0 and place < count:
            creator = creators[place]
            if creator != last and recent.count(creator) < PER_WINDOW:
                chosen = place
            else:
                held.append(place)
            place += 1
        if chosen < 0:
            chosen = _least_bad(held, creators, last)
        last = creators[chosen]
        recent.append(last)
        arranged.append(ranked[chosen])
    return arranged


def _least_bad(held: list[int], creators: Sequence[int], last: int) -> int:
    """Take the best whose creator was not just shown; if there is none, the best."""
    for position, waiting in enumerate(held):
        if creators[waiting] != last:
            return held.pop(position)
    return held.pop(0)
