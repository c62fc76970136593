"""Leftovers: what carries our mark is found and ended, nothing else is ever touched."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from solstice.kit.leftovers import MARK, end_leftovers, list_leftovers, render_mark

STUBBORN = (
    "import signal, sys, time;"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ready', flush=True); time.sleep(60)"
)
POLITE = "import sys, time; print('ready', flush=True); time.sleep(60)"


class Start:
    """Starts marked processes and cleans up after the test."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, mark: str, *, code: str = POLITE) -> subprocess.Popen[bytes]:
        """Start one and wait until it runs."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code],
            env={MARK: mark},
            stdout=subprocess.PIPE,
        )
        self.processes.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        return process


@pytest.fixture
def start() -> Iterator[Start]:
    starter = Start()
    yield starter
    for process in starter.processes:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_only_processes_of_this_installation_are_ended(start: Start, tmp_path: Path) -> None:
    """Two instances on one machine never end each other's processes."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    mine = start(render_mark(state_dir=ours, name="worker"))
    other = start(render_mark(state_dir=theirs, name="worker"))
    assert end_leftovers(state_dir=ours) == ["worker"]
    assert mine.wait(timeout=5) != 0
    assert other.poll() is None


def test_one_name_can_be_ended_alone(start: Start, tmp_path: Path) -> None:
    """Before a crashed worker starts again, its own orphans go, and the servers stay."""
    orphan = start(render_mark(state_dir=tmp_path, name="worker"))
    server = start(render_mark(state_dir=tmp_path, name="server-1"))
    assert end_leftovers(state_dir=tmp_path, name="worker") == ["worker"]
    assert orphan.wait(timeout=5) != 0
    assert server.poll() is None


def test_a_process_that_ignores_the_polite_signal_is_killed(start: Start, tmp_path: Path) -> None:
    """Ending is bounded: first a request, then a fact."""
    stubborn = start(render_mark(state_dir=tmp_path, name="edge"), code=STUBBORN)
    end_leftovers(state_dir=tmp_path, patience_s=0.1)
    assert stubborn.wait(timeout=5) == -9


def test_a_zombie_is_not_a_leftover(start: Start, tmp_path: Path) -> None:
    """In a container nobody may reap; waiting for a corpse would take for ever."""
    process = start(render_mark(state_dir=tmp_path, name="edge"))
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert list_leftovers(state_dir=tmp_path) == []


def test_a_mark_whose_path_only_begins_alike_is_a_stranger(start: Start, tmp_path: Path) -> None:
    """`/srv/a` must not claim the processes of `/srv/a-test`, nor of `/x/srv/a`."""
    start(render_mark(state_dir=tmp_path / "a-test", name="edge"))
    assert list_leftovers(state_dir=tmp_path / "a") == []
    assert list_leftovers(state_dir=Path("/a-test")) == []
