"""The one command line.  Each command imports only what it needs, so that all start fast.

Exit codes: 0 done, 1 a bug, 2 something the operator must mend (one sentence, one remedy).
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from solstice.kit.remedies import OPERATOR_EXIT_CODE, OperatorError

if TYPE_CHECKING:
    from solstice.settings import Settings
    from solstice.up import Plan

COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command."""
    chosen = _parser().parse_args(arguments)
    run, _ = COMMANDS[chosen.command]
    try:
        run(chosen)
    except OperatorError as error:
        print(f"solstice: {error.sentence}\n  remedy: {error.remedy}", file=sys.stderr)
        raise SystemExit(OPERATOR_EXIT_CODE) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="solstice", description="The self-hosted short-video platform that does not go dark."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name in {"serve", "media", "work"}:
            command.add_argument("--port", type=int, help="the loopback port to answer on")
            command.add_argument("--host", default="127.0.0.1")
        if name == "admin":
            command.add_argument("arguments", nargs=argparse.REMAINDER)
        if name == "demo":
            command.add_argument("--url", help="the instance; the one of `make up` by default")
            command.add_argument("--clips", type=int, help="publish only so many clips")
    return parser


def up(_chosen: argparse.Namespace) -> None:
    """Run everything on this machine in the foreground."""
    from solstice.up import run_up

    run_up(_plan())


def down(_chosen: argparse.Namespace) -> None:
    """Stop what runs from this state directory, leftovers of a crash included."""
    from solstice.kit.machine import local_postgres
    from solstice.up import run_down

    plan = _plan()
    postgres = local_postgres(plan.machine, state_dir=plan.state_dir)
    ended = run_down(plan.state_dir, postgres=postgres)
    print(f"ended: {', '.join(ended)}" if ended else "stopped")


def serve(chosen: argparse.Namespace) -> None:
    """Run one server process: the API and the pages."""
    from solstice.app import build_app
    from solstice.kit.logs import set_up_logs
    from solstice.kit.serving import serve_app

    settings = _settings()
    port = chosen.port or 8101
    set_up_logs(process=f"server-{port}", level=settings.log_level)
    serve_app(
        build_app(settings), host=chosen.host, port=port, setting="SOLSTICE_MACHINE_SERVER_PORT"
    )


def media(chosen: argparse.Namespace) -> None:
    """Run the process that serves the bytes of videos and pictures."""
    from solstice.kit.configuration import BadConfiguration, read_feature
    from solstice.kit.logs import set_up_logs
    from solstice.kit.objects import Objects, ObjectSettings
    from solstice.kit.serving import serve_app
    from solstice.media import AT_ONCE, PATIENCE_S, build_media_app

    try:
        settings = read_feature("OBJECTS", ObjectSettings, os.environ)
    except BadConfiguration as error:
        raise _bad_settings(error) from error
    set_up_logs(process="media", level=os.environ.get("SOLSTICE_LOG_LEVEL", "info"))
    serve_app(
        build_media_app(Objects(settings, directory=_state_dir() / "objects")),
        host=chosen.host,
        port=chosen.port or 8201,
        setting="SOLSTICE_MACHINE_MEDIA_PORT",
        at_once=AT_ONCE,
        patience_s=PATIENCE_S,
    )


def work(chosen: argparse.Namespace) -> None:
    """Run one worker: video processing, counting, cleaning."""
    import uvloop

    from solstice.kit.logs import set_up_logs
    from solstice.kit.ports import require_free_address
    from solstice.kit.serving import serve_until_stopped, stop_event
    from solstice.work import Worker

    settings, port = _settings(), chosen.port or 8301
    set_up_logs(process="worker", level=settings.log_level)
    require_free_address(chosen.host, port, setting="SOLSTICE_MACHINE_WORKER_PORT")

    async def run() -> None:
        worker, until = Worker(settings), stop_event()
        health = serve_until_stopped(worker.health_app(), host=chosen.host, port=port, until=until)
        await asyncio.gather(worker.run(until), health)

    uvloop.run(run())


def edge(_chosen: argparse.Namespace) -> None:
    """Publish the edge's configuration and become the edge."""
    from solstice.doctor import require_able_machine
    from solstice.edge.publish import envoy_command, publish
    from solstice.up import require_topology

    plan = _plan()
    require_able_machine(plan.state_dir)
    publish(require_topology(plan), directory=plan.edge_dir)
    command = envoy_command(worker_count=plan.edge.worker_count)
    os.chdir(plan.edge_dir)
    os.execv(command[0], command)  # noqa: S606  the wheel's own program


def publish(_chosen: argparse.Namespace) -> None:
    """Give the running edge the present settings; taken back if it makes anything worse."""
    from solstice.edge.rollout import roll_out
    from solstice.edge.topology import BadTopology
    from solstice.up import require_topology

    plan = _plan()
    try:
        roll_out([(require_topology(plan), plan.edge_dir)])
    except BadTopology as error:
        raise OperatorError(
            f"The edge keeps its last good configuration: {error}.",
            remedy="Correct the SOLSTICE_EDGE_… settings, or what stands behind the edge.",
        ) from error
    print("published")


def steer(_chosen: argparse.Namespace) -> None:
    """Look after the edge: steer what it lets through, undo accidents in its files."""
    from solstice.edge.steer import run_steering
    from solstice.kit.logs import set_up_logs

    plan = _plan()
    set_up_logs(process="steering")
    run_steering(plan.edge_dir, metrics_port=plan.machine.steering_port)


def migrate(_chosen: argparse.Namespace) -> None:
    """Bring the database up to date."""
    from solstice.kit.database import DatabaseSettings
    from solstice.kit.migrations import migrate as apply

    for name in apply(_settings().of(DatabaseSettings).dsn):
        print(f"applied {name}")


def demo(chosen: argparse.Namespace) -> None:
    """Fill a young instance with a living community."""
    from solstice.demo import run_demo
    from solstice.up import require_topology

    plan = _plan()
    url = chosen.url or require_topology(plan).url
    run_demo(url, state_dir=plan.state_dir, clips_max=chosen.clips)


def admin(chosen: argparse.Namespace) -> None:
    """Make administrators, look after stuck videos, hide what must be hidden."""
    from solstice.admin import main as run_admin

    run_admin(_settings(), chosen.arguments)


def doctor(_chosen: argparse.Namespace) -> None:
    """Say whether this machine can run Solstice, and what is in the way."""
    from solstice.doctor import examine_machine
    from solstice.settings import changed_settings
    from solstice.up import require_free_ports, require_topology

    plan = _plan()
    problems = []
    for finding in examine_machine(plan.state_dir):
        print(f"{'✗' if finding.problem else '✓'} {finding.question}: {finding.answer}")
        problems += [finding.problem] if finding.problem else []
    for name, value in changed_settings(_settings()).items():
        print(f"  {name}={value}")
    if problems:
        raise problems[0]
    require_free_ports(plan, require_topology(plan))
    print("✓ ports: free")


def _settings() -> "Settings":
    """Read every setting; the database is the embedded one unless a DSN was given."""
    from solstice.kit.database import DatabaseSettings
    from solstice.kit.machine import MachineSettings, local_postgres
    from solstice.settings import BadConfiguration, read_settings

    try:
        settings = read_settings()
    except BadConfiguration as error:
        raise _bad_settings(error) from error
    database = settings.of(DatabaseSettings)
    if database.dsn:
        return settings
    local = local_postgres(settings.of(MachineSettings), state_dir=settings.state_dir)
    features = {**settings.features, DatabaseSettings: replace(database, dsn=local.dsn)}
    return replace(settings, features=features)


def _plan() -> "Plan":
    """Read the supervisor's own settings, without importing any feature."""
    from solstice.edge.settings import EdgeSettings
    from solstice.kit.configuration import BadConfiguration, read_feature
    from solstice.kit.machine import MachineSettings
    from solstice.up import Plan, explicit_environment

    state_dir = _state_dir()
    try:
        return Plan(
            state_dir=state_dir,
            machine=read_feature("MACHINE", MachineSettings, os.environ),
            edge=read_feature("EDGE", EdgeSettings, os.environ),
            dsn=os.environ.get("SOLSTICE_DATABASE_DSN", ""),
            environment=explicit_environment(os.environ, state_dir=state_dir),
        )
    except BadConfiguration as error:
        raise _bad_settings(error) from error


def _state_dir() -> Path:
    return Path(os.environ.get("SOLSTICE_STATE_DIR", "var")).absolute()


def _bad_settings(error: Exception) -> OperatorError:
    return OperatorError(
        f"A setting is not usable: {error}.",
        remedy="Correct or remove that environment variable.",
    )


COMMANDS.update(
    {
        run.__name__: (run, (run.__doc__ or "").strip().splitlines()[0])
        for run in (
            *(up, down, serve, media, work, edge, publish, steer),
            *(migrate, demo, admin, doctor),
        )
    }
)

if __name__ == "__main__":
    main()
