"""The overload bench judges by what was measured, and says so when nothing can be compared."""

from math import inf

import pytest

from bench.overload.hysteresis import UP, hysteresis
from bench.overload.journey import recovery_s
from bench.overload.priorities import BEFORE_S, FLOOD_S, ORDER, count_inversions
from bench.overload.published import render_line
from bench.overload.results import Reading
from bench.overload.skew import decide_allowed_per_s
from bench.overload.targets import TARGETS, decide_interval, judge, list_standing
from solstice.drills.record import Record


def readings(figure: str, **values: list[float]) -> list[Reading]:
    """Some runs of some set-ups."""
    return [
        Reading(figure=figure, setup=setup, run=run, value=value)
        for setup, runs in values.items()
        for run, value in enumerate(runs)
    ]


def served(shares: dict[str, float]) -> Record:
    """A flood in which each class was served a share of a hundred, in every second."""
    record = Record(duration_s=BEFORE_S + FLOOD_S)
    for action in ORDER:
        for at_s in range(BEFORE_S + FLOOD_S):
            row = record.row(action, at_s)
            row.offered, row.good = 100, round(100 * shares.get(action, 1.0))
    return record


def test_a_figure_is_the_median_of_its_runs_and_shows_the_extremes() -> None:
    """A single lucky run decides nothing."""
    interval = decide_interval([0.2, 0.99, 0.5])
    assert (interval.middle, interval.low, interval.high, interval.runs) == (0.5, 0.2, 0.99, 3)


def test_what_was_not_measured_has_no_verdict() -> None:
    """Neither met nor missed, and the table says so."""
    lines = judge([])
    assert {line.is_met for line in lines} == {None}
    assert "not measured" in render_line(lines[0])


def test_ours_is_compared_with_the_best_stock_set_up_of_the_same_runs() -> None:
    """The best by the median, and where less is better, the least."""
    given = readings("M2 slots p99 ms at 5x", Solstice=[90.0], HAProxy=[900.0], NGINX=[500.0])
    (line,) = [line for line in judge(given) if line.ours]
    assert line.is_met
    assert line.best_stock is not None
    assert line.best_stock[0] == "NGINX"


def test_three_times_the_best_stock_is_asked_for() -> None:
    """A stock set-up that serves nobody is beaten by whoever serves somebody."""
    figure = "M1 slots 5x per s"
    verdicts = []
    for value in (0.0, 60.0, 70.0):
        given = readings(figure, Solstice=[190.0], Envoy=[value])
        verdicts += [line.is_met for line in judge(given) if line.ours]
    assert verdicts == [True, True, False]


def test_the_comparison_is_void_unless_every_stock_set_up_collapses() -> None:
    """Otherwise the load was no overload."""
    given = readings("M1 slots 5x", HAProxy=[0.9, 0.8], NGINX=[0.0, 0.1], Solstice=[0.97])
    assert list_standing(given, shape="slots") == ["HAProxy"]


def test_every_target_has_its_own_figure() -> None:
    """So that no line of the table is filled by another's readings."""
    figures = [target.figure for target in TARGETS]
    assert len(set(figures)) == len(figures)


def test_a_way_down_that_retraces_has_no_hysteresis() -> None:
    """And one that serves nobody any more has all of it."""
    up = [100.0] * len(UP)
    assert hysteresis(up, up) == 0.0
    assert hysteresis(up, [0.0] * len(UP)) == 1.0


def test_classes_are_inverted_when_a_lower_one_is_served_more() -> None:
    """Telemetry that is taken while pages are refused."""
    assert count_inversions(served({"beacons": 0.1})) == 0
    assert count_inversions(served({"feed": 0.8, "beacons": 0.9})) == FLOOD_S


def test_recovery_is_counted_from_the_end_of_the_trigger() -> None:
    """In whole seconds; who never serves again never recovers."""
    record = Record(duration_s=10)
    for at_s in range(10):
        row = record.row("feed", at_s)
        row.offered, row.good = 10, 10 if at_s >= 7 else 0
    assert recovery_s(record, removed_s=5, until_s=10, before=1.0) == 2.0
    assert recovery_s(record, removed_s=5, until_s=7, before=1.0) == inf


def test_a_skew_allows_what_each_server_can_do_with_its_share() -> None:
    """The hot one its capacity, the others their little."""
    assert decide_allowed_per_s(180.0) == pytest.approx(50.0 + 36.0)
