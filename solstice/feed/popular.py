"""Popular: first pages kept ready as bytes, for when nothing else can be afforded.

The cheapest answer there is: no queue is touched, nothing joined or rendered.  Sixteen of them
for each page size, so that not everybody asks for the same clips next, each made anew after
five seconds (their counts are that old) or as soon as anything left public view.
"""

from typing import Final, NamedTuple

import numpy as np

AT_ONCE: Final = 16
AGE_S: Final = 5.0


class ReadyPage(NamedTuple):
    """A first page, rendered, and what it would show to whom."""

    slots: list[int]
    keys: frozenset[int]
    creator_keys: frozenset[int]
    for_anybody: bytes
    for_signed_in: bytes
    """The same with the viewer's marks said to be unknown."""
    removals: int
    made_at_s: float


class PopularPages:
    """The ready first pages by page size."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._by_limit: dict[int, list[ReadyPage]] = {}

    def pick(self, limit: int, *, removals: int, now_s: float) -> ReadyPage | None:
        """Return one that is true now; None when its turn has come to be made anew."""
        pages = self._by_limit.setdefault(limit, [])
        place = int(self._random.random() * AT_ONCE)
        if place >= len(pages):
            return None
        page = pages[place]
        if page.removals != removals or now_s - page.made_at_s > AGE_S:
            pages[place] = pages[-1]
            pages.pop()
            return None
        return page

    def keep(self, limit: int, page: ReadyPage) -> None:
        """Keep a page that was just made."""
        pages = self._by_limit[limit]
        pages.append(page)
        del pages[AT_ONCE:]
