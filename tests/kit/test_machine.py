"""Which processes one machine runs, and where its database is."""

from dataclasses import asdict
from pathlib import Path

from solstice.kit.machine import MachineSettings, local_postgres


def test_the_defaults_do_not_get_in_each_others_way() -> None:
    """Servers take consecutive ports; none of them is another process's."""
    settings = MachineSettings()
    servers = range(settings.server_port, settings.server_port + settings.server_count)
    others = [settings.media_port, settings.worker_port, settings.steering_port]
    others.append(settings.postgres_port)
    assert len({*servers, *others}) == settings.server_count + len(others)
    assert all(port >= 1024 for name, port in asdict(settings).items() if name.endswith("_port"))


def test_each_state_directory_has_a_database_of_its_own(tmp_path: Path) -> None:
    """Two instances on one machine share neither files nor port."""
    one = local_postgres(MachineSettings(), state_dir=tmp_path / "one")
    other = local_postgres(MachineSettings(postgres_port=6000), state_dir=tmp_path / "other")
    assert one.data_dir == tmp_path / "one" / "postgres"
    assert one.data_dir != other.data_dir
    assert (one.port, other.port) == (5433, 6000)


def test_what_people_entrust_to_it_survives_a_power_cut(tmp_path: Path) -> None:
    """And only this machine may reach it."""
    local = local_postgres(MachineSettings(), state_dir=tmp_path)
    assert local.durable
    assert local.tcp_address == "127.0.0.1"


def test_asking_where_it_is_makes_nothing(tmp_path: Path) -> None:
    """`solstice doctor` and `solstice down` ask too."""
    local_postgres(MachineSettings(), state_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
