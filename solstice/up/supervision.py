"""Start everything in order, keep it, tell the operator, stop it in the reverse order.

Order of starting: database, migrations, then servers, media, worker and edge together.
Order of stopping: the edge drains first, then what stands behind it, the database last.
"""

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from solstice.kit.leftovers import MARK, render_mark
from solstice.kit.logfiles import LogFile
from solstice.kit.processes import Happening, Keeper, ProcessSpec
from solstice.kit.remedies import OPERATOR_EXIT_CODE, OperatorError
from solstice.up.plan import Plan
from solstice.up.roster import (
    edge_spec,
    postgres_spec,
    server_specs,
    solstice_command,
    supporting_specs,
)
from solstice.up.watch import watch

MIGRATION_TRIES = 5
MIGRATION_TIMEOUT_S = 600.0
TICK_S = 1.0


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
        ticking, watching = asyncio.create_task(self._tick()), None
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                self._announce()
                watching = asyncio.create_task(watch(self.keepers))
                await stopping
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            stopping.cancel()
            # Whoever is stopped falls silent.
            if watching:
                watching.cancel()
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
        servers = [self._begin(spec) for spec in server_specs(plan, environment=environment)]
        others = [self._begin(spec) for spec in supporting_specs(plan, environment=environment)]
        async with asyncio.TaskGroup() as group:
            for keeper in others:
                group.create_task(keeper.wait_ready())
            waiting = [group.create_task(keeper.wait_ready()) for keeper in servers]
            # An edge that finds nobody listening ejects both servers for the first visitor's
            # impatience, and half the machine is idle for the next 5 to 15 s.
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            group.create_task(self._begin(edge_spec(plan)).wait_ready())

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
            async with asyncio.timeout(MIGRATION_TIMEOUT_S):
                _, errors = await process.communicate()
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
            case "silent" | "ended":
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
                files.setdefault(keeper.spec.name, LogFile(keeper.log_path))
            # One thread for all: this happens every second for ever.
            for name, line in await asyncio.to_thread(_look_after, dict(files)):
                # What processes say about being stopped is no news while we stop them.
                if not self._stop.is_set():
                    self._say(f"[yellow]{name}[/] [dim]{escape(line)}")
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


def _look_after(files: Mapping[str, LogFile]) -> list[tuple[str, str]]:
    """Read what is new and worth a warning, and cut what has become long."""
    found = []
    for name, file in files.items():
        found += [(name, line) for line in file.read_warnings()]
        file.rotate()
    return found


def _passed_on(words: str) -> OperatorError:
    """Say what our own child has found in its two lines."""
    sentence, _, remedy = words.strip().partition("\n")
    return OperatorError(
        sentence.removeprefix("solstice: "), remedy=remedy.strip().removeprefix("remedy: ")
    )
