"""`solstice up`: one data center on one machine, in the foreground, from one command.

Order of starting: database, migrations, then servers, media, worker and edge together.
Order of stopping: the edge drains first, then what stands behind it, the database last.

This process imports no feature and no web framework: a supervisor that needs 100 MB,
or that breaks with the product, would not be worth its name.  It reads its own settings;
`solstice migrate`, its first child, reads all of them and reports what is wrong.

When it is killed, its children go on serving.  The next `up` takes the lock, ends what
carries this state directory's mark, and starts anew (decision 0002).
"""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from solstice.doctor import require_able_machine
from solstice.edge.admin import drain, is_serving
from solstice.edge.publish import envoy_command, publish
from solstice.edge.settings import EdgeSettings
from solstice.edge.topology import BadTopology, EdgeTopology, Endpoint, TlsFiles
from solstice.kit.leftovers import MARK, end_leftovers, render_mark
from solstice.kit.logfiles import LogFile
from solstice.kit.machine import LOOPBACK, MachineSettings, local_postgres
from solstice.kit.ports import require_free_address
from solstice.kit.postgres import LocalPostgres
from solstice.kit.processes import Happening, Keeper, ProcessSpec
from solstice.kit.remedies import OPERATOR_EXIT_CODE, OperatorError, explain_os_error

# A few seconds on an idle machine, but 45 were seen on one with seven times the work it can do.
READY_S_MAX = 150.0
MIGRATION_TRIES = 5
MIGRATION_TIMEOUT_S = 600.0
DOWN_PATIENCE_S = 45.0
TICK_S = 1.0
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
PASSED_ON_PREFIXES = ("SOLSTICE_", "AWS_")
STOP_AT_ONCE = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What this machine will run."""

    state_dir: Path
    machine: MachineSettings
    edge: EdgeSettings
    dsn: str
    """The operator's own database; empty for the embedded one."""
    environment: Mapping[str, str] = field(repr=False)

    @property
    def logs_dir(self) -> Path:
        """Where each process's log is."""
        return self.state_dir / "logs"

    @property
    def edge_dir(self) -> Path:
        """Where the edge's configuration is."""
        return self.state_dir / "edge"

    @property
    def postgres(self) -> LocalPostgres | None:
        """The embedded database, unless the operator brought one."""
        return None if self.dsn else local_postgres(self.machine, state_dir=self.state_dir)

    @property
    def topology(self) -> EdgeTopology:
        """What the edge connects.  Errors: BadTopology."""
        edge, machine = self.edge, self.machine
        ports = range(machine.server_port, machine.server_port + machine.server_count)
        has_tls = edge.certificate_file or edge.key_file
        files = (Path(edge.certificate_file).absolute(), Path(edge.key_file).absolute())
        return EdgeTopology(
            servers=tuple(Endpoint(host=LOOPBACK, port=port) for port in ports),
            media=(Endpoint(host=LOOPBACK, port=machine.media_port),),
            address=edge.address,
            port=edge.port,
            https_port=edge.https_port,
            public_name=edge.public_name,
            tls=TlsFiles(certificate=files[0], key=files[1]) if has_tls else None,
            metrics_port=edge.metrics_port,
            worker_count=edge.worker_count,
            trusted_proxy_hops=edge.trusted_proxy_hops,
            body_bytes_max=edge.body_bytes_max,
        )


def run_up(plan: Plan) -> None:
    """Bring everything up and keep it up until SIGINT, SIGTERM or SIGHUP.

    Errors: OperatorError for whatever the operator has to mend.
    """
    started = time.monotonic()
    require_able_machine(plan.state_dir)
    console = Console(highlight=False)
    with hold_lock(plan.state_dir):
        topology = require_topology(plan)
        if ended := end_leftovers(state_dir=plan.state_dir):
            console.print(f"[yellow]ended what an earlier start left behind: {', '.join(ended)}")
        if plan.postgres and plan.postgres.data_dir.exists():
            plan.postgres.end_leftovers()
        require_free_ports(plan, topology)
        try:
            publish(topology, directory=plan.edge_dir)
        except OSError as error:
            raise explain_os_error(error, path=plan.edge_dir) from error
        except BadTopology as error:
            raise _bad_edge(error) from error
        asyncio.run(Supervision(plan, console=console, started=started).run())


def run_down(state_dir: Path, *, postgres: LocalPostgres) -> list[str]:
    """Stop a running `up` of this state directory, or end what a killed one left behind.

    Errors: OperatorError when the supervisor does not end in time.
    """
    if (pid := _find_lock_holder(state_dir)) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + DOWN_PATIENCE_S
        while _find_lock_holder(state_dir) is not None:
            if time.monotonic() > deadline:
                raise OperatorError(
                    f"Process {pid} does not stop.",
                    remedy=f"End it with `kill -9 {pid}` and run `solstice down` again.",
                )
            time.sleep(0.05)
    ended = end_leftovers(state_dir=state_dir)
    if postgres.data_dir.exists() and postgres.list_pids():
        postgres.stop()
        ended.append("postgres")
    return ended


@contextmanager
def hold_lock(state_dir: Path) -> Iterator[None]:
    """Be the only supervisor of this state directory; the kernel lets go when we die.

    Errors: OperatorError when another one is at work.
    """
    with (state_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip()
            raise OperatorError(
                f"Solstice already runs from {state_dir} (process {holder}).",
                remedy="Use that one, stop it with `solstice down`, or set SOLSTICE_STATE_DIR.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_topology(plan: Plan) -> EdgeTopology:
    """Errors: OperatorError when the edge's settings make no sense."""
    try:
        return plan.topology
    except BadTopology as error:
        raise _bad_edge(error) from error


def require_free_ports(plan: Plan, topology: EdgeTopology) -> None:
    """Errors: OperatorError naming the first port that is taken and its setting."""
    require_free_address(topology.address, topology.port, setting="SOLSTICE_EDGE_PORT")
    if topology.tls:
        require_free_address(
            topology.address, topology.https_port, setting="SOLSTICE_EDGE_HTTPS_PORT"
        )
    require_free_address(LOOPBACK, topology.metrics_port, setting="SOLSTICE_EDGE_METRICS_PORT")
    for endpoint in topology.servers:
        require_free_address(endpoint.host, endpoint.port, setting="SOLSTICE_MACHINE_SERVER_PORT")
    machine = plan.machine
    require_free_address(LOOPBACK, machine.media_port, setting="SOLSTICE_MACHINE_MEDIA_PORT")
    require_free_address(LOOPBACK, machine.worker_port, setting="SOLSTICE_MACHINE_WORKER_PORT")
    if plan.postgres:
        plan.postgres.require_free_port()


class Supervision:
    """One run of `up`: the keepers of all processes, and what the operator sees of them."""

    def __init__(self, plan: Plan, *, console: Console, started: float) -> None:
        self.plan = plan
        self.console = console
        self.started = started
        self.keepers: list[Keeper] = []
        self.states: dict[str, str] = {}
        self._stop = asyncio.Event()
        self._is_up = False

    async def run(self) -> None:
        """Start everything, tell where it is, wait for the end, stop everything."""
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(signal_number, self._on_signal)
        ticking = asyncio.create_task(self._tick())
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                self._announce()
                await stopping
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            stopping.cancel()
            await self._stop_all()
            ticking.cancel()
            self._write_states()

    async def _start(self) -> None:
        plan, dsn = self.plan, self.plan.dsn
        if plan.postgres:
            # Making a cluster takes seconds, in which Ctrl-C must still be heard.
            spec = await asyncio.to_thread(postgres_spec, plan.postgres)
            await self._begin(spec).wait_ready()
            dsn = plan.postgres.dsn
        environment = {**plan.environment, "SOLSTICE_DATABASE_DSN": dsn}
        await self._migrate(environment)
        keepers = [self._begin(spec) for spec in serving_specs(plan, environment=environment)]
        async with asyncio.TaskGroup() as group:
            for keeper in keepers:
                group.create_task(keeper.wait_ready())

    def _begin(self, spec: ProcessSpec) -> Keeper:
        keeper = Keeper(
            spec,
            state_dir=self.plan.state_dir,
            logs_dir=self.plan.logs_dir,
            report=self._report,
        )
        self.keepers.append(keeper)
        keeper.begin()
        return keeper

    async def _migrate(self, environment: Mapping[str, str]) -> None:
        """Apply migrations in a child; a database that restarts meanwhile is waited for."""
        mark = render_mark(state_dir=self.plan.state_dir, name="migrate")
        for attempt in range(1, MIGRATION_TRIES + 1):
            process = await asyncio.create_subprocess_exec(
                *solstice_command("migrate"),
                env={**environment, MARK: mark},
                cwd=self.plan.state_dir,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            _, errors = await asyncio.wait_for(process.communicate(), MIGRATION_TIMEOUT_S)
            if process.returncode == 0:
                return
            if process.returncode == OPERATOR_EXIT_CODE:
                raise _passed_on(errors.decode(errors="replace"))
            if attempt < MIGRATION_TRIES:
                await asyncio.sleep(0.3 * attempt)
        words = errors.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise OperatorError(
            f"The database could not be brought up to date: {words[-1]}",
            remedy=f"See {self.plan.logs_dir / 'postgres.log'}, or the database of your DSN.",
        )

    async def _stop_all(self) -> None:
        """Stop in the reverse order of starting; those in the middle all at once."""
        with contextlib.suppress(BrokenPipeError):
            if self.keepers:
                self.console.print("[dim]stopping …")
        by_name = {keeper.spec.name: keeper for keeper in self.keepers}
        edge, postgres = by_name.pop("edge", None), by_name.pop("postgres", None)
        if edge:
            await edge.stop()
        await asyncio.gather(*(keeper.stop() for keeper in by_name.values()))
        if postgres:
            await postgres.stop()

    def _on_signal(self) -> None:
        if self._stop.is_set():
            for keeper in self.keepers:
                keeper.hurry()
        self._stop.set()

    def _report(self, happening: Happening) -> None:
        self.states[happening.name] = happening.kind
        self._write_states()
        match happening.kind:
            case "ready" if not self._is_up:
                since_s = time.monotonic() - self.started
                self._say(f"[green]✓[/] {happening.name} [dim]{since_s:.1f} s")
            case "ready":
                self._say(f"[green]✓[/] {happening.name} [dim]is back")
            case "ended":
                self._say(f"[red]{happening.name}[/] {escape(happening.detail)}")
            case _:
                pass

    def _announce(self) -> None:
        self._is_up = True
        plan, url = self.plan, self.plan.topology.url
        since_s = time.monotonic() - self.started
        self._say(f"\n[bold]Solstice is up[/] after {since_s:.1f} s: [bold cyan]{url}[/]\n")
        self._say("  first administrator  sign up there, then `solstice admin make NAME`")
        self._say("  a living community   `make demo`")
        self._say(f"  logs                 {plan.logs_dir}")
        self._say("  stop                 Ctrl-C\n")

    async def _tick(self) -> None:
        """Once a second: bound the log files and show the operator what is wrong."""
        files: dict[str, LogFile] = {}
        while True:
            for keeper in self.keepers:
                name = keeper.spec.name
                file = files.setdefault(name, LogFile(keeper.log_path))
                for line in await asyncio.to_thread(file.read_warnings):
                    # What processes say about being stopped is no news while we stop them.
                    if not self._stop.is_set():
                        self._say(f"[yellow]{name}[/] [dim]{escape(line)}")
                await asyncio.to_thread(file.rotate)
            await asyncio.sleep(TICK_S)

    def _say(self, text: str) -> None:
        # A terminal that went away is no reason to take the platform down.
        with contextlib.suppress(OSError):
            self.console.print(text, soft_wrap=True)

    def _write_states(self) -> None:
        """Leave word for the operations page; a full disk only makes it older."""
        path = self.plan.state_dir / "processes.json"
        rows = [
            {
                "name": keeper.spec.name,
                "state": self.states.get(keeper.spec.name, "starting"),
                "pid": keeper.pid,
                "started_at": keeper.started_at,
                "restart_count": keeper.restart_count,
            }
            for keeper in self.keepers
        ]
        with contextlib.suppress(OSError):
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps({"at": time.time(), "processes": rows}))
            fresh.replace(path)


def postgres_spec(postgres: LocalPostgres) -> ProcessSpec:
    """Describe the embedded database as a process to keep."""
    account = postgres.account

    def before_start() -> None:
        postgres.prepare()
        postgres.end_leftovers()

    before_start()
    return ProcessSpec(
        name="postgres",
        command=postgres.command(),
        environment=postgres.environment,
        cwd=postgres.data_dir,
        uid=account.uid if account else None,
        gid=account.gid if account else None,
        is_ready=postgres.is_ready,
        before_start=before_start,
        stop_steps=STOP_AT_ONCE,
    )


def serving_specs(plan: Plan, *, environment: Mapping[str, str]) -> list[ProcessSpec]:
    """Describe everything that stands between the viewers and the database."""
    machine = plan.machine
    specs = [
        _python_spec(plan, f"server-{index + 1}", ["serve", "--port", str(port)], port, environment)
        for index, port in enumerate(
            range(machine.server_port, machine.server_port + machine.server_count)
        )
    ]
    port = machine.media_port
    specs.append(_python_spec(plan, "media", ["media", "--port", str(port)], port, environment))
    port = machine.worker_port
    specs.append(_python_spec(plan, "worker", ["work", "--port", str(port)], port, environment))
    return [*specs, _edge_spec(plan)]


def _python_spec(
    plan: Plan, name: str, arguments: list[str], port: int, environment: Mapping[str, str]
) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        command=solstice_command(*arguments),
        environment=environment,
        cwd=plan.state_dir,
        is_ready=answers_ready(port),
        ready_timeout_s=READY_S_MAX,
    )


def _edge_spec(plan: Plan) -> ProcessSpec:
    directory = plan.edge_dir
    return ProcessSpec(
        name="edge",
        command=envoy_command(worker_count=plan.edge.worker_count),
        environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        cwd=directory,
        detached=True,
        is_ready=lambda: is_serving(directory),
        ready_timeout_s=READY_S_MAX,
        drain=lambda: drain(directory),
        stop_steps=((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)),
    )


def solstice_command(*arguments: str) -> list[str]:
    """Return the command line of one of our own processes; `-P`: never import from the cwd."""
    return [sys.executable, "-P", "-m", "solstice", *arguments]


def answers_ready(port: int) -> Callable[[], bool]:
    """Make the question whether the process on this port calls itself ready."""

    def ask() -> bool:
        connection = HTTPConnection(LOOPBACK, port, timeout=1.0)
        try:
            connection.request("GET", "/healthz/ready")
            return connection.getresponse().status == 200  # noqa: PLR2004  HTTP's own number
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return ask


def explicit_environment(given: Mapping[str, str], *, state_dir: Path) -> dict[str, str]:
    """Choose what children inherit: our settings and the few names the system needs."""
    chosen = {
        name: value
        for name, value in given.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }
    return {
        "LANG": "C.UTF-8",
        **chosen,
        "SOLSTICE_STATE_DIR": str(state_dir),
        "PYTHONUNBUFFERED": "1",
        # glibc's many arenas would keep freed memory: 2 save about 15 MB per process.
        "MALLOC_ARENA_MAX": "2",
    }


def _find_lock_holder(state_dir: Path) -> int | None:
    try:
        with (state_dir / "up.lock").open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read().strip())
    except (OSError, ValueError):
        return None
    return None


def _passed_on(words: str) -> OperatorError:
    """Say what our own child has found in its two lines."""
    sentence, _, remedy = words.strip().partition("\n")
    return OperatorError(
        sentence.removeprefix("solstice: "), remedy=remedy.strip().removeprefix("remedy: ")
    )


def _bad_edge(error: BadTopology) -> OperatorError:
    return OperatorError(
        f"The edge's settings are not usable: {error}.",
        remedy="Correct the SOLSTICE_EDGE_… settings (`solstice doctor` shows them).",
    )
