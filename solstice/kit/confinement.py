"""What a decoder child may do, and how it is held to that.

Media decoders are the largest attack surface here: they parse what strangers send.  So each runs
in a child that may use so much memory, time and disk, see the files it was given, and nothing
else.  The layers, from the one every Linux has to the one that needs a newer kernel:

    rlimits        memory, CPU seconds, size of a written file, open files, no core dumps
    parent death   the child is killed when the worker dies, even by SIGKILL
    no_new_privs   and, as root, every capability given up
    landlock       kernel 5.13: the given files; 6.7: no TCP          (landlock.py)
    seccomp        no socket, no process, no signal to others         (seccomp.py)

A layer that is missing weakens the sandbox and never stops the service: `describe_confinement`
says which are there, and `doctor` and start-up print it loudly.  Standard library only: this
runs in the child before anything else is loaded.  Why: docs/decisions/0020.
"""

import ctypes
import json
import os
import resource
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from solstice.kit import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 24, 28
_NO_ROOT_LOCKED = 0b11
_CAPABILITY_VERSION_3 = 0x20080522
_SECCOMP_ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")

# Where the loader finds a program's libraries.  Nothing in there is secret or writable.
LIBRARY_PATHS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """What one child may use: paths, and the ceilings of its resources."""

    readable: tuple[str, ...]
    writable: tuple[str, ...] = ()
    executable: tuple[str, ...] = ()
    memory_bytes: int
    cpu_s: int
    file_bytes: int
    files_max: int = 64
    niceness: int = 0

    def to_json(self) -> str:
        """Render for the child's command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Confinement":
        """Read what `to_json` rendered."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(text).items()
        }
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Which layers of the sandbox this machine has."""

    landlock_abi: int
    has_seccomp: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Name what is not there, in words an operator can act on."""
        gone = []
        if self.landlock_abi < 1:
            gone.append("Landlock (needs Linux 5.13 or later with landlock in its `lsm=` list)")
        if not self.has_seccomp:
            gone.append("seccomp (needs CONFIG_SECCOMP_FILTER on x86_64 or aarch64)")
        return tuple(gone)

    @property
    def sentence(self) -> str:
        """Say it in one line for `doctor` and the start-up log."""
        if self.missing:
            return (
                "WARNING: what decodes strangers' files is only partly sandboxed; missing: "
                f"{'; '.join(self.missing)}. Uploads from strangers are riskier here."
            )
        return (
            "What decodes strangers' files is sandboxed: rlimits, parent death signal, "
            "no new privileges, "
            f"Landlock ABI {self.landlock_abi}, seccomp."
        )


def describe_confinement() -> Layers:
    """Find out which layers are there, without changing this process."""
    return Layers(
        landlock_abi=landlock.find_abi(_libc()),
        has_seccomp=seccomp.is_known_architecture() and _SECCOMP_ACTIONS.exists(),
    )


def confine(wanted: Confinement, *, parent_pid: int, may_exec: bool) -> None:
    """Give up everything not wanted, for good, in this process and what it becomes."""
    libc = _libc()
    _limit_resources(wanted)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
    if os.geteuid() == 0:
        _drop_capabilities(libc)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the line above
        os.kill(os.getpid(), signal.SIGKILL)
    landlock.restrict_files(
        libc,
        [
            *((path, landlock.READ) for path in wanted.readable),
            *((path, landlock.WRITE) for path in wanted.writable),
            *((path, landlock.EXECUTE) for path in wanted.executable),
        ],
    )
    seccomp.apply_filter(libc, may_exec=may_exec)


def _limit_resources(wanted: Confinement) -> None:
    for which, ceiling in (
        (resource.RLIMIT_AS, wanted.memory_bytes),
        (resource.RLIMIT_CPU, wanted.cpu_s),
        (resource.RLIMIT_FSIZE, wanted.file_bytes),
        (resource.RLIMIT_NOFILE, wanted.files_max),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        value = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
        # A second above the soft limit of CPU time, so that the child dies of SIGXCPU and not of
        # SIGKILL: then the parent knows why.
        above = (
            value + 1 if which == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else value
        )
        resource.setrlimit(which, (value, above))
    if wanted.niceness:
        os.nice(wanted.niceness)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """As root: keep the user number, for the files' sake, and none of its powers."""
    libc.prctl(_PR_SET_SECUREBITS, _NO_ROOT_LOCKED, 0, 0, 0)
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    libc.capset(ctypes.byref(header), ctypes.byref(nothing))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
