"""The first thing that runs in a decoder child: load, confine, then work.

    python -I launch.py PARENT_PID CONFINEMENT exec PROGRAM ARGUMENT…
    python -I launch.py PARENT_PID CONFINEMENT call MODULE ARGUMENT…

`exec` becomes the program.  `call` imports the module first (its libraries lie outside the
sandbox), then confines the process and calls the module's `main`; nothing of the stranger's file
has been touched before that.

The file is run by path and not with `-m`, and the packages above it are put in place without
running their `__init__`: a child needs these few modules and not the whole product, which saves
it some 0.4 s.  It refuses to work unconfined.
"""

import importlib
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

_EXEC, _CALL = "exec", "call"


def main(arguments: list[str]) -> None:
    """Confine this process as told and do its work."""
    parent_pid, wanted, mode, target, *rest = arguments
    _place_packages()
    confinement = importlib.import_module("solstice.videos.confinement")
    limits = confinement.Confinement.from_json(wanted)
    if mode == _EXEC:
        confinement.confine(limits, parent_pid=int(parent_pid), may_exec=True)
        for ignored in (signal.SIGXFSZ, signal.SIGPIPE):  # by Python; a program inherits that
            signal.signal(ignored, signal.SIG_DFL)
        os.execv(target, [target, *rest])  # noqa: S606 - that is its purpose; no shell
    elif mode == _CALL:
        work = importlib.import_module(target)
        confinement.confine(limits, parent_pid=int(parent_pid), may_exec=False)
        work.main(rest)


def _place_packages() -> None:
    here = Path(__file__).resolve().parent
    for name, folder in (("solstice", here.parent), ("solstice.videos", here)):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


if __name__ == "__main__":
    main(sys.argv[1:])
