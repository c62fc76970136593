"""Keep a handful of processes alive: start, watch, restart with back-off, stop in order.

Why not systemd, s6 or supervisord: a newcomer has none of them without root, and
what is needed is small.  Under systemd the same command runs as one unit.

* Children write their logs into files, not into pipes to us: when the supervisor
  is killed, they keep serving viewers and the next `up` ends them by their mark
  (`leftovers.py`).
* The end of a process is read from a pidfd, which works for children and for
  detached processes (`detached.py`) alike and never confuses pids.
* A process that lives but does not answer is ended by whoever watches it (`liveness.py`)
  through `replace`.  One that shares its ports is first given a successor, so that what was
  waiting for the hung one finds somebody there at its second try.
* A crashed process is started again after a jittered, doubling pause.  The budget
  bounds how fast that happens (`RESTARTS_MAX` in `WINDOW_S`), never whether: a
  disk that is full for an hour must not need an operator afterwards.
"""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solstice.kit.held_ports import HeldPorts
from solstice.kit.leftovers import MARK, end_leftovers, render_mark
from solstice.kit.liveness import Question
from solstice.kit.remedies import OperatorError
from solstice.kit.restarts import RestartBudget
from solstice.kit.spawning import start, start_detached

PROBE_INTERVAL_S = 0.05
HOLD_S_MAX = 2.0
SUCCESSION_S_MAX = 5.0
DRAIN_S_MAX = 5.0


def _nothing() -> None:
    """Do nothing: the default of optional steps."""


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One process to keep alive.

    `is_ready` is asked in a thread and may block for a second.  `before_start` runs before
    every start, `drain` before the first stop signal; neither may take longer than its caller
    would wait.  `stop_steps` are signals with the seconds of patience after each.

    `liveness` is how to ask whether it answers at all; None leaves it to itself.  The addresses
    of `public` must be shareable (SO_REUSEPORT): callers wait there while it is away, and a
    hung process is ended only when its successor serves.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path
    uid: int | None = None
    gid: int | None = None
    detached: bool = False
    is_ready: Callable[[], bool]
    ready_timeout_s: float = 30.0
    liveness: Question | None = None
    public: tuple[tuple[str, int], ...] = ()
    before_start: Callable[[], None] = _nothing
    drain: Callable[[], None] = _nothing
    stop_steps: tuple[tuple[signal.Signals, float], ...] = (
        (signal.SIGTERM, 8.0),
        (signal.SIGKILL, 5.0),
    )


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What the operator may want to see: `kind` is starting, ready, silent, ended or stopped."""

    name: str
    kind: str
    detail: str = ""


class Keeper:
    """Keeps one process alive until told to stop."""

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        state_dir: Path,
        logs_dir: Path,
        report: Callable[[Happening], None],
    ) -> None:
        self.spec = spec
        self.state_dir = state_dir
        self.log_path = logs_dir / f"{spec.name}.log"
        self.report = report
        self.pid: int | None = None
        self.restart_count = 0
        self.started_at: float | None = None
        self._pidfd: int | None = None
        self._hung_pidfd: int | None = None
        self._released = asyncio.Event()
        self._held = HeldPorts(spec.public)
        self._stopping = asyncio.Event()
        self._ready = asyncio.Event()
        self._hurry = asyncio.Event()
        self._budget = RestartBudget()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start keeping; `wait_ready` says when the process serves."""
        self._task = asyncio.create_task(self._keep(), name=f"keep-{self.spec.name}")

    @property
    def is_ready(self) -> bool:
        """Whether the process that runs now has said that it is ready."""
        return self._ready.is_set()

    async def wait_ready(self) -> None:
        """Return when the process says it is ready, however often it had to be restarted.

        Errors: OperatorError with the log's last line after `ready_timeout_s`, or whatever
        `before_start` found wrong with the machine.
        """
        ready = asyncio.create_task(self._ready.wait())
        tasks = {ready, self._task} if self._task else {ready}
        try:
            await asyncio.wait(
                tasks, timeout=self.spec.ready_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if ready.done():
                return
        finally:
            ready.cancel()
        if self._task and self._task.done():
            self._task.result()
        raise OperatorError(
            f"{self.spec.name} is not ready after {self.spec.ready_timeout_s:.0f} s"
            f"{self._last_words()}.",
            remedy=f"Its log says why: {self.log_path}.",
        )

    async def stop(self) -> None:
        """Stop the process and wait until it is gone; bounded by the spec's patience."""
        self._stopping.set()
        self._end_hung()
        self._held.release()
        if self.pid is not None:
            with contextlib.suppress(Exception):  # a drain that fails must not prevent the stop
                async with asyncio.timeout(DRAIN_S_MAX):
                    await asyncio.to_thread(self.spec.drain)
        for signal_number, patience_s in self.spec.stop_steps:
            if self._task is None or self._task.done():
                break
            self._signal(signal_number)
            await self._wait_end(patience_s=0.2 if self._hurry.is_set() else patience_s)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._end_orphans)
        self.report(Happening(name=self.spec.name, kind="stopped"))

    def replace(self, reason: str) -> None:
        """Put a fresh process in the place of one that runs but does not answer."""
        if self._pidfd is None:
            return
        self.report(Happening(name=self.spec.name, kind="silent", detail=reason))
        if self.spec.public and self._hung_pidfd is None:
            self._hung_pidfd = os.dup(self._pidfd)
            # What waits for it goes on waiting; what it burns in circles is its successor's.
            self._signal(signal.SIGSTOP)
            self._released.set()
        else:
            self._signal(signal.SIGKILL)

    def hurry(self) -> None:
        """Lose patience: a second Ctrl-C."""
        self._hurry.set()

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            ending = await self._run_once()
            if self._stopping.is_set():
                return
            self.restart_count += 1
            pause_s = self._budget.decide_pause_s(
                now_s=time.monotonic(),
                random_share=random.random(),  # noqa: S311  jitter is no secret
            )
            if self._hung_pidfd is None and pause_s < HOLD_S_MAX:
                self._held.hold()
            detail = f"{ending}{self._last_words()}; starting again in {pause_s:.1f} s"
            self.report(Happening(name=self.spec.name, kind="ended", detail=detail))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stopping.wait()

    async def _run_once(self) -> str:
        """Start the process and wait for its end; say how it ended.

        Errors: OperatorError from `before_start`, at the first start only.  Later the same
        finding (a full disk) is one more reason to try again after a pause.
        """
        self.report(Happening(name=self.spec.name, kind="starting"))
        try:
            await asyncio.to_thread(self.spec.before_start)
            await asyncio.to_thread(self._end_orphans)
            child = await asyncio.to_thread(self._spawn)
        except OperatorError as error:
            if self.restart_count == 0:
                raise
            return str(error)
        except Exception as error:  # noqa: BLE001 - no thread, no launcher in 10 s: it may come back
            return f"could not be started: {getattr(error, 'strerror', None) or error}"
        if self._stopping.is_set():
            self._signal(self.spec.stop_steps[0][0])
        probing = asyncio.create_task(self._probe())
        settling = asyncio.create_task(self._settle())
        try:
            return await self._wait_exit(child)
        finally:
            probing.cancel()
            settling.cancel()
            self._ready.clear()

    async def _settle(self) -> None:
        """End the hung predecessor and let held callers go: when ready, or when it takes long."""
        has_predecessor = self._hung_pidfd is not None
        with contextlib.suppress(TimeoutError):
            patience_s = SUCCESSION_S_MAX if has_predecessor else HOLD_S_MAX
            async with asyncio.timeout(patience_s):
                await self._ready.wait()
        if has_predecessor:
            self._end_hung()
        self._held.release()

    def _end_hung(self) -> None:
        if self._hung_pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._hung_pidfd, signal.SIGKILL)
            os.close(self._hung_pidfd)
            self._hung_pidfd = None

    async def _probe(self) -> None:
        """Ask until the process says it is ready, then tell."""
        # Another process's state: there is no event to wait for.
        while not await asyncio.to_thread(self.spec.is_ready):  # noqa: ASYNC110
            await asyncio.sleep(PROBE_INTERVAL_S)
        self._ready.set()
        self.report(Happening(name=self.spec.name, kind="ready"))

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        """Start the process; None for a detached one, which is nobody's child."""
        spec = self.spec
        mark = render_mark(state_dir=self.state_dir, name=spec.name)
        options: dict[str, object] = {
            "cwd": spec.cwd,
            "env": {**spec.environment, MARK: mark},
            "stdin": subprocess.DEVNULL,
        }
        if spec.uid is not None:
            options |= {"user": spec.uid, "group": spec.gid, "extra_groups": []}
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            options |= {"stdout": log, "stderr": log}
            child = None if spec.detached else start(list(spec.command), **options)
            self.pid = child.pid if child else start_detached(list(spec.command), **options)
        self._pidfd = os.pidfd_open(self.pid)
        self.started_at = time.time()
        return child

    async def _wait_exit(self, child: subprocess.Popen[bytes] | None) -> str:
        """Wait until the process has ended; say how."""
        if self._pidfd is None:
            return "vanished"
        loop, released = asyncio.get_running_loop(), self._released
        loop.add_reader(self._pidfd, released.set)
        try:
            await released.wait()
        finally:
            loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd, self.pid, self.started_at = None, None, None
            released.clear()
        if self._hung_pidfd is not None:
            return "did not answer"
        if child is None:
            return "ended"
        code = await asyncio.to_thread(child.wait)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    async def _wait_end(self, *, patience_s: float) -> None:
        if self._task is None:
            return
        hurried = asyncio.create_task(self._hurry.wait())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                waiting = {self._task} if self._hurry.is_set() else {self._task, hurried}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()

    def _signal(self, signal_number: signal.Signals) -> None:
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal_number)

    def _end_orphans(self) -> None:
        """End what the process itself had started and left behind, an ffmpeg for example."""
        if self.pid is None and self._hung_pidfd is None:
            end_leftovers(state_dir=self.state_dir, name=self.spec.name, patience_s=1.0)

    def _last_words(self) -> str:
        """Quote the last line of the log, for a sentence that ends in a reason."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f" ({last[:300]})" if last else ""
