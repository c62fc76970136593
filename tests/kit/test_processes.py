"""Processes that are kept alive: restarted with back-off, stopped in bounded time, never lost."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from solstice.kit.leftovers import list_leftovers
from solstice.kit.processes import Happening, Keeper, ProcessSpec
from solstice.kit.remedies import OperatorError
from tests.edge.stage import free_ports

READY_S_MAX = 30.0
SLEEPER = "import time; time.sleep(60)"
STUBBORN = (
    "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path('ready').touch(); time.sleep(60)"
)
PARENT = (
    "import pathlib, subprocess, time;"
    "child = subprocess.Popen(['/bin/sleep', '61']);"
    "pathlib.Path('child').write_text(str(child.pid)); time.sleep(60)"
)


class Stage:
    """Makes keepers in one state directory and stops what a test leaves."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.happenings: list[Happening] = []
        self.keepers: list[Keeper] = []

    def keep(
        self,
        code: str,
        *,
        is_ready: Callable[[], bool] = lambda: True,
        before_start: Callable[[], None] = lambda: None,
        detached: bool = False,
        public: tuple[tuple[str, int], ...] = (),
        term_patience_s: float = 5.0,
    ) -> Keeper:
        """Begin keeping a small Python program."""
        spec = ProcessSpec(
            name="thing",
            command=[sys.executable, "-I", "-S", "-c", code],
            environment={"PATH": "/usr/bin:/bin"},
            cwd=self.place,
            detached=detached,
            public=public,
            is_ready=is_ready,
            ready_timeout_s=READY_S_MAX,
            before_start=before_start,
            stop_steps=((signal.SIGTERM, term_patience_s), (signal.SIGKILL, 5.0)),
        )
        keeper = Keeper(
            spec,
            state_dir=self.place,
            logs_dir=self.place / "logs",
            report=self.happenings.append,
        )
        self.keepers.append(keeper)
        keeper.begin()
        return keeper

    def kinds(self) -> list[str]:
        """List what was reported, in order."""
        return [happening.kind for happening in self.happenings]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for keeper in stage.keepers:
        keeper.hurry()
        await keeper.stop()
    assert list_leftovers(state_dir=tmp_path) == []


async def until(condition: Callable[[], bool], *, within_s: float = READY_S_MAX) -> None:
    """Poll a real condition of real processes; fail when it does not come true in time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  the condition is the kernel's, there is no event
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("PPid:", 1)[1].split()[0])


def state_of(pid: int) -> str:
    """The letter that proc(5) gives it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_a_killed_process_is_started_again(stage: Stage) -> None:
    """One process dying never needs an operator."""
    keeper = stage.keep(SLEEPER)
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: keeper.pid not in {None, first})
    assert keeper.restart_count == 1
    ended = next(h for h in stage.happenings if h.kind == "ended")
    assert "killed by SIGKILL" in ended.detail
    assert "starting again in" in ended.detail
    await keeper.wait_ready()
    assert stage.kinds() == ["starting", "ready", "ended", "starting", "ready"]


async def test_stopping_ends_the_process_and_does_not_restart_it(stage: Stage) -> None:
    """A stop is not a crash."""
    keeper = stage.keep(SLEEPER)
    await keeper.wait_ready()
    pid = keeper.pid
    assert pid is not None
    await keeper.stop()
    assert not is_alive(pid)
    assert stage.kinds() == ["starting", "ready", "stopped"]


async def test_a_process_that_will_not_stop_is_killed_in_bounded_time(stage: Stage) -> None:
    """Ctrl-C always ends: patience has a limit per process."""
    ready = stage.place / "ready"
    keeper = stage.keep(STUBBORN, is_ready=ready.exists, term_patience_s=0.2)
    await keeper.wait_ready()
    pid, began = keeper.pid, time.monotonic()
    assert pid is not None
    await keeper.stop()
    assert not is_alive(pid)
    assert time.monotonic() - began < 5


async def test_a_second_ctrl_c_ends_all_patience(stage: Stage) -> None:
    """Whoever presses twice means it."""
    ready = stage.place / "ready"
    keeper = stage.keep(STUBBORN, is_ready=ready.exists, term_patience_s=60.0)
    await keeper.wait_ready()
    stopping = asyncio.create_task(keeper.stop())
    await asyncio.sleep(0)
    keeper.hurry()
    await asyncio.wait_for(stopping, timeout=10)


async def test_a_process_stopped_while_it_starts_does_not_stay(stage: Stage) -> None:
    """Ctrl-C in the first instant leaves nothing behind."""
    keeper = stage.keep(SLEEPER)
    await keeper.stop()
    assert keeper.pid is None


async def test_children_of_a_killed_process_are_ended_before_it_starts_again(stage: Stage) -> None:
    """A worker's ffmpeg must not go on writing beside its successor's."""
    note = stage.place / "child"
    keeper = stage.keep(PARENT, is_ready=note.exists)
    await keeper.wait_ready()
    await until(lambda: bool(note.read_text()))
    orphan = int(note.read_text())
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGKILL)
    await until(lambda: not is_alive(orphan))


async def test_a_detached_process_is_nobodys_child_and_is_kept_all_the_same(stage: Stage) -> None:
    """Envoy ends when its parent ends; so it has none, and a crash of ours leaves it serving."""
    keeper = stage.keep(SLEEPER, detached=True)
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    assert parent_of(first) != os.getpid()
    os.kill(first, signal.SIGKILL)
    await until(lambda: keeper.pid not in {None, first})


async def test_a_first_start_that_cannot_work_says_why(stage: Stage) -> None:
    """At the first start the operator is watching: one sentence, and no endless retrying."""

    def refuse() -> None:
        raise OperatorError("The moon is full.", remedy="Wait.")

    keeper = stage.keep(SLEEPER, before_start=refuse)
    with pytest.raises(OperatorError, match="The moon is full"):
        await keeper.wait_ready()


@pytest.mark.parametrize(
    "trouble",
    [
        OperatorError("The disk is full.", remedy="Free some space."),
        OSError(errno.ENOSPC, "The disk is full."),
        RuntimeError("The disk is full."),
        subprocess.TimeoutExpired("The disk is full.", 10),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
async def test_trouble_at_a_later_start_is_only_one_more_reason_to_wait(
    stage: Stage, trouble: Exception
) -> None:
    """A machine that was full or stuck for a while must not need an operator afterwards."""
    troubles = iter([False, True, True, False])

    def sometimes_refuse() -> None:
        if next(troubles, False):
            raise trouble

    keeper = stage.keep(SLEEPER, before_start=sometimes_refuse)
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: keeper.restart_count == 3 and keeper.pid is not None)
    assert sum("The disk is full" in happening.detail for happening in stage.happenings) == 2


async def test_never_becoming_ready_quotes_the_log(tmp_path: Path) -> None:
    """The reason is in the child's last line; nobody should have to look for it."""
    spec = ProcessSpec(
        name="thing",
        command=[sys.executable, "-I", "-S", "-c", "raise SystemExit('no teapot')"],
        environment={},
        cwd=tmp_path,
        is_ready=lambda: False,
        ready_timeout_s=0.5,
    )
    keeper = Keeper(spec, state_dir=tmp_path, logs_dir=tmp_path, report=lambda _happening: None)
    keeper.begin()
    log = tmp_path / "thing.log"
    await until(lambda: log.exists() and b"no teapot" in log.read_bytes())
    with pytest.raises(OperatorError, match="no teapot"):
        await keeper.wait_ready()
    await keeper.stop()


async def test_a_hung_process_is_ended_for_good_and_started_again(stage: Stage) -> None:
    """It ignores every polite signal while it is stopped; its successor is another process."""
    keeper = stage.keep(SLEEPER)
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    keeper.replace("has not answered")
    await until(lambda: keeper.pid not in {None, first})
    assert not is_alive(first)
    assert stage.kinds()[:4] == ["starting", "ready", "silent", "ended"]


async def test_a_hung_process_with_a_shared_port_is_ended_when_its_successor_serves(
    stage: Stage,
) -> None:
    """Whoever waits for the hung one is reset then, and finds somebody at the second try."""
    port = free_ports(1)[0]
    may_serve = stage.place / "go"
    may_serve.touch()
    keeper = stage.keep(
        SLEEPER, detached=True, public=(("127.0.0.1", port),), is_ready=may_serve.exists
    )
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    may_serve.unlink()
    keeper.replace("has not answered")
    await until(lambda: keeper.pid not in {None, first})
    assert is_alive(first)
    may_serve.touch()
    await until(lambda: not is_alive(first))
    await keeper.wait_ready()


async def test_a_hung_process_takes_no_processor_from_its_successor(stage: Stage) -> None:
    """One that runs in circles stands still from the moment in which it is given up."""
    keeper = stage.keep(SLEEPER, detached=True, public=(("127.0.0.1", free_ports(1)[0]),))
    await keeper.wait_ready()
    assert keeper.pid is not None
    first = keeper.pid
    keeper.replace("has not answered")
    # At once by the signal; by the kernel when the processor it runs on looks up.
    await until(lambda: state_of(first) == "T")


async def test_a_hung_process_does_not_outlive_the_stop(stage: Stage) -> None:
    """Ctrl-C between the two leaves neither of them behind."""
    may_serve = stage.place / "go"
    may_serve.touch()
    keeper = stage.keep(
        SLEEPER,
        detached=True,
        public=(("127.0.0.1", free_ports(1)[0]),),
        is_ready=may_serve.exists,
    )
    await keeper.wait_ready()
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    may_serve.unlink()
    keeper.replace("has not answered")
    await until(lambda: keeper.pid not in {None, first})
    await keeper.stop()
    assert not is_alive(first)
    assert keeper.pid is None


async def test_callers_of_a_killed_process_wait_until_it_is_back(stage: Stage) -> None:
    """Its port is held meanwhile: one retry is enough, whenever it comes."""
    port = free_ports(1)[0]
    may_serve = stage.place / "go"
    may_serve.touch()
    keeper = stage.keep(
        SLEEPER, detached=True, public=(("127.0.0.1", port),), is_ready=may_serve.exists
    )
    await keeper.wait_ready()
    may_serve.unlink()
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGKILL)
    await until(lambda: keeper.restart_count == 1)
    with socket.create_connection(("127.0.0.1", port), timeout=READY_S_MAX) as caller:
        may_serve.touch()
        with pytest.raises(ConnectionResetError):
            await asyncio.to_thread(caller.recv, 1)
