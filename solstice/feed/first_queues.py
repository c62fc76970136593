"""First queues: the next pages of whoever waits, cheap, and of several viewers in one go.

Whose state was just read gets two pages out of what the ranking of their cohort holds
(`cohorts.py`), ordered by their own taste; creators, hashtags and whom they follow count from the
next queue on.  Viewers are read by up to sixteen together (`viewers.py`) and so they are ranked:
numpy on the short arrays of a single viewer is mostly the price of calling it
(docs/decisions/0088).
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np

from solstice.feed.arrangement import arrange
from solstice.feed.candidates import SMALL, Shortlist, may_come
from solstice.feed.composition import Ranked, exclude, hand_over, list_of_cohort
from solstice.feed.memory import Memory
from solstice.feed.pools import Floats
from solstice.feed.queues import count_alternating
from solstice.feed.ranking import NOISE, TASTE_WEIGHT, learn_directions
from solstice.feed.viewers import Arrival

FIRST_QUEUE_LENGTH: Final = 16
"""Two pages, in a third of the time a whole ranking takes (docs/decisions/0078)."""
RENEWED_FROM: Final = FIRST_QUEUE_LENGTH // 2 + 1
"""Who looks at one page only is not ranked for a second time."""
RANKED_FOR_EACH: Final = 4
"""So many times as many clips as wanted are looked at for an order without neighbours."""


def compose_first(memory: Memory, arrivals: Sequence[Arrival]) -> None:
    """Give each of these viewers two pages, or no queue where those are not to be had.

    They are not for whoever has seen most of what their cohort sees, and on a small platform,
    where everything is ranked at once.

    Shape: FIRST_QUEUE_LENGTH clips, no creator twice in a row.
    """
    for state, _ in arrivals:
        state.queue = None
        state.was_ranked = True
    if memory.pools.public_count <= SMALL:
        return
    for state, _ in arrivals:
        state.merge()
    acts = [(state.records, state.liked[: state.teaching_like_count]) for state, _ in arrivals]
    directions, confidences = learn_directions(memory.index, acts)
    pulls = directions * (np.float32(TASTE_WEIGHT) * confidences)[:, np.newaxis]
    listed = [list_of_cohort(memory, direction) for direction in directions]
    may = may_come(
        memory.index,
        listed,
        [exclude(memory, state, position.served_array()) for state, position in arrivals],
    )
    scores = memory.random.standard_normal(len(may), dtype=np.float32)
    scores *= np.float32(NOISE)
    scores[~may] = -np.inf
    start = 0
    for arrival, direction, pull, each in zip(arrivals, directions, pulls, listed, strict=True):
        arrival.state.direction = direction
        own = scores[start : start + len(each.slots)]
        start += len(each.slots)
        own += each.prior
        own += each.directions @ pull
        _hand_over_best(memory, arrival, each, own)


def _hand_over_best(memory: Memory, arrival: Arrival, listed: Shortlist, scores: Floats) -> None:
    index, (state, position) = memory.index, arrival
    before = index.find_creator_by_short_key(position.last_creator)
    best = np.argsort(-scores)[: RANKED_FOR_EACH * FIRST_QUEUE_LENGTH]
    best = best[scores[best] > -np.inf]
    creators = listed.creators[best].tolist()
    order = arrange(range(len(best)), creators, length=FIRST_QUEUE_LENGTH, before=before)
    creators = [creators[place] for place in order]
    if count_alternating(creators, before=before) < FIRST_QUEUE_LENGTH:
        return
    state.signals_since_ranking = 0
    hand_over(
        memory,
        state,
        Ranked(array("i", listed.slots[best[order]].tolist()), creators),
        index.find_creators(state.followed_keys),
        renewed_from=RENEWED_FROM,
    )
