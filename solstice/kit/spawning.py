"""Start a program: as our child in a session of its own, or as nobody's child at all."""

import os
import subprocess
import sys
from pathlib import Path

DETACHED = Path(__file__).with_name("detached.py")


def start(command: list[str], **options: object) -> subprocess.Popen[bytes]:
    """Start our own child; `options` are Popen's."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command, start_new_session=True, **options
    )


def start_detached(command: list[str], **options: object) -> int:
    """Start a process that outlives us and everybody; returns its pid."""
    reading, writing = os.pipe()
    try:
        launcher = [sys.executable, "-I", "-S", str(DETACHED), str(writing), *command]
        with start(launcher, pass_fds=(writing,), **options) as starter:
            os.close(writing)
            writing = -1
            starter.wait(timeout=10)
        answer = os.read(reading, 32)
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if not answer:
        raise OSError(0, "the launcher said no pid")
    return int(answer)
