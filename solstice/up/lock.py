"""One supervisor for each state directory: a lock that the kernel lets go of with its holder.

There is no pid file to go stale.  The number inside the locked file is for people to read and for
`solstice down`, which believes it only of a process that has the file open: whoever has just taken
the lock has not written its own yet, and the one before it may be a stranger's by now.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solstice.kit.remedies import OperatorError

ASKED_S_MAX = 0.2
"""Who asks for the holder has the lock for some microseconds, and who took it has its number there
in as many: longer than this is neither."""
_PAUSE_S = 0.01


@contextmanager
def hold_lock(state_dir: Path) -> Iterator[None]:
    """Be the only supervisor of this state directory; the kernel lets go when we die.

    Errors: OperatorError when another one is at work.
    """
    with (state_dir / "up.lock").open("a+") as lock:
        deadline = time.monotonic() + ASKED_S_MAX
        while not _is_locked(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                lock.seek(0)
                raise OperatorError(
                    f"Solstice already runs from {state_dir} (process {lock.read().strip()}).",
                    remedy="Use that one, stop it with `solstice down`, or set SOLSTICE_STATE_DIR.",
                )
            time.sleep(_PAUSE_S)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def find_lock_holder(state_dir: Path) -> int | None:
    """Return the supervisor's pid; None when nobody holds the lock.

    Errors: OperatorError when somebody does whom we cannot see.
    """
    deadline = time.monotonic() + ASKED_S_MAX
    while (text := _read_held(state_dir / "up.lock")) is not None:
        if text.isdigit() and _has_open(int(text), state_dir / "up.lock"):
            return int(text)
        if time.monotonic() > deadline:
            raise OperatorError(
                f"Solstice runs from {state_dir}, and not as a process that can be seen from here.",
                remedy="Stop it as the user, and in the container, in which it was started.",
            )
        time.sleep(_PAUSE_S)
    return None


def _read_held(path: Path) -> str | None:
    """Return what the file says while somebody holds it, else None."""
    try:
        with path.open("r+") as lock:
            return None if _is_locked(lock.fileno(), fcntl.LOCK_SH) else lock.read().strip()
    except OSError:
        return None


def _is_locked(descriptor: int, how: int) -> bool:
    """Take the lock if it can be had at once; whoever closes the file lets go of it."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _has_open(pid: int, path: Path) -> bool:
    held = path.stat()
    for entry in _list_open(pid):
        try:
            if os.path.samestat(entry.stat(), held):
                return True
        except OSError:
            continue
    return False


def _list_open(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return []
