"""A whole instance of its own for a drill: `solstice up` in a temporary place, on free ports.

A drill never touches the instance that people use; what it breaks goes away with it.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from solstice.kit.leftovers import list_leftovers
from solstice.kit.remedies import OperatorError

UP_S_MAX = 150.0
DOWN_S_MAX = 40.0
PORTS = (
    "EDGE_PORT",
    "EDGE_HTTPS_PORT",
    "EDGE_METRICS_PORT",
    "MACHINE_MEDIA_PORT",
    "MACHINE_WORKER_PORT",
    "MACHINE_POSTGRES_PORT",
    "MACHINE_STEERING_PORT",
)


class DrillInstance:
    """One running instance and how to reach its processes."""

    def __init__(self, state_dir: Path, environment: dict[str, str]) -> None:
        self.state_dir = state_dir
        self.environment = environment
        self.port = int(environment["SOLSTICE_EDGE_PORT"])
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def edge_dir(self) -> Path:
        """Where the edge's files are."""
        return self.state_dir / "edge"

    def pid_of(self, name: str) -> int:
        """Errors: ProcessLookupError when there is no such process right now."""
        found = list_leftovers(state_dir=self.state_dir, name=name)
        for leftover in found:
            os.close(leftover.pidfd)
        if not found:
            raise ProcessLookupError(f"no {name} is running")
        return found[0].pid

    def start(self) -> None:
        """Start it and wait until it says that it is up.

        Errors: OperatorError with the end of what it said.
        """
        path = self.state_dir.parent / "up.log"
        self.supervisor = begin_up(self.environment, output=path)
        deadline_s = time.monotonic() + UP_S_MAX
        while "Solstice is up" not in (said := path.read_text(errors="replace")):
            if self.supervisor.poll() is not None or time.monotonic() > deadline_s:
                raise OperatorError(
                    f"The drill's own instance did not come up: {said.strip()[-500:]}",
                    remedy="`solstice doctor` says what this machine lacks.",
                )
            time.sleep(0.1)

    def run(self, *arguments: str) -> None:
        """Run another command of ours against it, to its end."""
        subprocess.run(
            [sys.executable, "-P", "-m", "solstice", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=UP_S_MAX,
            check=True,
        )

    def stop(self) -> None:
        """Stop everything, whatever state it is in."""
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(DOWN_S_MAX)
        self.run("down")


@contextlib.contextmanager
def drill_instance() -> Iterator[DrillInstance]:
    """Make an instance, start it, and take it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="solstice-drill-") as folder:
        # PostgreSQL runs as an account of its own and must get through.
        Path(folder).chmod(0o755)
        state_dir = Path(folder) / "var"
        instance = DrillInstance(state_dir, make_environment(state_dir))
        try:
            instance.start()
            yield instance
        finally:
            instance.stop()


def make_environment(state_dir: Path) -> dict[str, str]:
    """Make the environment of an instance in a directory, on ports nobody listens on right now."""
    passed_on = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    first, *ports = find_ports(len(PORTS))
    return {
        **passed_on,
        **{f"SOLSTICE_{name}": str(port) for name, port in zip(PORTS, ports, strict=True)},
        "SOLSTICE_STATE_DIR": str(state_dir),
        "SOLSTICE_MACHINE_SERVER_PORT": str(first),
    }


def begin_up(environment: dict[str, str], *, output: Path) -> subprocess.Popen[bytes]:
    """Begin `solstice up` as from a terminal; what it says is added to `output`."""
    with output.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "solstice", "up"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def find_ports(count: int) -> list[int]:
    """Find a port whose neighbour is free as well, and `count` others."""
    with contextlib.ExitStack() as stack:
        while True:
            pair = [stack.enter_context(socket.socket()) for _ in range(2)]
            pair[0].bind(("127.0.0.1", 0))
            first = int(pair[0].getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                pair[1].bind(("127.0.0.1", first + 1))
                break
        others = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in others:
            probe.bind(("127.0.0.1", 0))
        return [first, *(int(probe.getsockname()[1]) for probe in others)]
