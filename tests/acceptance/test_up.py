"""`make up`: everything from one command, and it comes up again whatever was done to it."""

import os
import random
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from solstice.drills.faults import spin
from solstice.kit.liveness import STARVED_S
from solstice.kit.postgres import LocalPostgres
from tests.acceptance.instance import Instance, until
from tests.edge.certificates import make_certificate

pytestmark = pytest.mark.acceptance

NAMES = ("server-1", "server-2", "media", "worker", "steering", "edge", "postgres")
ACCOUNT = {"name": "ada", "password": "correct horse battery"}
AGAIN_S_MAX = 40.0


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One instance for this file; tests leave it up or down as they like."""
    instance = Instance(tmp_path_factory.mktemp("up") / "var")
    yield instance
    instance.end()
    assert instance.pids() == []


@pytest.fixture
def up(instance: Instance) -> Instance:
    """The instance, up."""
    if instance.supervisor is None or instance.supervisor.poll() is not None:
        instance.start_and_wait()
    return instance


def log_in(instance: Instance) -> int:
    return httpx.post(f"{instance.url}/v1/sessions", json=ACCOUNT, timeout=15).status_code


def test_one_command_brings_everything_up_and_says_where(up: Instance) -> None:
    """An operator sees the address, how to become administrator, and where the logs are."""
    printed = up.printed()
    assert f"http://localhost:{up.port}" in printed
    assert "solstice admin make NAME" in printed
    assert str(up.state_dir / "logs") in printed
    assert httpx.get(up.url, headers={"accept": "text/html"}).status_code == 200
    for name in NAMES:
        assert up.pids(name), name


def test_the_environment_of_children_is_explicit(up: Instance) -> None:
    """What the operator's shell happens to hold does not leak into the processes."""
    for name in ("server-1", "media", "worker", "edge"):
        environment = Path(f"/proc/{up.pids(name)[0]}/environ").read_bytes().split(b"\0")
        names = {entry.split(b"=", 1)[0].decode() for entry in environment if entry}
        allowed = {"PATH", "HOME", "LANG", "TMPDIR", "TZ", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX"}
        allowed |= {"SUPERVISED_BY_SOLSTICE", "SSL_CERT_FILE", "SSL_CERT_DIR"}
        assert {n for n in names if not n.startswith("SOLSTICE_")} <= allowed


def test_a_second_up_on_the_same_directory_is_refused(up: Instance) -> None:
    """Two supervisors of one database would be the end of it."""
    refused = up.run("up")
    assert refused.returncode == 2
    assert "already runs from" in refused.stderr
    assert "remedy: " in refused.stderr
    assert up.answers()


def test_ctrl_c_ends_everything_and_the_next_start_finds_the_data(up: Instance) -> None:
    """No process is left, no data is lost."""
    created = httpx.post(f"{up.url}/v1/accounts", json=ACCOUNT, timeout=15)
    assert created.status_code == 201, created.text
    assert up.stop() == 0
    assert up.pids() == []
    up.start_and_wait()
    assert log_in(up) == 201


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_comes_back_by_itself(up: Instance, name: str) -> None:
    """Nobody has to do anything, and the viewer gets answers again."""
    pid = up.kill(name)
    assert pid
    until(
        lambda: bool(set(up.pids(name)) - {pid}) and up.answers(),
        within_s=AGAIN_S_MAX,
        explain=up.explain,
    )


@pytest.mark.parametrize("name", ["edge", "server-1", "media", "worker"])
def test_a_hung_process_is_replaced_by_itself(up: Instance, name: str) -> None:
    """It runs, it takes connections and answers nothing: no restart on crash would see that."""
    (pid,) = up.pids(name)
    os.kill(pid, signal.SIGSTOP)
    until(
        lambda: bool(set(up.pids(name)) - {pid}) and pid not in up.pids(name) and up.answers(),
        within_s=AGAIN_S_MAX,
        explain=up.explain,
    )
    assert f"{name} has not answered for" in up.printed()


def test_an_edge_that_runs_in_circles_is_replaced_like_one_that_hangs(up: Instance) -> None:
    """Though its threads keep each other waiting, it is not spared as one that was starved."""
    (pid,) = up.pids("edge")
    spin(pid)
    until(
        lambda: bool(set(up.pids("edge")) - {pid}) and pid not in up.pids("edge") and up.answers(),
        within_s=STARVED_S,
        explain=up.explain,
    )


def test_a_killed_supervisor_leaves_viewers_served_and_the_next_one_takes_over(
    up: Instance,
) -> None:
    """The platform does not go dark with its supervisor, and nothing of the old run remains."""
    old = set(up.pids())
    up.kill("supervisor")
    assert up.answers()
    up.start_and_wait()
    assert not old & set(up.pids())
    assert "ended what an earlier start left behind" in up.printed()
    assert log_in(up) == 201


def test_down_ends_what_a_killed_supervisor_left(up: Instance) -> None:
    """One command cleans up when nobody wants to start again."""
    up.kill("supervisor")
    assert up.pids()
    assert up.run("down").returncode == 0
    assert up.pids() == []


def test_down_stops_a_running_instance(up: Instance) -> None:
    """From another terminal, as cleanly as Ctrl-C."""
    assert up.run("down").returncode == 0
    assert up.supervisor is not None
    assert up.supervisor.wait(timeout=10) == 0
    assert up.pids() == []


def test_started_and_killed_at_any_moment_ten_times_it_comes_up_again(instance: Instance) -> None:
    """SIGKILL of the supervisor or any process, at random moments of starting and running."""
    if instance.supervisor and instance.supervisor.poll() is None:
        instance.stop()
    seed = int(os.environ.get("SEED", time.time()))
    chance = random.Random(seed)  # noqa: S311  reproducible chaos, no secret
    told = []
    for _ in range(10):
        instance.start()
        for _ in range(chance.randint(0, 2)):
            time.sleep(chance.uniform(0, 2.5))
            name = chance.choice(NAMES)
            told.append((name, instance.kill(name)))
        time.sleep(chance.uniform(0, 2.5))
        instance.kill("supervisor")
    story = f"SEED={seed} {told}"
    instance.start_and_wait()
    until(instance.answers, within_s=AGAIN_S_MAX, explain=lambda: story + instance.explain())
    assert log_in(instance) == 201, story
    assert instance.stop() == 0, story
    assert instance.pids() == [], story


def test_a_taken_port_is_named_with_its_setting(instance: Instance) -> None:
    """One sentence, one remedy, exit code 2, and nothing was started."""
    if instance.supervisor and instance.supervisor.poll() is None:
        instance.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", instance.port))
        taken.listen()
        refused = instance.run("up")
    assert refused.returncode == 2
    assert f"Port {instance.port} on 127.0.0.1 is already taken." in refused.stderr
    assert "SOLSTICE_EDGE_PORT" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    assert instance.pids() == []


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("SOLSTICE_STATE_DIR", "/sys/solstice", "SOLSTICE_STATE_DIR"),
        ("SOLSTICE_EDGE_PORT", "eighty", "SOLSTICE_EDGE_PORT='eighty'"),
        ("SOLSTICE_EDGE_ADDRESS", "everywhere", "not an IP address"),
        ("SOLSTICE_EDGE_CERTIFICATE_FILE", "/nowhere.pem", "/nowhere.pem"),
        ("SOLSTICE_EGDE_PORT", "8080", "SOLSTICE_EGDE_PORT"),
        ("SOLSTICE_DATABASE_DSN", "host=127.0.0.1 port=1 connect_timeout=1", "database"),
    ],
)
def test_what_cannot_work_is_one_sentence_and_a_remedy(
    tmp_path: Path, setting: str, value: str, words: str
) -> None:
    """A newcomer reads what is wrong and what to do, not a traceback."""
    broken = Instance(tmp_path / "var", **{setting: value})
    refused = broken.run("up")
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "remedy: " in refused.stderr
    assert "Traceback" not in refused.stderr
    broken.end()


def test_an_operators_own_database_is_used_and_none_is_started(
    tmp_path: Path, postgres: LocalPostgres
) -> None:
    """Bring your own PostgreSQL by its DSN."""
    with psycopg.connect(postgres.dsn, autocommit=True) as conn:
        conn.execute("CREATE DATABASE brought")
    dsn = postgres.dsn.replace("dbname=solstice", "dbname=brought")
    instance = Instance(tmp_path / "var", SOLSTICE_DATABASE_DSN=dsn)
    try:
        instance.start_and_wait()
        assert instance.answers()
        assert not (instance.state_dir / "postgres").exists()
        assert instance.stop() == 0
        assert instance.pids() == []
    finally:
        instance.end()


def test_with_certificate_files_it_serves_https_under_its_public_name(tmp_path: Path) -> None:
    """The same command, two files and a name: a public instance."""
    tls = make_certificate(tmp_path, name="video.example")
    instance = Instance(
        tmp_path / "var",
        SOLSTICE_EDGE_PUBLIC_NAME="video.example",
        SOLSTICE_EDGE_CERTIFICATE_FILE=str(tls.certificate),
        SOLSTICE_EDGE_KEY_FILE=str(tls.key),
    )
    try:
        instance.start_and_wait()
        assert f"https://video.example:{instance.https_port}" in instance.printed()
        trust = ssl.create_default_context(cafile=tls.certificate)
        answer = httpx.get(
            f"https://127.0.0.1:{instance.https_port}/v1/limits",
            headers={"host": "video.example"},
            verify=trust,
        )
        assert answer.status_code == 200
        assert instance.stop() == 0
    finally:
        instance.end()
