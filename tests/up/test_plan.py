"""What is decided before the first process starts."""

import socket
from pathlib import Path

import pytest

from solstice.edge.settings import EdgeSettings
from solstice.kit.machine import MachineSettings
from solstice.kit.remedies import OperatorError
from solstice.up.plan import Plan, explicit_environment, require_free_ports, require_topology


def make_plan(
    state_dir: Path,
    *,
    dsn: str = "",
    machine: MachineSettings | None = None,
    edge: EdgeSettings | None = None,
) -> Plan:
    return Plan(
        state_dir=state_dir,
        machine=machine or MachineSettings(),
        edge=edge or EdgeSettings(),
        dsn=dsn,
        environment={},
    )


def test_the_edge_connects_every_server_that_will_run(tmp_path: Path) -> None:
    """Servers stand on consecutive ports, on loopback only."""
    plan = make_plan(tmp_path, machine=MachineSettings(server_count=3, server_port=9000))
    assert [(server.host, server.port) for server in require_topology(plan).servers] == [
        ("127.0.0.1", 9000),
        ("127.0.0.1", 9001),
        ("127.0.0.1", 9002),
    ]


def test_half_a_certificate_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Serving plain HTTP to somebody who asked for HTTPS would be worse."""
    plan = make_plan(tmp_path, edge=EdgeSettings(certificate_file="chain.pem"))
    with pytest.raises(OperatorError, match="edge's settings are not usable") as refused:
        require_topology(plan)
    assert "SOLSTICE_EDGE_" in refused.value.remedy


def test_an_operators_own_database_is_not_ours_to_run(tmp_path: Path) -> None:
    """With a DSN there is no embedded one, and its port is nobody's business."""
    assert make_plan(tmp_path, dsn="host=db").postgres is None
    embedded = make_plan(tmp_path).postgres
    assert embedded is not None
    assert embedded.data_dir == tmp_path / "postgres"


def test_a_taken_port_is_found_before_anything_starts(tmp_path: Path) -> None:
    """With the setting that moves it."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        plan = make_plan(tmp_path, edge=EdgeSettings(port=stranger.getsockname()[1]))
        with pytest.raises(OperatorError, match="already taken") as refused:
            require_free_ports(plan, require_topology(plan))
    assert "SOLSTICE_EDGE_PORT" in refused.value.remedy


def test_children_inherit_settings_and_no_secrets_of_the_shell() -> None:
    """What an operator's shell happens to hold is nobody's business."""
    shell = {
        "PATH": "/usr/bin",
        "SOLSTICE_EDGE_PORT": "8090",
        "AWS_ACCESS_KEY_ID": "for our object store",
        "GITHUB_TOKEN": "secret",
        "LD_PRELOAD": "surprise.so",
        "PYTHONPATH": "elsewhere",
    }
    chosen = explicit_environment(shell, state_dir=Path("/srv/solstice"))
    assert not {"GITHUB_TOKEN", "LD_PRELOAD", "PYTHONPATH"} & set(chosen)
    assert chosen["SOLSTICE_EDGE_PORT"] == "8090"
    assert chosen["AWS_ACCESS_KEY_ID"] == "for our object store"
    assert chosen["SOLSTICE_STATE_DIR"] == "/srv/solstice"
