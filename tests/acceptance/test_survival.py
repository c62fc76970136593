"""Kill any process at any moment: what was acknowledged is there, and every video reaches an end.

Ten rounds here; `bench/survival.py` does two hundred.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.actor import make_clips
from tests.acceptance.instance import Instance
from tests.acceptance.survival import (
    LEASE_S,
    SETTINGS,
    list_strangers,
    reckon,
    run_rounds,
    settle,
)

pytestmark = [pytest.mark.acceptance, pytest.mark.drill]

ROUNDS = 10
WORK_S = 60.0
"""What the line of videos itself may take on a slow machine, on top of two lease times."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path / "var", **SETTINGS)
    instance.start_and_wait()
    yield instance
    instance.end()
    assert instance.pids() == []


def test_nothing_acknowledged_is_lost_whoever_is_killed(instance: Instance, tmp_path: Path) -> None:
    """Uploads, edits, deletions, likes and comments; and nothing is left lying about."""
    notes = run_rounds(instance, rounds=ROUNDS, clips=make_clips(tmp_path), seed=20_261_122)
    assert len(notes.uploads) >= ROUNDS / 2
    settle(instance, notes, within_s=2 * LEASE_S + WORK_S)
    reckon(instance, notes)
    instance.stop()
    assert list_strangers(instance) == []
