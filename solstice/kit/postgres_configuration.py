"""What the embedded PostgreSQL is told: its settings, and who may come in.

Both files are written anew at every start, so that a release can change them; the operator's own
settings are read from a file beside them, last, and win.
"""

from collections.abc import Mapping

OPERATOR_FILE = "operator.conf"

SETTINGS = {
    "max_connections": "60",
    "superuser_reserved_connections": "3",
    # 64 MB: idle memory is part of the promise; the kernel's page cache does the rest.
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "temp_file_limit": "2GB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # Compiling a plan costs more than any of our statements runs.
    "jit": "off",
    # No helper processes for reads: 3 processes less, and one machine's reads are cached.
    "io_method": "sync",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "30s",
    "wal_level": "replica",
    "wal_compression": "pglz",
    "min_wal_size": "80MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "10min",
    "password_encryption": "scram-sha-256",
    # The password is 256 random bits: iterations would only slow connecting down.
    "scram_iterations": "1",
    "idle_in_transaction_session_timeout": "60s",
    # A viewer who left must not keep a query running.
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_duration_statement": "1s",
    "log_checkpoints": "off",
    # Parameters may be people's words: they never enter a log.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "cluster_name": "solstice",
}

THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "log_min_duration_statement": "-1",
}

ACCESS_RULES = """\
# Written by Solstice at every start.  The socket lives in the data directory, which only
# PostgreSQL's own user (and root) may enter; whoever comes over TCP knows the password.
local all         all               trust
host  all         all 127.0.0.1/32  scram-sha-256
host  replication all 127.0.0.1/32  scram-sha-256
"""


def render_settings(
    *, port: int, addresses: str, socket_dir: str, durable: bool, extra: Mapping[str, str]
) -> str:
    """Render postgresql.conf; `extra` outdoes our settings, the operator's file outdoes both."""
    settings = {
        **SETTINGS,
        "port": str(port),
        "listen_addresses": addresses,
        "unix_socket_directories": socket_dir,
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        **({} if durable else THROWAWAY_SETTINGS),
        **extra,
    }
    lines = [
        f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()
    ]
    head = f"# Written by Solstice at every start; put your own settings into {OPERATOR_FILE}."
    tail = f"include_if_exists = '{OPERATOR_FILE}'"
    return "\n".join([head, *lines, tail, ""])
