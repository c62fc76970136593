"""The roster: every process of one data center, with its command and when it counts as ready.

`-P` on each of our own: the directory a process works in is never a place to import from.
"""

import signal
import sys
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from solstice.edge.admin import drain, is_serving
from solstice.edge.configuration import ADMIN_SOCKET
from solstice.edge.last_good import mend
from solstice.edge.publish import envoy_command
from solstice.kit.liveness import Question
from solstice.kit.machine import LOOPBACK
from solstice.kit.postgres import LocalPostgres
from solstice.kit.processes import ProcessSpec
from solstice.up.plan import Plan

# A few seconds on an idle machine, but 45 were seen on one with seven times the work it can do.
READY_S_MAX = 150.0
STOP_AT_ONCE = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def postgres_spec(postgres: LocalPostgres) -> ProcessSpec:
    """Describe the embedded database as a process to keep."""
    account = postgres.account

    def before_start() -> None:
        postgres.prepare()
        postgres.end_leftovers()

    before_start()
    return ProcessSpec(
        name="postgres",
        command=postgres.command(),
        environment=postgres.environment,
        cwd=postgres.data_dir,
        uid=account.uid if account else None,
        gid=account.gid if account else None,
        is_ready=postgres.is_ready,
        before_start=before_start,
        stop_steps=STOP_AT_ONCE,
    )


def server_specs(plan: Plan, *, environment: Mapping[str, str]) -> list[ProcessSpec]:
    """Describe the servers: those who answer pages."""
    first = plan.machine.server_port
    return [
        _python_spec(plan, f"server-{index + 1}", ["serve", "--port", str(port)], port, environment)
        for index, port in enumerate(range(first, first + plan.machine.server_count))
    ]


def supporting_specs(plan: Plan, *, environment: Mapping[str, str]) -> list[ProcessSpec]:
    """Describe what stands beside the servers, between the edge and the database."""
    machine = plan.machine
    port = machine.media_port
    specs = [_python_spec(plan, "media", ["media", "--port", str(port)], port, environment)]
    port = machine.worker_port
    specs.append(_python_spec(plan, "worker", ["work", "--port", str(port)], port, environment))
    port = machine.steering_port
    specs.append(_python_spec(plan, "steering", ["steer"], port, environment))
    return specs


def _python_spec(
    plan: Plan, name: str, arguments: list[str], port: int, environment: Mapping[str, str]
) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        command=solstice_command(*arguments),
        environment=environment,
        cwd=plan.state_dir,
        is_ready=answers_ready(port),
        ready_timeout_s=READY_S_MAX,
        # The edge stops asking a silent server within 2 s, so there is time to be sure.
        liveness=Question(port=port),
    )


def edge_spec(plan: Plan) -> ProcessSpec:
    """Describe the edge."""
    directory, topology = plan.edge_dir, plan.topology
    ports = [topology.port, *([topology.https_port] if topology.tls else [])]
    return ProcessSpec(
        name="edge",
        command=envoy_command(worker_count=plan.edge.worker_count),
        environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        cwd=directory,
        detached=True,
        is_ready=lambda: is_serving(directory),
        ready_timeout_s=READY_S_MAX,
        # Viewers see its silence: 0.5 + 3 × 0.3 s until it is replaced.  The page is answered by
        # its worker and its main thread together, on a listener that no viewer can fill.
        liveness=Question(
            port=topology.metrics_port, interval_s=0.5, timeout_s=0.3, silences_max=3
        ),
        public=tuple((topology.address, port) for port in ports),
        before_start=lambda: _prepare_edge(directory),
        drain=lambda: drain(directory),
        stop_steps=((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)),
    )


def _prepare_edge(directory: Path) -> None:
    # A hung predecessor's socket would be asked whether the successor is ready.
    (directory / ADMIN_SOCKET).unlink(missing_ok=True)
    # Nor may it begin with a file that somebody spoilt while it was down.
    mend(directory)


def solstice_command(*arguments: str) -> list[str]:
    """Return the command line of one of our own processes; `-P`: never import from the cwd."""
    return [sys.executable, "-P", "-m", "solstice", *arguments]


def answers_ready(port: int) -> Callable[[], bool]:
    """Make the question whether the process on this port calls itself ready."""

    def ask() -> bool:
        connection = HTTPConnection(LOOPBACK, port, timeout=1.0)
        try:
            connection.request("GET", "/healthz/ready")
            return connection.getresponse().status == 200  # noqa: PLR2004  HTTP's own number
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return ask
