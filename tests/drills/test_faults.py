"""Faults hit the process they were given, and undo themselves."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from solstice.drills.faults import can_slow, kill, slowed, spin, stopped

WAIT_S_MAX = 60.0
"""Half a second of a processor took 10 s where eighteen others wanted it."""
SPIN = "while True: pass"
WAIT = """
import asyncio
async def wait():
    while True:
        await asyncio.sleep(0.05)
asyncio.run(wait())
"""


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that uses a whole processor."""
    process = subprocess.Popen([sys.executable, "-c", SPIN])
    yield process
    process.kill()
    process.wait()


def state_of(pid: int) -> str:
    """Return the process's state letter: R runs, T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def used_s(pid: int) -> float:
    """Return the processor time used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_a_killed_process_is_gone(victim: subprocess.Popen[bytes]) -> None:
    """And killing it again is no error."""
    kill(victim.pid)
    assert victim.wait(WAIT_S_MAX) == -9
    kill(victim.pid)


def test_a_stopped_process_goes_on_afterwards(victim: subprocess.Popen[bytes]) -> None:
    """Even when the drill fails in between."""
    with pytest.raises(ZeroDivisionError), stopped(victim.pid):
        deadline_s = time.monotonic() + WAIT_S_MAX
        while state_of(victim.pid) != "T":
            assert time.monotonic() < deadline_s
        raise ZeroDivisionError
    deadline_s = time.monotonic() + WAIT_S_MAX
    while state_of(victim.pid) == "T":
        assert time.monotonic() < deadline_s


@pytest.mark.skipif(not can_slow(), reason="cgroup v1 quotas may not be made here")
def test_a_slowed_process_gets_its_share(victim: subprocess.Popen[bytes]) -> None:
    """A tenth of a processor: under three tenths of a second in one."""
    with slowed(victim.pid, share=0.1):
        before_s, started_s = used_s(victim.pid), time.monotonic()
        while time.monotonic() - started_s < 1.0:
            pass
        assert used_s(victim.pid) - before_s < 0.3


def test_a_spinning_process_uses_a_whole_processor_and_does_nothing() -> None:
    """One that only waited for events before."""
    process = subprocess.Popen([sys.executable, "-c", WAIT])
    try:
        deadline_s = time.monotonic() + WAIT_S_MAX
        while time.monotonic() < deadline_s:
            try:
                spin(process.pid)
                break
            except OSError:
                continue
        before_s = used_s(process.pid)
        while used_s(process.pid) - before_s < 0.5:
            assert time.monotonic() < deadline_s
    finally:
        process.kill()
        process.wait()
