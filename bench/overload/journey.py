"""M1, M2, M4 and M6: one way up to ten times the capacity and back, by every set-up in turn.

0.8, 1, 2, 5 and 10 times the capacity, then 0.9 at once: a single run shows the peak, the
goodput beyond it, what the accepted wait, and whether the end of the load ends the trouble.
The first seconds of each step are not counted for anybody: people who came in them are still
served from queues that are filling, by the patient set-ups most of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.overload.balancers import OURS, SETUPS, Setup
from bench.overload.feed_stand import FeedStand, wait_drained
from bench.overload.results import Results
from bench.overload.stand import (
    SERVERS,
    SLOT_CAPACITY_PER_S,
    Offered,
    draw,
    offer,
    settle,
    standing,
)
from solstice.drills.record import Record
from solstice.drills.schedule import steps

FACTORS = (0.8, 1.0, 2.0, 5.0, 10.0, 0.9)
SETTLE_S = 2
RECOVERED_SHARE = 0.95
READS = {"feed": 1.0}
WAITED_FOR = ("feed", "like", "comments")
"""What a person waits for.  At five times the capacity pages alone are more than there is room
for, so of the comments, which come after them, none is accepted and none has a latency."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """When each step begins and ends, in whole seconds."""

    seconds: tuple[int, ...] = (4, 4, 4, 4, 4, 4)

    def window(self, factor: float) -> tuple[int, int]:
        """The counted seconds of a step."""
        index = FACTORS.index(factor)
        from_s = sum(self.seconds[:index])
        return from_s + SETTLE_S, from_s + self.seconds[index]

    @property
    def duration_s(self) -> int:
        """All of it."""
        return sum(self.seconds)

    def steps(self, capacity: float) -> list[tuple[float, float]]:
        """As pairs of instant and rate."""
        starts = [sum(self.seconds[:index]) for index in range(len(FACTORS))]
        return [(start, f * capacity) for start, f in zip(starts, FACTORS, strict=True)]


def take_turns(run: int, setups: Sequence[Setup]) -> Sequence[Setup]:
    """Who is measured in a run: ours in each, the stock set-ups in every other one.

    At five times the capacity they keep a small part of their peak or nothing; a median of three
    says so as well as one of five, and what it saves keeps the whole within half an hour.
    """
    return setups if run % 2 == 0 else [setup for setup in setups if setup is OURS]


SHORT = Route(seconds=(3, 3, 4, 3, 3, 4))


async def measure_slots(
    results: Results, *, runs: int, route: Route, setups: Sequence[Setup] = SETUPS
) -> None:
    """The set-ups in turn, `runs` times, before slot servers."""
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    for run in range(runs):
        for setup in take_turns(run, setups):
            with standing(setup) as stand:
                offered = await offer(
                    stand.port,
                    draw(
                        steps(*route.steps(capacity)), duration_s=route.duration_s, seed=100 + run
                    ),
                    seed=run,
                )
                note_journey(results, "slots", setup, run, offered, route=route)
            await settle()


async def measure_feed(results: Results, feed: FeedStand, *, runs: int, route: Route) -> None:
    """The set-ups in turn, `runs` times, before the real feed handler."""
    for run in range(runs):
        for setup in take_turns(run, SETUPS):
            ports = feed.guarded if setup.has_admission else feed.trusting
            with standing(setup, running=ports) as stand:
                rate = steps(*route.steps(feed.capacity_per_s))
                offered = await offer(
                    stand.port,
                    draw(rate, duration_s=route.duration_s, seed=200 + run, mix=READS),
                    seed=run,
                    render=feed.render,
                )
                note_journey(results, "feed", setup, run, offered, route=route)
            wait_drained(ports)


def note_journey(
    results: Results,
    shape: str,
    setup: Setup,
    run: int,
    offered: Offered,
    *,
    route: Route,
) -> None:
    """Write down what one journey says."""
    actions = WAITED_FOR if shape == "slots" else ("feed",)
    record = offered.record
    results.keep(record, measure=f"journey {shape}", setup=setup.name, run=run)

    def note(figure: str, value: float) -> None:
        results.note(f"{figure}", setup=setup.name, run=run, value=value)

    goodputs = {
        factor: record.goodput_per_s(from_s=window[0], to_s=window[1])
        for factor in FACTORS
        for window in [route.window(factor)]
    }
    peak = max(goodputs[0.8], goodputs[1.0])
    note(f"M1 {shape} peak per s", peak)
    for factor in (2.0, 5.0, 10.0):
        # Who serves nobody at their peak serves no share of it either.
        note(f"M1 {shape} {factor:g}x", goodputs[factor] / peak if peak else 0.0)
        note(f"M1 {shape} {factor:g}x per s", goodputs[factor])
    calm, busy = route.window(0.8), route.window(5.0)
    calm_ms = record.accepted_ms(99, from_s=calm[0], to_s=calm[1], actions=actions)
    busy_ms = record.accepted_ms(99, from_s=busy[0], to_s=busy[1], actions=actions)
    if busy_ms and calm_ms:
        note(f"M2 {shape} p99 ms at 5x", busy_ms)
        note(f"M2 {shape} p99 5x over 0.8x", busy_ms / calm_ms)
    else:
        note(f"M2 {shape} p99 ms at 5x", float("inf"))
        note(f"M2 {shape} p99 5x over 0.8x", float("inf"))
    before = record.share_good(from_s=calm[0], to_s=calm[1])
    removed_s = sum(route.seconds[:-1])
    note(
        f"M4 {shape} recovery s",
        recovery_s(record, removed_s=removed_s, until_s=route.duration_s, before=before),
    )
    top = route.window(10.0)
    note(f"M6 {shape} client attempts", record.attempts_per_action(from_s=top[0], to_s=top[1]))
    note(f"generator {shape} core share", offered.generator_share)


def recovery_s(record: Record, *, removed_s: int, until_s: int, before: float) -> float:
    """Seconds after the removal until one serves 95 % of the share served before; inf if none."""
    for at_s in range(removed_s, until_s):
        if record.share_good(from_s=at_s, to_s=at_s + 1) >= RECOVERED_SHARE * before:
            return float(at_s - removed_s)
    return float("inf")
