"""Scratch: a folder for one attempt on one video, worth nothing afterwards.

Whoever works in a folder holds a lock on it, which the kernel drops with the process, however
that ended.  So leftovers are told from work at hand by proof, not by a pid that may have a new
owner.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from solstice.kit.ids import new_id
from solstice.kit.objects import refusing_when_full


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """Make a folder of our own; it is gone after the block.

    Errors: StorageFull (507).
    """
    with refusing_when_full():
        root.mkdir(parents=True, exist_ok=True)
        folder, lock = _make_locked(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_leftovers(root: Path) -> int:
    """Remove the folders of processes that are gone; returns how many."""
    if not root.is_dir():
        return 0
    return sum(_remove_unless_held(folder) for folder in root.iterdir())


def _make_locked(root: Path) -> tuple[Path, int]:
    while True:
        folder = root / new_id().hex
        folder.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)
        # A sweep came between the making and the lock; its next one is minutes away.


def _remove_unless_held(folder: Path) -> bool:
    """Remove a folder; false when somebody works in it."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(lock)
