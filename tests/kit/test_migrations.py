"""Migrations are applied once, in order, whole, by one process at a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from solstice.kit.ids import new_id
from solstice.kit.migrations import MigrationChanged, migrate


@pytest.fixture
def empty_database(dsn: str) -> str:
    """A database of its own on the same server."""
    name = f"migrating_{new_id().hex}"
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    return psycopg.conninfo.make_conninfo(dsn, dbname=name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations that depend on their order."""
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE things (id int);")
    (tmp_path / "0002_second.sql").write_text("ALTER TABLE things ADD COLUMN name text;")
    return tmp_path


def test_each_is_applied_once(empty_database: str, folder: Path) -> None:
    """A second start changes nothing."""
    assert migrate(empty_database, folder=folder)[-2:] == ["0001_first.sql", "0002_second.sql"]
    assert migrate(empty_database, folder=folder) == []


def test_four_processes_at_once_apply_them_once(empty_database: str, folder: Path) -> None:
    """Servers may start together; one migrates while the others wait."""
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(migrate(empty_database, folder=folder)), range(4)))
    assert sorted(counts) == [0, 0, 0, 3]


def test_a_broken_migration_leaves_nothing_behind(empty_database: str, folder: Path) -> None:
    """It can be mended and applied again."""
    broken = folder / "0003_broken.sql"
    broken.write_text("CREATE TABLE more (id int); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database, folder=folder)
    broken.write_text("CREATE TABLE more (id int);")
    assert migrate(empty_database, folder=folder)[-1] == "0003_broken.sql"


def test_an_edited_migration_is_noticed(empty_database: str, folder: Path) -> None:
    """What ran on one machine must be what runs on the next."""
    migrate(empty_database, folder=folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE things (id bigint);")
    with pytest.raises(MigrationChanged, match="0001_first"):
        migrate(empty_database, folder=folder)
