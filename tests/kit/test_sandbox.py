"""A decoder that has been taken over can neither look around, nor reach out, nor stay."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from solstice.kit.confinement import Confinement
from solstice.kit.sandbox import Finished, run_program

BASH = "/bin/bash"


def confinement(**changes: object) -> Confinement:
    values = {
        "readable": (),
        "writable": (),
        "memory_bytes": 1 << 30,
        "cpu_s": 20,
        "file_bytes": 1 << 20,
    }
    return Confinement(**{**values, **changes})  # type: ignore[arg-type]


async def run(script: str, deadline_s: float = 20.0, **changes: object) -> Finished:
    """Run what an attacker would, with the shell in the decoder's place."""
    return await run_program(
        [BASH, "--norc", "-c", script], confinement=confinement(**changes), deadline_s=deadline_s
    )


def names_below(folder: Path) -> list[str]:
    """List everything in a folder."""
    return sorted(path.name for path in folder.rglob("*"))


async def wait_until_gone(pid: int) -> None:
    """Poll until no process of this number runs."""
    until = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, f"process {pid} is still there"
        await asyncio.sleep(0.02)


async def test_it_reads_what_it_was_given_and_nothing_else(tmp_path: Path) -> None:
    """The given file is readable; its neighbour and the system's files are not."""
    (tmp_path / "given").write_text("given\n")
    (tmp_path / "neighbour").write_text("secret\n")
    finished = await run(
        f"read a < {tmp_path}/given; echo $a; read b < {tmp_path}/neighbour; echo $b;"
        " read c < /etc/hostname; echo $c",
        readable=(str(tmp_path / "given"),),
    )
    assert finished.output.split() == [b"given"]
    assert finished.log.count("Permission denied") == 2


async def test_it_writes_into_its_directory_and_nowhere_else(tmp_path: Path) -> None:
    """Writing beside the directory fails, inside it works."""
    inside = tmp_path / "inside"
    inside.mkdir()
    await run(f"echo x > {inside}/x; echo y > {tmp_path}/y", writable=(str(inside),))
    assert names_below(tmp_path) == ["inside", "x"]


async def test_it_cannot_connect_to_anything() -> None:
    """A listener on this machine hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        port = canary.getsockname()[1]
        finished = await run(f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected")
        assert finished.output == b""
        with pytest.raises(BlockingIOError):
            canary.accept()


async def test_it_cannot_start_a_process() -> None:
    """Not even a subshell."""
    finished = await run("(echo forked)")
    assert b"forked" not in finished.output


async def test_it_cannot_signal_anybody() -> None:
    """Its parent, this test, is still here to say so."""
    finished = await run(f"kill -9 {os.getpid()} || echo refused")
    assert finished.output.strip() == b"refused"


async def test_it_cannot_fill_memory_or_disk(tmp_path: Path) -> None:
    """Both end it, neither ends the machine."""
    greedy = await run("x=xxxxxxxx; while :; do x=$x$x; done", memory_bytes=1 << 28)
    assert not greedy.is_good
    line = "x" * 1000
    writing = await run(
        f"while echo {line}; do :; done > {tmp_path}/big", writable=(str(tmp_path),)
    )
    assert not writing.is_good
    assert (tmp_path / "big").stat().st_size <= 1 << 20


async def test_it_is_killed_when_it_talks_without_end() -> None:
    """What it prints is bounded too."""
    finished = await run(f"while :; do echo {'x' * 4000}; done")
    assert finished.returncode == -signal.SIGKILL
    assert len(finished.output) < 5 << 20


async def test_it_ends_at_its_deadline() -> None:
    """A child that never finishes is killed and said to be late."""
    began = time.monotonic()
    finished = await run("while :; do :; done", deadline_s=0.5)
    assert finished.is_late
    assert not finished.is_good
    assert time.monotonic() - began < 5


async def test_it_ends_when_its_cpu_time_is_used_up() -> None:
    """Even if the deadline is far away."""
    finished = await run("while :; do :; done", cpu_s=1)
    assert finished.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    assert not finished.is_late


async def test_it_ends_with_a_cancelled_caller() -> None:
    """Cancelling a job leaves no process."""
    said: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(
        run_program(
            [BASH, "--norc", "-c", "echo $$; while :; do :; done"],
            confinement=confinement(),
            deadline_s=60,
            on_line=said.put_nowait,
        )
    )
    pid = int(await asyncio.wait_for(said.get(), 20))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wait_until_gone(pid)


async def test_it_ends_when_the_worker_is_killed() -> None:
    """SIGKILL gives the worker no time to clean up; the kernel does."""
    script = (
        "import asyncio, sys\n"
        "from solstice.kit.confinement import Confinement\n"
        "from solstice.kit.sandbox import run_program\n"
        "wanted = Confinement(readable=(), memory_bytes=1 << 30, cpu_s=60, file_bytes=0)\n"
        "tell = lambda line: print(line, flush=True)\n"
        f"command = [{BASH!r}, '--norc', '-c', 'echo $$; while :; do :; done']\n"
        "asyncio.run(run_program(command, confinement=wanted, deadline_s=60, on_line=tell))\n"
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    pid = int(await asyncio.wait_for(worker.stdout.readline(), 20))
    assert psutil.pid_exists(pid)
    worker.kill()
    await worker.wait()
    await wait_until_gone(pid)
