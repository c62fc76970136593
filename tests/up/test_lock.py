"""One supervisor for each state directory, and no trace of one that is gone."""

import os
from pathlib import Path

import pytest

from solstice.kit.remedies import OperatorError
from solstice.up.lock import find_lock_holder, hold_lock


def test_a_second_supervisor_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    """And what to do; the first one's lock is not harmed by the asking."""
    with hold_lock(tmp_path):
        for _ in range(2):
            with pytest.raises(OperatorError, match=f"process {os.getpid()}") as refused:
                hold_lock(tmp_path).__enter__()
        assert "solstice down" in refused.value.remedy
        assert find_lock_holder(tmp_path) == os.getpid()


def test_a_lock_whose_holder_is_gone_holds_nobody_back(tmp_path: Path) -> None:
    """The file stays, with a number that may be a stranger's by now; nobody believes it."""
    with hold_lock(tmp_path):
        pass
    assert (tmp_path / "up.lock").read_text() == str(os.getpid())
    assert find_lock_holder(tmp_path) is None
    with hold_lock(tmp_path):
        assert find_lock_holder(tmp_path) == os.getpid()


def test_a_place_where_nothing_ever_ran_has_no_supervisor(tmp_path: Path) -> None:
    """`solstice down` there has nothing to wait for, and leaves nothing behind."""
    assert find_lock_holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
