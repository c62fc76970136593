"""One supervisor for each state directory: a lock that the kernel lets go of with its holder.

There is no pid file to go stale; the number inside the locked file is only for people to read.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solstice.kit.remedies import OperatorError


@contextmanager
def hold_lock(state_dir: Path) -> Iterator[None]:
    """Be the only supervisor of this state directory; the kernel lets go when we die.

    Errors: OperatorError when another one is at work.
    """
    with (state_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip()
            raise OperatorError(
                f"Solstice already runs from {state_dir} (process {holder}).",
                remedy="Use that one, stop it with `solstice down`, or set SOLSTICE_STATE_DIR.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def find_lock_holder(state_dir: Path) -> int | None:
    """Return the supervisor's pid; None when nobody holds the lock."""
    try:
        with (state_dir / "up.lock").open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read().strip())
    except (OSError, ValueError):
        return None
    return None
