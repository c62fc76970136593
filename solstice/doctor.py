"""Is this machine able to run Solstice?  Each finding is one sentence and its remedy.

Asked before every start, and in full by `solstice doctor`.  The minimums are those of
what we run: granian and uvloop wheels, Envoy's and PostgreSQL's binaries, and pidfds
(Linux 5.4) which the supervisor relies on.  Landlock and seccomp are wished for, not
required: the media sandbox says loudly what it must do without.
"""

import contextlib
import os
import platform
import re
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from solstice.kit.remedies import OperatorError, explain_os_error

PYTHON_MIN = (3, 11)
KERNEL_MIN = (5, 4)
LANDLOCK_KERNEL = (5, 13)
GLIBC_MIN = (2, 31)
MACHINES = ("x86_64", "aarch64")
FREE_BYTES_MIN = 512 * 1024 * 1024
OPEN_FILES_WANTED = 65536
OPEN_FILES_MIN = 4096


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One question's answer; `problem` is None when all is well, `remedy` says what to do."""

    question: str
    answer: str
    problem: OperatorError | None = None


def require_able_machine(state_dir: Path) -> None:
    """Errors: OperatorError for the first thing that would keep Solstice from running."""
    for finding in examine_machine(state_dir):
        if finding.problem:
            raise finding.problem


def examine_machine(state_dir: Path) -> Iterator[Finding]:
    """Answer every question about this machine, in the order in which they matter."""
    questions: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Python", lambda: judge_python(sys.version_info[:3])),
        ("system", lambda: judge_system(platform.system(), platform.machine())),
        ("kernel", lambda: judge_kernel(platform.release())),
        ("C library", lambda: judge_libc(*platform.libc_ver())),
        ("open files", raise_open_files),
        ("state directory", lambda: judge_state_dir(state_dir)),
        ("free space", lambda: judge_free_space(state_dir)),
    )
    for question, ask in questions:
        try:
            yield Finding(question=question, answer=ask())
        except OperatorError as problem:
            yield Finding(question=question, answer=problem.sentence, problem=problem)


def judge_python(version: tuple[int, ...]) -> str:
    """Errors: OperatorError below 3.11."""
    text = ".".join(map(str, version))
    if version[:2] < PYTHON_MIN:
        raise OperatorError(
            f"Solstice needs Python 3.11 or later, and this is {text}.",
            remedy="Install a newer Python and run `make up PYTHON=/path/to/python3`.",
        )
    return text


def judge_system(system: str, machine: str) -> str:
    """Errors: OperatorError where our database and edge have no binaries."""
    if system != "Linux" or machine not in MACHINES:
        raise OperatorError(
            f"Solstice runs on Linux on x86_64 or aarch64, and this is {system} on {machine}.",
            remedy="Use such a machine, or a virtual one.",
        )
    return f"{system} on {machine}"


def judge_kernel(release: str) -> str:
    """Errors: OperatorError below Linux 5.4; below 5.13 the answer says what is missing."""
    match = re.match(r"(\d+)\.(\d+)", release)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if version < KERNEL_MIN:
        raise OperatorError(
            f"Solstice needs Linux 5.4 or later, and this is {release}.",
            remedy="Update the system's kernel; every current distribution has a newer one.",
        )
    if version < LANDLOCK_KERNEL:
        return f"{release} (before 5.13: media files are decoded without Landlock)"
    return release


def judge_libc(name: str, version: str) -> str:
    """Errors: OperatorError without glibc 2.31: the wheels' binaries would not start."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if name != "glibc" or numbers < GLIBC_MIN:
        raise OperatorError(
            f"Solstice needs glibc 2.31 or later, and this is {name or 'another'} {version}".strip()
            + ".",
            remedy="Use a distribution with glibc from 2020 or later (Alpine has musl instead).",
        )
    return f"{name} {version}"


def raise_open_files() -> str:
    """Raise this process's limit, inherited by all others, as far as the system lets us.

    Errors: OperatorError below 4096: the edge needs two per viewer.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = OPEN_FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_WANTED)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft < OPEN_FILES_MIN:
        raise OperatorError(
            f"Only {soft} files may be open at once, and {OPEN_FILES_MIN} are needed.",
            remedy=f"Raise the limit: `ulimit -Hn {OPEN_FILES_WANTED}` or limits.conf.",
        )
    return str(soft)


def judge_state_dir(state_dir: Path) -> str:
    """Errors: OperatorError when files cannot be made there."""
    probe = state_dir / f".probe.{os.getpid()}"
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"solstice")
        probe.unlink()
    except OSError as error:
        raise explain_os_error(error, path=state_dir) from error
    return str(state_dir)


def judge_free_space(state_dir: Path) -> str:
    """Errors: OperatorError below 512 MB: the database would stop in the middle of a day."""
    free = shutil.disk_usage(state_dir).free
    if free < FREE_BYTES_MIN:
        raise OperatorError(
            f"The disk that holds {state_dir} is full: {free >> 20} MB are left, "
            f"{FREE_BYTES_MIN >> 20} MB are needed.",
            remedy="Free some space there, or set SOLSTICE_STATE_DIR to a larger disk.",
        )
    return f"{free >> 30} GB"
