"""The embedded PostgreSQL: made in one step, healed after any kill, clear about what it refuses."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from solstice.kit.postgres import LocalPostgres, explain_last_words
from solstice.kit.remedies import OperatorError

START_S_MAX = 10.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """One throwaway cluster for this file; each test leaves it stopped or running as it likes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = tmp_path_factory.mktemp("postgres") / "data"
    # Commits reach the file, as in a real cluster; only the disk's own cache is not waited for.
    settings = {"synchronous_commit": "on"}
    local = LocalPostgres(data_dir=place, port=port, durable=False, extra_settings=settings)
    local.prepare()
    yield local
    local.stop()


@pytest.fixture
def running(cluster: LocalPostgres) -> Iterator[LocalPostgres]:
    """The same cluster, serving."""
    process = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    yield cluster
    cluster.stop()
    process.wait(timeout=10)


def run(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, connect_timeout=5) as conn:
        conn.execute(statement.encode())


def ask(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn, connect_timeout=5) as conn:
        row = conn.execute(statement.encode()).fetchone()
        return row[0] if row else None


def test_clients_reach_it_over_the_socket_without_a_password(running: LocalPostgres) -> None:
    """Local processes need no secret: the socket's directory already keeps strangers out."""
    assert ask(running.socket_dsn, "SELECT current_user || '@' || current_database()") == (
        "solstice@solstice"
    )
    assert running.data_dir.stat().st_mode & 0o077 == 0


def test_tcp_takes_the_password_and_nothing_else(running: LocalPostgres) -> None:
    """Another user of this machine can reach the port, but not get in."""
    assert ask(running.tcp_dsn, "SELECT 1") == 1
    wrong = running.tcp_dsn.rsplit("password=", 1)[0] + "password=guessed"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(wrong, "SELECT 1")


def test_a_state_directory_with_a_long_path_is_served_over_tcp(tmp_path: Path) -> None:
    """A socket path ends at 107 bytes; a deep checkout must work all the same."""
    deep = LocalPostgres(data_dir=tmp_path / ("d" * 120), port=1)
    deep.data_dir.mkdir()
    (deep.data_dir / "solstice.password").write_text("secret\n")
    assert "host=127.0.0.1" in deep.dsn
    assert "password=secret" in deep.dsn


def test_it_never_runs_as_root(running: LocalPostgres) -> None:
    """PostgreSQL refuses root; as root we give it a user of its own, otherwise it is us."""
    status = Path(f"/proc/{running.list_pids()[0]}/status").read_text()
    uid = int(status.split("Uid:", 1)[1].split()[0])
    assert uid != 0
    assert uid == running.data_dir.stat().st_uid
    if os.geteuid() != 0:
        assert uid == os.geteuid()


def test_it_works_below_a_directory_its_user_cannot_enter(running: LocalPostgres) -> None:
    """Root's home is closed to the database's user, and stays closed."""
    assert running.data_dir.parent.stat().st_mode & 0o007 == 0
    assert ask(running.dsn, "SHOW data_directory") == "/proc/self/cwd"


def test_a_sigkill_loses_nothing_and_the_next_start_heals(cluster: LocalPostgres) -> None:
    """The stale pid file and the old server's children are in nobody's way."""
    process = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    run(cluster.dsn, "CREATE TABLE kept AS SELECT 42 AS value")
    process.kill()
    process.wait(timeout=10)
    assert not cluster.is_ready()
    assert (cluster.data_dir / "postmaster.pid").exists()

    again = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    assert ask(cluster.dsn, "SELECT value FROM kept") == 42
    cluster.stop()
    again.wait(timeout=10)


def test_a_stale_pid_that_now_belongs_to_a_stranger_does_not_block(cluster: LocalPostgres) -> None:
    """After a reboot the number in the pid file may be any program of the same user."""
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        (cluster.data_dir / "postmaster.pid").write_text(f"{stranger.pid}\n/x\n1\n1\n\n\n\nready\n")
        assert not cluster.is_ready()
        process = cluster.start()
        cluster.wait_ready(timeout_s=START_S_MAX)
        assert stranger.poll() is None
        cluster.stop()
        process.wait(timeout=10)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_left_running_is_ended_by_the_next_start(cluster: LocalPostgres) -> None:
    """A killed supervisor leaves a healthy server; the next one takes its place."""
    first = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    second = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    assert first.wait(timeout=10) == 0
    assert second.pid in cluster.list_pids()
    cluster.stop()
    second.wait(timeout=10)


def test_stopping_a_stopped_server_is_no_error(cluster: LocalPostgres) -> None:
    """Whoever cleans up need not know what is left."""
    cluster.stop()
    assert cluster.list_pids() == []


def test_a_kill_in_the_middle_of_making_it_leaves_nothing_that_looks_finished(
    tmp_path: Path,
) -> None:
    """What an interrupted initdb left is thrown away; the data directory appears complete."""
    half = tmp_path / ".data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    local = LocalPostgres(data_dir=tmp_path / "data", port=1, tcp_address=None, durable=False)
    local.prepare()
    assert not half.exists()
    assert (local.data_dir / "global" / "pg_control").exists()
    before = (local.data_dir / "solstice.password").read_text()
    local.prepare()
    assert (local.data_dir / "solstice.password").read_text() == before


def test_a_directory_of_somebody_elses_files_is_refused(tmp_path: Path) -> None:
    """We never overwrite what we did not make."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OperatorError, match="not a PostgreSQL database"):
        LocalPostgres(data_dir=tmp_path).prepare()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_database_of_another_major_version_is_refused(tmp_path: Path) -> None:
    """An upgrade is a decision, not an accident at start."""
    (tmp_path / "PG_VERSION").write_text("15\n")
    with pytest.raises(OperatorError, match="made by PostgreSQL 15"):
        LocalPostgres(data_dir=tmp_path).prepare()


def test_a_place_that_cannot_be_written_is_named_with_a_remedy() -> None:
    """/sys refuses even root."""
    with pytest.raises(OperatorError, match="SOLSTICE_STATE_DIR"):
        LocalPostgres(data_dir=Path("/sys/solstice/data")).prepare()


def test_a_taken_port_is_named_before_anything_starts(cluster: LocalPostgres) -> None:
    """The sentence says which port and which setting."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", cluster.port))
        taken.listen()
        with pytest.raises(OperatorError, match=f"Port {cluster.port}"):
            cluster.start()
    assert cluster.list_pids() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ('FATAL: could not write to file "x": No space left on device', "is full"),
        ("initdb: error: could not create directory: Read-only file system", "read-only"),
        ("could not change permissions: Permission denied", "may not be written"),
        ("LOG: starting\nFATAL: something new\n", "something new"),
    ],
)
def test_its_last_words_become_a_sentence(words: str, sentence: str) -> None:
    """The operator reads a cause and a remedy, not a log."""
    explained = explain_last_words(words, data_dir=Path("/srv/solstice/postgres"))
    assert sentence in explained.sentence
    assert explained.remedy


@pytest.mark.slow
def test_a_hanging_backend_does_not_outlive_its_server(cluster: LocalPostgres) -> None:
    """A backend stopped in its tracks is ended too before the next server starts."""
    process = cluster.start()
    cluster.wait_ready(timeout_s=START_S_MAX)
    with psycopg.connect(cluster.dsn) as conn:
        backend = conn.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        process.kill()
        process.wait(timeout=10)
        deadline = time.monotonic() + 10
        while cluster.list_pids() != [backend] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert cluster.list_pids() == [backend]
        LocalPostgres(data_dir=cluster.data_dir, port=cluster.port).stop(timeout_s=0.2)
        assert cluster.list_pids() == []
