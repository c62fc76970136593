"""Scratch: a folder for one attempt on one video, worth nothing afterwards.

Whoever works in a folder holds a lock on it, which the kernel drops with the process, however
that ended.  So leftovers are told from work at hand by proof, not by a pid that may have a new
owner; and a folder that carries the attempt's mark proves that the attempt is over, too.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from solstice.kit.ids import new_id
from solstice.kit.objects import refusing_when_full

_UNMARKED = ".new-"


@contextmanager
def scratch_folder(root: Path, *, mark: str) -> Iterator[Path]:
    """Make a folder of our own, marked with whose it is; it is gone after the block.

    Errors: StorageFull (507).
    """
    with refusing_when_full():
        root.mkdir(parents=True, exist_ok=True)
        folder, lock = _make_locked(root, mark)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_leftovers(root: Path) -> list[str]:
    """Remove the folders of processes that are gone; returns their marks."""
    if not root.is_dir():
        return []
    gone = [folder.name for folder in root.iterdir() if _remove_unless_held(folder)]
    return [mark for name in gone if (mark := name.rpartition(".")[0])]


def _make_locked(root: Path, mark: str) -> tuple[Path, int]:
    while True:
        fresh = root / f"{_UNMARKED}{new_id().hex}"
        fresh.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            lock = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Marked only once it is locked: a mark without a lock means death.
            folder = root / f"{mark}.{new_id().hex}"
            try:
                fresh.rename(folder)
            except FileNotFoundError:
                os.close(lock)
            else:
                return folder, lock
        # A sweep came between the making and the lock; its next one is a while away.


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
