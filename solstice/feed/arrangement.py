"""Arrangement: from a ranking to an order in which no creator follows themselves.

Down the ranking: each video comes as soon as it may, which is when its creator is not the one
just before and has at most PER_WINDOW of the last WINDOW; one that may not yet is held back and
tried first at every later place (by creator: a busy one's hundreds cost one look).  When only
held ones are left, first the window and then the neighbourhood rule give way: a small platform
with one busy creator still has a feed.

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
    held: dict[int, deque[int]] = {}
    place, count, last = 0, len(ranked), before
    for _ in range(min(length, count)):
        chosen = count
        if held:  # seldom, which is why it is asked first
            for creator, waiting in held.items():
                if waiting[0] < chosen and creator != last and recent.count(creator) < PER_WINDOW:
                    chosen = waiting[0]
        if chosen < count:
            last = creators[chosen]
            _take(held, last)
        else:
            while place < count:
                creator = creators[place]
                if creator != last and recent.count(creator) < PER_WINDOW:
                    chosen, last = place, creator
                    place += 1
                    break
                held.setdefault(creator, deque()).append(place)
                place += 1
            else:
                last = _least_bad(held, last)
                chosen = _take(held, last)
        recent.append(last)
        arranged.append(ranked[chosen])
    return arranged


def _take(held: dict[int, deque[int]], creator: int) -> int:
    """Take the best of a creator's that is held back."""
    waiting = held[creator]
    place = waiting.popleft()
    if not waiting:
        del held[creator]
    return place


def _least_bad(held: dict[int, deque[int]], last: int) -> int:
    """Tell whose comes next when all must wait: the best, but not by whom was just shown."""
    others = [creator for creator in held if creator != last]
    return min(others, key=lambda creator: held[creator][0], default=last)
