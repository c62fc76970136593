"""One supervisor for each state directory, and no trace of one that is gone."""

import fcntl
import os
import subprocess
import threading
from pathlib import Path

import pytest

from solstice.kit.remedies import OperatorError
from solstice.up.lock import find_lock_holder, hold_lock


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_number_that_is_not_the_holders_is_never_told(tmp_path: Path) -> None:
    """Who has just taken the lock has not written its own yet: `down` would end a stranger."""
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        with hold_lock(tmp_path):
            (tmp_path / "up.lock").write_text(str(stranger.pid))
            with pytest.raises(OperatorError, match="can be seen"):
                find_lock_holder(tmp_path)
            (tmp_path / "up.lock").write_text("")
            with pytest.raises(OperatorError, match="can be seen"):
                find_lock_holder(tmp_path)
    finally:
        stranger.kill()
        stranger.wait()


def test_the_number_is_waited_for(tmp_path: Path) -> None:
    """It is there some microseconds after the lock."""
    with hold_lock(tmp_path):
        (tmp_path / "up.lock").write_text("")
        late = threading.Timer(0.05, (tmp_path / "up.lock").write_text, [str(os.getpid())])
        late.start()
        assert find_lock_holder(tmp_path) == os.getpid()
        late.join()


def test_whoever_only_asks_keeps_nobody_from_starting(tmp_path: Path) -> None:
    """Asking takes the lock for a moment: `up` waits it out instead of giving up."""
    (tmp_path / "up.lock").touch()
    with (tmp_path / "up.lock").open("r+") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        late = threading.Timer(0.05, fcntl.flock, [asking, fcntl.LOCK_UN])
        late.start()
        with hold_lock(tmp_path):
            assert find_lock_holder(tmp_path) == os.getpid()
        late.join()


def test_a_place_where_nothing_ever_ran_has_no_supervisor(tmp_path: Path) -> None:
    """`solstice down` there has nothing to wait for, and leaves nothing behind."""
    assert find_lock_holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
