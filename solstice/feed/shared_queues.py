"""Queues shared by all of whom nothing is known: a few at a time, replaced every half minute.

Ranking for everybody without an account would cost most of a millisecond each and find the
same; sharing costs nothing, and sixteen of them keep two strangers from the same evening.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np

from solstice.feed.queues import Queue

AT_ONCE: Final = 16
KEPT: Final = 256
"""Replaced ones stay a while (about 8 minutes), so that those who began them can go on."""
AGE_S: Final = 30.0


class SharedQueues:
    """The queues for viewers without state."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._current: list[Queue] = []
        self._by_generation: OrderedDict[int, Queue] = OrderedDict()

    def pick(self, generation: int, compose: Callable[[], Queue], *, now_s: float) -> Queue:
        """Return the queue of that generation if it is still here, else any current one."""
        begun = self._by_generation.get(generation)
        if begun is not None:
            return begun
        place = int(self._random.integers(AT_ONCE))
        if place < len(self._current) and now_s - self._current[place].made_at_s < AGE_S:
            return self._current[place]
        fresh = compose()
        if place < len(self._current):
            self._current[place] = fresh
        else:
            self._current.append(fresh)
        self._by_generation[fresh.generation] = fresh
        if len(self._by_generation) > KEPT:
            self._by_generation.popitem(last=False)
        return fresh
