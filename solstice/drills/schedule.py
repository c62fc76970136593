"""Schedules: every request's instant and kind, fixed before the run begins.

An open loop: people do not wait with opening the app until somebody else's page has loaded.  A
generator that waits for answers measures a slow server kindly (coordinated omission: Tene, "How
not to measure latency", 2013); this one has its times on paper before the first byte.
"""

import random
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

EVENTS_MAX = 5_000_000
"""A schedule lives in memory: 5 million entries are 400 MB, more is a mistake."""

Rate = Callable[[float], float]
"""Requests a second as a function of the seconds since the start."""


@dataclass(frozen=True, slots=True)
class Event:
    """One request to be made."""

    at_s: float
    action: str
    person: int


def constant(rate_per_s: float) -> Rate:
    """Offer the same all the time."""
    return lambda _at_s: rate_per_s


def steps(*pairs: tuple[float, float]) -> Rate:
    """Offer `rate` from `from_s` on, for each `(from_s, rate)` in ascending order."""
    starts = [start for start, _ in pairs]
    return lambda at_s: pairs[max(0, bisect(starts, at_s) - 1)][1]


def ramp(*, from_rate: float, to_rate: float, over_s: float) -> Rate:
    """Go from one rate to the other in a straight line, and stay there."""
    return lambda at_s: from_rate + (to_rate - from_rate) * min(1.0, at_s / over_s)


def make_schedule(
    *, rate: Rate, duration_s: float, mix: Mapping[str, float], people: int, seed: int
) -> list[Event]:
    """Draw Poisson arrivals at a varying rate, by thinning (Lewis and Shedler, 1979).

    `mix` gives each action's weight, `people` how many different ones there are.  The same seed
    gives the same schedule.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    peak = max(rate(duration_s * k / 1000) for k in range(1001))
    if peak * duration_s > EVENTS_MAX:
        raise ValueError(f"{peak * duration_s:.0f} events are more than {EVENTS_MAX}")
    actions, weights = list(mix), list(accumulate(mix.values()))
    events = []
    at_s = dice.expovariate(peak) if peak else duration_s
    while at_s < duration_s:
        if dice.random() * peak < rate(at_s):
            action = actions[bisect(weights, dice.random() * weights[-1])]
            events.append(Event(at_s, action, dice.randrange(people)))
        at_s += dice.expovariate(peak)
    return events
