"""Run a program that reads strangers' files, so that it can do no harm and always ends.

    finished = await run_program(["ffmpeg", …], confinement=…, deadline_s=…)
    finished = await run_module("feature.module", […], confinement=…, deadline_s=…)

The child is the leader of its own session and cannot start processes; when the deadline passes,
the caller is cancelled or it says too much, the whole group is killed and reaped before these
functions return.  When the worker itself is killed the kernel kills the child (launch.py).
"""

import asyncio
import contextlib
import os
import signal
import sys
import sysconfig
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from solstice.kit.confinement import LIBRARY_PATHS, Confinement

_LAUNCH = str(Path(__file__).with_name("launch.py"))
_PYTHON_PATHS = tuple(
    sorted({sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")})
)
_OUTPUT_BYTES_MAX = 4 << 20
_CHUNK_BYTES = 1 << 16
_LOG_LINES_MAX = 200
_LOG_LINE_CHARS_MAX = 500
# Two arenas keep the address space, which is what RLIMIT_AS counts, near the memory in use.
_ENVIRONMENT = {"LC_ALL": "C", "MALLOC_ARENA_MAX": "2", "HOME": "/nonexistent"}


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a child ended; `log` holds its last lines of standard error."""

    returncode: int
    output: bytes
    log: str
    is_late: bool

    @property
    def is_good(self) -> bool:
        """Say whether it did its work."""
        return self.returncode == 0 and not self.is_late


async def run_program(
    command: Sequence[str],
    *,
    confinement: Confinement,
    deadline_s: float,
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run a program with its libraries readable; `on_line` sees each line it prints."""
    program = _resolve(command[0])
    wanted = replace(confinement, executable=(*confinement.executable, program, *LIBRARY_PATHS))
    arguments = ["-S", _LAUNCH, str(os.getpid()), wanted.to_json(), "exec", program]
    return await _run([*arguments, *command[1:]], deadline_s=deadline_s, on_line=on_line)


async def run_module(
    module: str,
    arguments: Sequence[str],
    *,
    confinement: Confinement,
    deadline_s: float,
    data: bytes = b"",
) -> Finished:
    """Run a module's `main` in a confined Python, with `data` on its standard input.

    It may read Python's own libraries: those are nobody's secret, and PyAV imports parts of itself
    only when a file needs them.
    """
    wanted = replace(confinement, readable=(*confinement.readable, *_PYTHON_PATHS))
    launch = [_LAUNCH, str(os.getpid()), wanted.to_json(), "call", module]
    return await _run([*launch, *arguments], deadline_s=deadline_s, on_line=None, data=data)


def _resolve(program: str) -> str:
    return str(Path(program).resolve())


async def _run(
    arguments: Sequence[str],
    *,
    deadline_s: float,
    on_line: Callable[[str], None] | None,
    data: bytes = b"",
) -> Finished:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        *arguments,
        stdin=asyncio.subprocess.PIPE if data else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=_ENVIRONMENT,
    )
    is_late = False
    output = bytearray()
    log: deque[str] = deque(maxlen=_LOG_LINES_MAX)
    try:
        async with asyncio.timeout(deadline_s):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_feed(child, data))
                tasks.create_task(_read_output(child, output, on_line))
                tasks.create_task(_read_log(child, log))
                tasks.create_task(child.wait())
    except TimeoutError:
        is_late = True
    finally:
        await _end(child)
    return Finished(
        returncode=child.returncode if child.returncode is not None else -signal.SIGKILL,
        output=bytes(output),
        log="\n".join(log),
        is_late=is_late,
    )


async def _feed(child: asyncio.subprocess.Process, data: bytes) -> None:
    """Give it its input; a child that wants no more of it says how it ended by its exit code."""
    if child.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(data)
        await child.stdin.drain()
    child.stdin.close()


async def _read_output(
    child: asyncio.subprocess.Process, output: bytearray, on_line: Callable[[str], None] | None
) -> None:
    """Collect what it prints, or hand it on by lines; who prints too much is killed."""
    if on_line is not None:
        async for line in _lines(child.stdout):
            on_line(line)
        return
    while child.stdout is not None and (chunk := await child.stdout.read(_CHUNK_BYTES)):
        if len(output) + len(chunk) > _OUTPUT_BYTES_MAX:
            _kill(child)
            return
        output += chunk


async def _read_log(child: asyncio.subprocess.Process, log: deque[str]) -> None:
    async for line in _lines(child.stderr):
        log.append(line[:_LOG_LINE_CHARS_MAX])


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """Yield the lines; one without end is cut into pieces, never collected whole."""
    rest = ""
    while stream is not None and (chunk := await stream.read(_CHUNK_BYTES)):
        *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
        for line in lines:
            yield line
        if len(rest) > _OUTPUT_BYTES_MAX:
            rest = ""
    if rest:
        yield rest


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kill what may be left of the group, and reap it whatever else is being cancelled."""
    _kill(child)
    await asyncio.shield(child.wait())


def _kill(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
