"""The last configuration that proved itself, kept on disk beside the one in use.

Whatever is found in a configuration directory is either what was published last or an
accident: a hand that edits, a disk that ran full, another program gone wild.  An accident is
undone by putting the last good file over it (Bilibili's and AWS's outages began with a file
that nobody meant).  While somebody publishes, the directory is theirs: they hold a lock, which
the kernel lets go of when they die, so a publication that was killed half-way is undone too.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LAST_GOOD = "last-good"
_LOCK = "publishing.lock"
_FROM_INSIDE = ("sds", "rds", "endpoints", "cds", "lds", "bootstrap")
"""What is referred to comes before what refers to it."""


@contextmanager
def publishing(directory: Path) -> Iterator[None]:
    """Hold the directory: nobody else publishes into it or mends it."""
    with _open_lock(directory) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def unless_publishing(directory: Path) -> Iterator[bool]:
    """Hold the directory if nobody does; False when somebody does."""
    with _open_lock(directory) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def keep(files: Mapping[str, str], *, directory: Path) -> None:
    """Keep these files as the last good ones, and nothing else."""
    kept = directory / LAST_GOOD
    kept.mkdir(mode=0o700, exist_ok=True)
    for name, text in files.items():
        replace(kept / name, text)
    for path in kept.iterdir():
        if path.name not in files:
            path.unlink()


def read_last_good(directory: Path) -> dict[str, str]:
    """Return the last good files by name; none before the first publication."""
    try:
        found = {path.name: path.read_text() for path in (directory / LAST_GOOD).glob("*.json")}
    except (FileNotFoundError, UnicodeDecodeError):
        return {}
    return {name: found[name] for name in sorted(found, key=_order)}


def read_kept(name: str, *, directory: Path) -> str | None:
    """Return one of the last good files; None when there is none that can be read."""
    return _read(directory / LAST_GOOD / name)


def change(name: str, edit: Callable[[str], str], *, directory: Path) -> bool:
    """Change a file unless somebody publishes, the kept one first: both always say the same.

    False when somebody publishes, or there is no such file.
    """
    with unless_publishing(directory) as is_ours:
        good = read_kept(name, directory=directory) if is_ours else None
        if good is None:
            return False
        text = edit(good)
        replace(directory / LAST_GOOD / name, text)
        replace(directory / name, text)
    return True


def mend(directory: Path) -> list[str]:
    """Put back every file that is not the last good one; return their names."""
    with unless_publishing(directory) as is_ours:
        if not is_ours:
            return []
        good = read_last_good(directory)
        spoilt = [name for name, text in good.items() if _read(directory / name) != text]
        for name in spoilt:
            replace(directory / name, good[name])
        return spoilt


def replace(path: Path, text: str) -> None:
    """Write a private file beside its place and rename it: Envoy notices nothing else."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _order(name: str) -> int:
    return _FROM_INSIDE.index(name.removesuffix(".json").partition("-")[0])


def _open_lock(directory: Path) -> BinaryIO:
    descriptor = os.open(directory / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    return os.fdopen(descriptor, "wb")


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return None
