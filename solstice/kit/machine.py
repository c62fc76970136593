"""Which processes this machine runs, on which loopback ports, and where its database is."""

from dataclasses import dataclass
from pathlib import Path

from solstice.kit.postgres import LocalPostgres

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class MachineSettings:
    """The processes of `solstice up`."""

    server_count: int = 2
    server_port: int = 8101
    """The first server's; the next ones follow."""
    media_port: int = 8201
    worker_port: int = 8301
    steering_port: int = 8401
    postgres_port: int = 5433


def local_postgres(settings: MachineSettings, *, state_dir: Path) -> LocalPostgres:
    """Return the embedded database of this state directory."""
    return LocalPostgres(data_dir=state_dir / "postgres", port=settings.postgres_port)
