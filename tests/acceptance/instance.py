"""A whole instance in a directory of its own, driven as an operator drives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from solstice.drills.instance import begin_up, make_environment
from solstice.kit.leftovers import list_leftovers
from solstice.kit.postgres import LocalPostgres

UP_S_MAX = 150.0
DOWN_S_MAX = 40.0


class Instance:
    """One state directory with its ports; `up` may be started on it again and again."""

    def __init__(self, state_dir: Path, **settings: str) -> None:
        self.state_dir = state_dir
        chosen = make_environment(state_dir)
        self.environment = chosen | settings
        self.port = int(chosen["SOLSTICE_EDGE_PORT"])
        self.https_port = int(chosen["SOLSTICE_EDGE_HTTPS_PORT"])
        self.postgres = LocalPostgres(
            data_dir=state_dir / "postgres", port=int(chosen["SOLSTICE_MACHINE_POSTGRES_PORT"])
        )
        self.output = state_dir.parent / f"{state_dir.name}.out"
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where a viewer begins."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start `solstice up` as from a terminal; what it prints goes to `output`."""
        self.supervisor = begin_up(self.environment, output=self.output)
        return self.supervisor

    def run(self, *arguments: str, within_s: float = UP_S_MAX) -> subprocess.CompletedProcess[str]:
        """Run another command of ours to its end."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "solstice", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def start_and_wait(self) -> None:
        """Start and wait until it is up."""
        began = self.printed().count("Solstice is up")
        self.start()
        until(
            lambda: self.printed().count("Solstice is up") > began or self._has_ended(),
            within_s=UP_S_MAX,
            explain=self.explain,
        )
        assert not self._has_ended(), self.explain()

    def answers(self) -> bool:
        """Whether a request of a viewer reaches a server and comes back."""
        try:
            return httpx.get(f"{self.url}/v1/limits", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def pids(self, name: str | None = None) -> list[int]:
        """Pids of our own processes, PostgreSQL's included unless a name is asked for."""
        if name == "postgres":
            return self.postgres.list_pids()[:1] if self.postgres.data_dir.exists() else []
        found = list_leftovers(state_dir=self.state_dir, name=name)
        for leftover in found:
            os.close(leftover.pidfd)
        pids = sorted(leftover.pid for leftover in found)
        if name is None and self.postgres.data_dir.exists():
            pids += self.postgres.list_pids()
        return pids

    def kill(self, name: str) -> int:
        """SIGKILL one process by its name; returns the pid, 0 when there was none."""
        if name == "supervisor":
            assert self.supervisor
            self.supervisor.kill()
            self.supervisor.wait(timeout=10)
            return self.supervisor.pid
        for pid in self.pids(name):
            os.kill(pid, signal.SIGKILL)
            return pid
        return 0

    def stop(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        assert self.supervisor
        self.supervisor.send_signal(signal.SIGINT)
        return self.supervisor.wait(timeout=DOWN_S_MAX)

    def end(self) -> None:
        """Leave nothing behind, whatever happened before."""
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.kill()
            self.supervisor.wait(timeout=10)
        self.run("down")

    def printed(self) -> str:
        """What all starts have printed so far."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def explain(self) -> str:
        """Everything a failed test should show."""
        logs = sorted((self.state_dir / "logs").glob("*.log"))
        tails = [f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs]
        return "\n".join([self.printed()[-3000:], *tails])

    def _has_ended(self) -> bool:
        return self.supervisor is not None and self.supervisor.poll() is not None


def until(
    condition: Callable[[], bool], *, within_s: float, explain: Callable[[], str] = str
) -> None:
    """Poll a real condition of real processes; fail when it does not come true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.05)
