"""Renewals: who is soon to need a new queue, so that it is ranked before they ask for it.

A whole ranking takes as long as fifty pages.  Made while its viewer waits, it holds up
everybody behind as well, and viewers who came together use up their queues together.  So a page
that comes near the end of its queue, or a dozen acts, only put their viewer on this list, and
`renewing.py` goes through it one by one (docs/decisions/0089).  Under load nobody is ranked for
alone, and nobody is put here.
"""

import asyncio
from typing import Final

from solstice.feed.viewer_state import ViewerState
from solstice.kit.context import DEGRADATION, Degradation

WAITING_MAX: Final = 4096
"""Ten seconds' work; who finds no place is asked again by their next page."""


class Renewals:
    """Viewers whose next queue is to be ranked, each once, first come first served."""

    def __init__(self) -> None:
        self._waiting: dict[int, ViewerState] = {}
        self.are_wanted = asyncio.Event()
        """Set while somebody waits."""

    def ask(self, state: ViewerState) -> None:
        """Have a viewer's queue renewed soon, unless load is high."""
        if len(self._waiting) < WAITING_MAX and DEGRADATION.get() < Degradation.COHORT_FEED:
            self._waiting[state.account_id.int] = state
            self.are_wanted.set()

    def take(self) -> ViewerState | None:
        """Take the one who has waited longest."""
        state = self._waiting.pop(next(iter(self._waiting), -1), None)
        if not self._waiting:
            self.are_wanted.clear()
        return state
