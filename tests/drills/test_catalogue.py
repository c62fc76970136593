"""A declared drill judges its promises by what the people of the drill saw."""

import random
from pathlib import Path

import pytest

from solstice.drills.catalogue import DRILLS, DURATION_S, FAULT_AT_S, Drilling
from solstice.drills.instance import DrillInstance
from solstice.drills.record import Record
from solstice.drills.viewers import MIX, Audience


def drilling(tmp_path: Path, *, bad_seconds: range) -> Drilling:
    """A drill that has ended, in which nothing was served in some of its seconds."""
    record = Record(duration_s=DURATION_S)
    for action in MIX:
        for at_s in range(DURATION_S):
            row = record.row(action, at_s)
            row.offered, row.good = 10, 0 if at_s in bad_seconds else 10
    audience = Audience(
        host="127.0.0.1:1",
        tokens=("t",),
        names=("ada",),
        clip_ids=("c",),
        clip_urls=("/media/r.mp4",),
        dice=random.Random(7),  # noqa: S311 - repeatable on purpose
    )
    instance = DrillInstance(tmp_path, {"SOLSTICE_EDGE_PORT": "1"})
    return Drilling(instance, audience, 7, record)


@pytest.mark.parametrize("name", [*DRILLS])
async def test_a_drill_in_which_everybody_was_served_is_kept(tmp_path: Path, name: str) -> None:
    """Each of its promises."""
    scenario = DRILLS[name](drilling(tmp_path, bad_seconds=range(0)))
    assert scenario.steady_state
    assert [await promise.holds() for promise in scenario.promises] == [True] * len(
        scenario.promises
    )


@pytest.mark.parametrize("name", [*DRILLS])
async def test_a_drill_after_which_nobody_is_served_is_broken(tmp_path: Path, name: str) -> None:
    """At least one of its promises says so."""
    scenario = DRILLS[name](drilling(tmp_path, bad_seconds=range(FAULT_AT_S, DURATION_S)))
    assert not all([await promise.holds() for promise in scenario.promises])
