"""Pace: long work in a thread that leaves most of the time to the event loop beside it.

Both need Python's lock, and on a busy machine the same core.  Work of 100 ms in one piece costs
every request meanwhile its turns and more, because each of the loop's waits ends with one for
the lock.  Cut into steps with a rest after each, it costs them one step.  Why: docs/decisions/0082.
"""

import time
from collections.abc import Callable
from typing import Final

Rest = Callable[[], None]
"""Called in a thread between two steps of a few milliseconds."""

RESTED_FOR_WORKED: Final = 2.0
"""Two thirds of the time belong to requests; under load steps take longer, and so do rests."""
REST_MAX_S: Final = 0.05


def go_on() -> None:
    """Rest not at all: for whoever has nobody waiting beside them."""


class Pace:
    """Rests twice as long as the step before took."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._since_s = clock()

    def rest(self) -> None:
        """End a step; the next begins when this returns."""
        worked_s = self._clock() - self._since_s
        self._sleep(min(RESTED_FOR_WORKED * worked_s, REST_MAX_S))
        self._since_s = self._clock()
