"""Faults of processes: kill, stop, resume, slow down.  Only by pid, only what we were given.

Every fault is a context that undoes itself where it can be undone, so a drill that fails in the
middle leaves no stopped process behind.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

CPU_CGROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 100_000


def kill(pid: int) -> None:
    """End a process without warning, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Freeze a process: it accepts connections and answers nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def can_slow() -> bool:
    """Tell whether this machine lets us bound a process's share of a processor (cgroup v1)."""
    return os.access(CPU_CGROUPS / "cgroup.procs", os.W_OK)


@contextlib.contextmanager
def slowed(pid: int, *, share: float) -> Iterator[None]:
    """Give a process at most this share of one processor.

    Errors: PermissionError where cgroups may not be made; ask `can_slow` first.
    """
    group = CPU_CGROUPS / f"solstice-drill-{pid}"
    group.mkdir(exist_ok=True)
    try:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(int(PERIOD_US * share)))
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        with contextlib.suppress(OSError):
            (CPU_CGROUPS / "cgroup.procs").write_text(str(pid))
        with contextlib.suppress(OSError):
            group.rmdir()
