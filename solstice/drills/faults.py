"""Faults of processes: kill, stop, resume, slow down, spin.  Only by pid, only what we were given.

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

EPOLL_WAIT, EPOLL_PWAIT = 232, 281
"""Numbers of the calls on x86-64, where alone `spin` works."""
JUMP_TO_ITSELF = b"\xeb\xfe"


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
def slowed(*pids: int, share: float, period_us: int = PERIOD_US) -> Iterator[None]:
    """Give some processes together at most this share of one processor.

    A short period is a slow processor, a long one is a processor that stands still most of the
    time.  The kernel grants no less than 1 ms a period.

    Errors: PermissionError where cgroups may not be made; ask `can_slow` first.
    """
    group = CPU_CGROUPS / f"solstice-drill-{pids[0]}"
    group.mkdir(exist_ok=True)
    try:
        (group / "cpu.cfs_period_us").write_text(str(period_us))
        (group / "cpu.cfs_quota_us").write_text(str(int(period_us * share)))
        for pid in pids:
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(OSError):
                (CPU_CGROUPS / "cgroup.procs").write_text(str(pid))
        with contextlib.suppress(OSError):
            group.rmdir()


def spin(pid: int) -> None:
    """Make a process run in circles at 100 % of a processor: it accepts and never answers.

    What Bilibili's balancer did in 2021.  The instruction after the wait for events becomes a
    jump to itself, in this process's own copy of the page; only its end cures it.

    Errors: OSError where its memory may not be written, or when none of its threads waits.
    """
    waits = {str(EPOLL_WAIT).encode(), str(EPOLL_PWAIT).encode()}
    places = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        call = (task / "syscall").read_bytes().split()
        if call[0] in waits:
            places.add(int(call[-1], 16))
    if not places:
        raise ProcessLookupError(f"no thread of {pid} waits for events")
    with Path(f"/proc/{pid}/mem").open("r+b", buffering=0) as memory:
        for place in places:
            memory.seek(place)
            memory.write(JUMP_TO_ITSELF)
