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
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_EXEC, _CALL = "exec", "call"


def main(arguments: list[str]) -> None:
    """Confine this process as told and do its work."""
    parent_pid, wanted, mode, target, *rest = arguments
    confinement = _import_alone("solstice.kit.confinement")
    limits = confinement.Confinement.from_json(wanted)
    if mode == _EXEC:
        confinement.confine(limits, parent_pid=int(parent_pid), may_exec=True)
        for ignored in (signal.SIGXFSZ, signal.SIGPIPE):  # by Python; a program inherits that
            signal.signal(ignored, signal.SIG_DFL)
        os.execv(target, [target, *rest])  # noqa: S606 - that is its purpose; no shell
    elif mode == _CALL:
        work = _import_alone(target)
        confinement.confine(limits, parent_pid=int(parent_pid), may_exec=False)
        work.main(rest)


def _import_alone(name: str) -> Any:
    """Import a module of ours without running the packages above it."""
    root, *folders, _ = name.split(".")
    place = _ROOT
    for folder in ("", *folders):
        place /= folder
        package = ".".join([root, *place.relative_to(_ROOT).parts])
        if package not in sys.modules:
            sys.modules[package] = ModuleType(package)
            sys.modules[package].__path__ = [str(place)]
    return importlib.import_module(name)


if __name__ == "__main__":
    main(sys.argv[1:])
