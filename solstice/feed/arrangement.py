"""Arrangement: from a ranking to an order in which no creator follows themselves.

A max-heap of creators by their best remaining video.  The best one that may come now comes:
not the creator of the video before, and at most PER_WINDOW of the last WINDOW videos by one
creator.  When nobody else is left, first the window and then the neighbourhood rule give way:
a small platform with one busy creator still has a feed.

Source: the greedy form of the sliding-window rule in Zhang et al., "Sliding Spectrum
Decomposition" (KDD 2021), section 2, without its decomposition.
"""

import heapq
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
    waiting: dict[int, deque[int]] = {}
    for place, creator in enumerate(creators):
        waiting.setdefault(creator, deque()).append(place)
    heap = [(places[0], creator) for creator, places in waiting.items()]
    heapq.heapify(heap)
    recent: deque[int] = deque([before], maxlen=WINDOW - 1)
    arranged: list[int] = []
    while heap and len(arranged) < length:
        place, creator = _take(heap, recent)
        arranged.append(ranked[place])
        recent.append(creator)
        places = waiting[creator]
        places.popleft()
        if places:
            heapq.heappush(heap, (places[0], creator))
    return arranged


def _take(heap: list[tuple[int, int]], recent: deque[int]) -> tuple[int, int]:
    """Take the best creator the rules allow; at most WINDOW of them can be in the way."""
    last = recent[-1]
    aside: list[tuple[int, int]] = []
    chosen: tuple[int, int] | None = None
    while heap:
        candidate = heapq.heappop(heap)
        if candidate[1] != last and recent.count(candidate[1]) < PER_WINDOW:
            chosen = candidate
            break
        aside.append(candidate)
    if chosen is None:
        # Everybody left is in the window: the least bad is the best who was not just shown.
        chosen = next((entry for entry in aside if entry[1] != last), aside[0])
        aside.remove(chosen)
    for entry in aside:
        heapq.heappush(heap, entry)
    return chosen
