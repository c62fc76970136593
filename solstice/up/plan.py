"""What this machine will run, and whether it can: places, ports, the edge, the environment.

Everything here is decided and checked before the first process starts, so that a wrong setting
or a taken port is one sentence and not half a platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solstice.edge.settings import EdgeSettings
from solstice.edge.topology import BadTopology, EdgeTopology, Endpoint, TlsFiles
from solstice.kit.machine import LOOPBACK, MachineSettings, local_postgres
from solstice.kit.ports import require_free_address
from solstice.kit.postgres import LocalPostgres
from solstice.kit.remedies import OperatorError

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
PASSED_ON_PREFIXES = ("SOLSTICE_", "AWS_")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What this machine will run."""

    state_dir: Path
    machine: MachineSettings
    edge: EdgeSettings
    dsn: str
    """The operator's own database; empty for the embedded one."""
    environment: Mapping[str, str] = field(repr=False)

    @property
    def logs_dir(self) -> Path:
        """Where each process's log is."""
        return self.state_dir / "logs"

    @property
    def edge_dir(self) -> Path:
        """Where the edge's configuration is."""
        return self.state_dir / "edge"

    @property
    def postgres(self) -> LocalPostgres | None:
        """The embedded database, unless the operator brought one."""
        return None if self.dsn else local_postgres(self.machine, state_dir=self.state_dir)

    @property
    def topology(self) -> EdgeTopology:
        """What the edge connects.  Errors: BadTopology."""
        edge, machine = self.edge, self.machine
        ports = range(machine.server_port, machine.server_port + machine.server_count)
        has_tls = edge.certificate_file or edge.key_file
        files = (Path(edge.certificate_file).absolute(), Path(edge.key_file).absolute())
        return EdgeTopology(
            servers=tuple(Endpoint(host=LOOPBACK, port=port) for port in ports),
            media=(Endpoint(host=LOOPBACK, port=machine.media_port),),
            address=edge.address,
            port=edge.port,
            https_port=edge.https_port,
            public_name=edge.public_name,
            tls=TlsFiles(certificate=files[0], key=files[1]) if has_tls else None,
            metrics_port=edge.metrics_port,
            worker_count=edge.worker_count,
            trusted_proxy_hops=edge.trusted_proxy_hops,
            body_bytes_max=edge.body_bytes_max,
        )


def require_topology(plan: Plan) -> EdgeTopology:
    """Errors: OperatorError when the edge's settings make no sense."""
    try:
        return plan.topology
    except BadTopology as error:
        raise explain_bad_topology(error) from error


def require_free_ports(plan: Plan, topology: EdgeTopology) -> None:
    """Errors: OperatorError naming the first port that is taken and its setting."""
    require_free_address(topology.address, topology.port, setting="SOLSTICE_EDGE_PORT")
    if topology.tls:
        require_free_address(
            topology.address, topology.https_port, setting="SOLSTICE_EDGE_HTTPS_PORT"
        )
    require_free_address(LOOPBACK, topology.metrics_port, setting="SOLSTICE_EDGE_METRICS_PORT")
    for endpoint in topology.servers:
        require_free_address(endpoint.host, endpoint.port, setting="SOLSTICE_MACHINE_SERVER_PORT")
    machine = plan.machine
    require_free_address(LOOPBACK, machine.media_port, setting="SOLSTICE_MACHINE_MEDIA_PORT")
    require_free_address(LOOPBACK, machine.worker_port, setting="SOLSTICE_MACHINE_WORKER_PORT")
    require_free_address(LOOPBACK, machine.steering_port, setting="SOLSTICE_MACHINE_STEERING_PORT")
    if plan.postgres:
        plan.postgres.require_free_port()


def explicit_environment(given: Mapping[str, str], *, state_dir: Path) -> dict[str, str]:
    """Choose what children inherit: our settings and the few names the system needs."""
    chosen = {
        name: value
        for name, value in given.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }
    return {
        "LANG": "C.UTF-8",
        **chosen,
        "SOLSTICE_STATE_DIR": str(state_dir),
        "PYTHONUNBUFFERED": "1",
        # glibc's many arenas would keep freed memory: 2 save about 15 MB per process.
        "MALLOC_ARENA_MAX": "2",
    }


def explain_bad_topology(error: BadTopology) -> OperatorError:
    """Turn what the edge refuses into a sentence and a remedy."""
    return OperatorError(
        f"The edge's settings are not usable: {error}.",
        remedy="Correct the SOLSTICE_EDGE_… settings (`solstice doctor` shows them).",
    )
