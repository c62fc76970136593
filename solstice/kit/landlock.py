"""Landlock by ctypes: a child sees the files it was given and no others.

The package of this name on PyPI is an old development release, and the interface is three
system calls, so they are made here.  Each kernel knows some set of rights (its "ABI"); rights a
kernel does not know are left out of the rule set, never asked for.  From ABI 4 on TCP is refused
too, from ABI 6 on abstract sockets and signals to processes outside.

Source: Linux Documentation/userspace-api/landlock.rst.  Standard library only: this runs in the
child before anything else is loaded.
"""

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_FOR_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REGULAR = 1 << 5, 1 << 8
_TRUNCATE = 1 << 14
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}

READ = _READ_FILE | _READ_DIR
EXECUTE = READ | _EXECUTE
WRITE = READ | _WRITE_FILE | _TRUNCATE | _MAKE_REGULAR | _REMOVE_FILE
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

_TCP_ABI, _ALL_TCP = 4, 0b11
_SCOPE_ABI, _ALL_SCOPES = 6, 0b11


def find_abi(libc: ctypes.CDLL) -> int:
    """Ask the kernel for its Landlock version; 0 where it has none or it is switched off."""
    return max(0, int(libc.syscall(_CREATE_RULESET, None, 0, _ASK_FOR_VERSION)))


def restrict_files(libc: ctypes.CDLL, grants: Iterable[tuple[str, int]]) -> bool:
    """Refuse every file but the granted ones; False where the kernel has no Landlock.

    Must come after PR_SET_NO_NEW_PRIVS.  A grant on a path that is not there is left out.
    """
    abi = find_abi(libc)
    if abi < 1:
        return False
    handled = _RIGHTS_BY_ABI[max(known for known in _RIGHTS_BY_ABI if known <= abi)]
    attributes = struct.pack(
        "=QQQ",
        handled,
        _ALL_TCP if abi >= _TCP_ABI else 0,
        _ALL_SCOPES if abi >= _SCOPE_ABI else 0,
    )
    size = 24 if abi >= _SCOPE_ABI else 16 if abi >= _TCP_ABI else 8
    ruleset = int(libc.syscall(_CREATE_RULESET, attributes[:size], size, 0))
    if ruleset < 0:
        return False
    try:
        for path, rights in grants:
            _grant(libc, ruleset, path, rights & handled)
        return int(libc.syscall(_RESTRICT_SELF, ruleset, 0)) == 0
    finally:
        os.close(ruleset)


def _grant(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= _FILE_RIGHTS
            rule = struct.pack("=Qi", rights, place)
            if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
                raise OSError(ctypes.get_errno(), "Landlock refused a rule", path)
        finally:
            os.close(place)
