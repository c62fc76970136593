"""Failures that only the operator can mend: one clear sentence, and the remedy.

A machine refuses in a thousand ways (port taken, disk full, kernel too old) and
a traceback explains none of them.  Whoever finds such a condition raises
`OperatorError`; the command line prints it in two lines and exits with 2.
It is no `SolsticeError`: it never becomes an answer to a viewer.
"""

import errno
from pathlib import Path

OPERATOR_EXIT_CODE = 2


class OperatorError(Exception):
    """What is wrong, in one sentence, and what the operator can do about it."""

    def __init__(self, sentence: str, *, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy


def explain_os_error(error: OSError, *, path: Path) -> OperatorError:
    """Turn a failed write below `path` into a sentence an operator can act on."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return OperatorError(
                f"The disk that holds {path} is full.",
                remedy="Free some space there, or set SOLSTICE_STATE_DIR to a larger disk.",
            )
        case errno.EROFS:
            return OperatorError(
                f"{path} is on a read-only file system.",
                remedy="Remount it writable, or set SOLSTICE_STATE_DIR to a writable directory.",
            )
        case errno.EACCES | errno.EPERM:
            return OperatorError(
                f"{path} may not be written by this user.",
                remedy="Change its owner, run as its owner, or set SOLSTICE_STATE_DIR elsewhere.",
            )
        case _:
            return OperatorError(
                f"{path} cannot be used: {error.strerror or error}.",
                remedy="Mend that, or set SOLSTICE_STATE_DIR to another directory.",
            )
