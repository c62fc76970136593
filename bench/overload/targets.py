"""The promises of overload as values: which readings count, what they must be, against whom.

Every figure is the median of its runs with the interval from the lowest to the highest of them
(for five runs that covers the median with a probability of 94 %, whatever the distribution).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Literal

from bench.overload.results import Reading

OURS = "Solstice"
STOCK = ("HAProxy", "NGINX", "Envoy")
COLLAPSED = 0.5
"""A stock set-up that keeps half of its peak at five times the load has not collapsed."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One line of the table."""

    measure: str
    figure: str
    sentence: str
    is_met_by: Literal["at least", "at most", "ratio to stock"] = "at least"
    bound: float


def _at_least(measure: str, figure: str, sentence: str, bound: float) -> Target:
    return Target(measure=measure, figure=figure, sentence=sentence, bound=bound)


def _at_most(measure: str, figure: str, sentence: str, bound: float) -> Target:
    return Target(
        measure=measure, figure=figure, sentence=sentence, bound=bound, is_met_by="at most"
    )


def _against_stock(figure: str, sentence: str) -> Target:
    return Target(
        measure="M1", figure=figure, sentence=sentence, bound=3.0, is_met_by="ratio to stock"
    )


M8 = ("killed", "stopped", "spinning", "supervisor crashed")
M11 = ("10x slow", "hangs", "drops", "instant 500")

TARGETS: tuple[Target, ...] = (
    *(
        _at_least("M1", f"M1 {shape} {factor}x", f"goodput at {factor}x, share of peak", bound)
        for shape, bounds in (("slots", (0.98, 0.95, 0.90)), ("feed", (0.95, 0.88, 0.80)))
        for factor, bound in zip((2, 5, 10), bounds, strict=True)
    ),
    _against_stock("M1 slots 5x per s", "goodput at 5x, over the best stock"),
    _against_stock("M1 feed 5x per s", "goodput at 5x, over the best stock"),
    *(
        target
        for shape in ("slots", "feed")
        for target in (
            _at_most("M2", f"M2 {shape} p99 5x over 0.8x", "p99 of accepted, 5x over 0.8x", 2.0),
            _at_most("M2", f"M2 {shape} p99 ms at 5x", "p99 of accepted at 5x, ms", 150.0),
        )
    ),
    _at_least("M3", "M3 critical served", "watching and writing served under the flood", 0.999),
    _at_most("M3", "M3 critical p99 over before", "their p99 over before", 1.10),
    _at_most("M3", "M3 seconds with classes inverted", "seconds with classes inverted", 0.0),
    *(
        _at_most("M4", f"M4 {shape} recovery s", "seconds to recover from 10x", 2.0)
        for shape in ("slots", "feed")
    ),
    _at_most("M4", "M4 spike of 60 s", "the same after a whole minute of 10x", 2.0),
    _at_most("M4", "M4 half gone of 60 s", "the same after a minute with half the servers", 2.0),
    _at_most("M5", "M5 hysteresis", "area between the ways up and down", 0.03),
    _at_most("M6", "M6 attempts per action", "attempts per action at 10x, our clients", 1.02),
    _at_least("M7", "M7 goodput of allowed", "goodput, of what the skew allows", 0.95),
    _at_most("M7", "M7 processes that died", "processes that died", 0.0),
    _at_most("M7", "M7 spread right after s", "seconds until the spread is right", 3.0),
    *(_at_most("M8", f"M8 {fault}, failed", f"failed, edge {fault}", 0.005) for fault in M8),
    *(
        _at_most(
            "M8", f"M8 {fault}, back s", f"seconds until back, edge {fault}",
            15.0 if fault == "spinning" else 2.0,
        )
        for fault in M8
    ),
    _at_most("M9", "M9 failed requests", "failed requests, eleven bad files", 0.0),
    _at_most("M9", "M9 harmless after s", "seconds until the worst did no harm", 1.0),
    *(_at_most("M11", f"M11 {kind}, harmed in 60 s", f"harmed, one {kind}", 0.01) for kind in M11),
    *(_at_most("M11", f"M11 {kind}, isolated s", f"isolated s, one {kind}", 2.0) for kind in M11),
    _at_most("M11", "M11 instant 500, traffic of 1/N", "traffic of instant 500, of 1/N", 1.2),
    *(
        _at_least("M12", f"M12 {kind}", f"goodput at 5x, health checks {kind}", 0.98)
        for kind in ("flapping", "timing out")
    ),
    _at_most("M15", "M15 edge refusal over accept", "edge: refusal over acceptance", 0.01),
    _at_most("M15", "M15 app refusal over accept", "server: refusal over acceptance", 0.05),
    _at_least("flash crowd", "flash crowd", "goodput, 0 → 10x in 5 s, of capacity", 0.90),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A median, and the lowest and highest of its runs."""

    middle: float
    low: float
    high: float
    runs: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One judged line; what was not measured has no interval and no verdict."""

    target: Target
    ours: Interval | None
    best_stock: tuple[str, Interval] | None
    is_met: bool | None


def judge(readings: Iterable[Reading]) -> list[Line]:
    """Judge every target by the readings there are."""
    by_key: dict[tuple[str, str], list[float]] = {}
    for reading in readings:
        by_key.setdefault((reading.figure, reading.setup), []).append(reading.value)
    intervals = {key: decide_interval(values) for key, values in by_key.items()}
    return [_judge_one(target, intervals) for target in TARGETS]


def decide_interval(values: list[float]) -> Interval:
    """Take the median and the extremes."""
    return Interval(middle=median(values), low=min(values), high=max(values), runs=len(values))


def _judge_one(target: Target, intervals: dict[tuple[str, str], Interval]) -> Line:
    ours = intervals.get((target.figure, OURS))
    stock = [
        (name, interval) for name in STOCK if (interval := intervals.get((target.figure, name)))
    ]
    lowest_is_best = target.is_met_by == "at most"
    best = (min if lowest_is_best else max)(stock, key=lambda one: one[1].middle, default=None)
    is_met = None
    if ours and target.is_met_by == "at least":
        is_met = ours.middle >= target.bound
    elif ours and target.is_met_by == "at most":
        is_met = ours.middle <= target.bound
    elif ours and best:
        is_met = decide_ratio(ours, best[1]) >= target.bound
    return Line(target=target, ours=ours, best_stock=best, is_met=is_met)


def decide_ratio(ours: Interval, stock: Interval) -> float:
    """How many times the stock's median ours is; infinite when the stock serves nobody."""
    return ours.middle / stock.middle if stock.middle else inf


def list_standing(readings: Iterable[Reading], *, shape: str) -> list[str]:
    """Name the stock set-ups that did not collapse: if there are any, the comparison is void."""
    values: dict[str, list[float]] = {}
    for reading in readings:
        if reading.figure == f"M1 {shape} 5x" and reading.setup in STOCK:
            values.setdefault(reading.setup, []).append(reading.value)
    return [name for name, shares in values.items() if median(shares) >= COLLAPSED]
