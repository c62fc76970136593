"""Processes that a killed supervisor left behind: found by proof, ended by handle.

Every process we start carries a mark in its environment: the state directory and
its name.  The kernel keeps that for as long as the process lives and children
inherit it, so there is no pid file that could be missing, stale or point at a
stranger.  A process is signalled through a pidfd opened before the mark is read
again; a pid that changed hands in between is therefore never hit.

It refuses to touch what carries no mark, another mark, or belongs to another user.
"""

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "SUPERVISED_BY_SOLSTICE"
TERM_PATIENCE_S = 6.0
KILL_PATIENCE_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """A marked process; `pidfd` stays valid whatever happens to the number."""

    pid: int
    name: str
    pidfd: int


def render_mark(*, state_dir: Path, name: str) -> str:
    """Return the mark's value for one process of one installation."""
    return f"{name}@{state_dir.resolve()}"


def list_leftovers(*, state_dir: Path, name: str | None = None) -> list[Leftover]:
    """List living marked processes of this installation, or of one name in it.

    The caller closes the handles (`end_leftovers` does).
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        if _read_name(int(entry.name), state_dir=state_dir) is None:
            continue
        leftover = _take_handle(int(entry.name), state_dir=state_dir)
        if leftover and name in (None, leftover.name):
            found.append(leftover)
        elif leftover:
            os.close(leftover.pidfd)
    return found


def end_leftovers(
    *, state_dir: Path, name: str | None = None, patience_s: float = TERM_PATIENCE_S
) -> list[str]:
    """End them, politely first; return the names of those that were there."""
    leftovers = list_leftovers(state_dir=state_dir, name=name)
    try:
        for signal_number, wait_s in (
            (signal.SIGTERM, patience_s),
            (signal.SIGKILL, KILL_PATIENCE_S),
        ):
            for leftover in leftovers:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(leftover.pidfd, signal_number)
            if _all_ended(leftovers, wait_s=wait_s):
                break
    finally:
        for leftover in leftovers:
            os.close(leftover.pidfd)
    return sorted({leftover.name for leftover in leftovers})


def _take_handle(pid: int, *, state_dir: Path) -> Leftover | None:
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return None
    name = _read_name(pid, state_dir=state_dir)
    if name is None or _has_ended(pidfd):
        os.close(pidfd)
        return None
    return Leftover(pid=pid, name=name, pidfd=pidfd)


def _read_name(pid: int, *, state_dir: Path) -> str | None:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
    prefix, suffix = f"{MARK}=".encode(), os.fsencode(f"@{state_dir.resolve()}")
    for variable in environment.split(b"\0"):
        if variable.startswith(prefix) and variable.endswith(suffix):
            return variable.removeprefix(prefix).removesuffix(suffix).decode(errors="replace")
    return None


def _has_ended(pidfd: int) -> bool:
    """Whether the process is gone or a zombie: a pidfd becomes readable at its end."""
    return bool(select.select([pidfd], [], [], 0)[0])


def _all_ended(leftovers: list[Leftover], *, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    for leftover in leftovers:
        if not select.select([leftover.pidfd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
    return True
