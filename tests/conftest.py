"""What every test may ask for: a real database, the served application, the cast."""

import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from solstice.app import build_app
from solstice.kit.asgi import App
from solstice.kit.database import Connection
from solstice.kit.migrations import migrate
from solstice.kit.postgres import LocalPostgres
from solstice.settings import Settings, read_settings
from tests.cast import PASSWORD, Member, Person, insert_live_video, insert_member
from tests.served import browser, serving

# Properties are tried with the same examples in every run, so that a change is refused for what
# it does and not by chance; `--hypothesis-profile=search` looks for new ones, many more of them
# (docs/decisions/0092).  Neither judges by the clock: one example of 0.03 ms took 288 ms when
# the machine had other things to do.
hypothesis_settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "search",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("steady")


def free_port() -> int:
    """Find a port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """A real PostgreSQL for this run, thrown away afterwards, hence without fsync."""
    server = LocalPostgres(
        data_dir=tmp_path_factory.mktemp("pg") / "data", port=free_port(), durable=False
    )
    server.prepare()
    process = server.start()
    server.wait_ready()
    yield server
    server.stop()
    process.wait(30)


@pytest.fixture(scope="session")
def dsn(postgres: LocalPostgres) -> str:
    """The database of this run, with every migration applied."""
    migrate(postgres.dsn)
    return postgres.dsn


@pytest.fixture
async def conn(dsn: str) -> AsyncIterator[Connection]:
    """A transaction that is rolled back after the test."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        yield connection
        await connection.rollback()


@pytest.fixture
async def ada(conn: Connection) -> Member:
    """A creator."""
    return await insert_member(conn, "ada")


@pytest.fixture
async def bo(conn: Connection) -> Member:
    """A viewer."""
    return await insert_member(conn, "bo")


@pytest.fixture
async def mallory(conn: Connection) -> Member:
    """Up to no good."""
    return await insert_member(conn, "mallory")


@pytest.fixture
async def clip(conn: Connection, ada: Member) -> UUID:
    """A live, public video of ada's."""
    return await insert_live_video(conn, ada)


@pytest.fixture(scope="session")
def settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the served application: the defaults, except where it lives."""
    return read_settings(
        {
            "SOLSTICE_STATE_DIR": str(tmp_path_factory.mktemp("state")),
            "SOLSTICE_DATABASE_DSN": dsn,
            "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
            # A test signs dozens of people up from one address; nothing secret is hashed here.
            "SOLSTICE_ACCOUNTS_PASSWORD_MEMORY_KIB": "64",
            "SOLSTICE_ACCOUNTS_PASSWORD_TIME_COST": "1",
            # Clients run on the server's own loop here: what they do would count as its lag.
            "SOLSTICE_ADMISSION_DELAY_TARGET_MS": "5000",
            "SOLSTICE_ACCOUNTS_SIGN_UPS_PER_NETWORK_MAX": "100000",
        }
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[App]:
    """The served application, whole, no layer left out."""
    async with serving(build_app(settings)) as running:
        yield running


@pytest.fixture
async def anonymous(app: App) -> AsyncIterator[Person]:
    """Somebody without an account."""
    async with browser(app) as client:
        yield Person(UUID(int=0), "", client)


SignUp = Callable[[str], Awaitable[Person]]
_NUMBERS = itertools.count(1)


@pytest.fixture
async def sign_up(app: App) -> AsyncIterator[SignUp]:
    """Sign somebody up over HTTP; each gets a browser of their own."""
    clients = []

    async def sign_up(name: str) -> Person:
        client = browser(app)
        clients.append(client)
        full_name = f"{name}{next(_NUMBERS)}"
        answer = await client.post("/v1/accounts", json={"name": full_name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return Person(UUID(answer.json()["id"]), full_name, client)

    yield sign_up
    for client in clients:
        await client.aclose()


@pytest.fixture
def state_dir(settings: Settings) -> Path:
    """Where the served application keeps its files."""
    return settings.state_dir
