"""`solstice admin`: what operators do from the command line, with the features' own behaviours.

Who can run this can read the database anyway, so nobody is asked for a password; what is done
goes to the log.  Each command is one transaction; done twice it changes nothing and says so.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from rich.console import Console
from rich.table import Table

from solstice.accounts import moderation
from solstice.accounts.errors import AccountNotFound
from solstice.accounts.viewer import Role
from solstice.kit.database import Connection, DatabaseUnavailable
from solstice.kit.remedies import OperatorError
from solstice.kit.resources import Resources
from solstice.resources import build_resources
from solstice.settings import Settings
from solstice.videos import hide_video, list_stuck, redrive_video, show_video

Command = Callable[[Connection, Resources, argparse.Namespace], Awaitable[None]]

OUT = Console(highlight=False, soft_wrap=True)
log = structlog.get_logger()


def main(settings: Settings, arguments: list[str]) -> None:
    """Run one command.

    Errors: OperatorError with the remedy when the database or the named thing is not there.
    """
    chosen = parser().parse_args(arguments)
    asyncio.run(_run(settings, chosen.run, chosen))


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    root = argparse.ArgumentParser(prog="solstice admin", description="Operate this instance.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    command = _adder(commands)
    make = command("make", make_member, "give somebody a role", "name")
    make.add_argument("--role", choices=("administrator", "moderator"), default="administrator")
    command("unmake", unmake_member, "take somebody's role away", "name")
    command("staff", show_staff, "show who holds a role")
    command("stuck", show_stuck, "show videos that wait too long or were given up")
    command("redrive", redrive, "put a stuck video back in line, or `all` of them", "video")
    command("hide-video", hide_one_video, "show a video to nobody but its creator", "video")
    command("show-video", show_one_video, "show a hidden video again", "video")
    command("hide-account", hide_one_account, "show an account to nobody but its owner", "name")
    command("show-account", show_one_account, "show a hidden account again", "name")
    return root


def _adder(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> Callable[..., argparse.ArgumentParser]:
    def add(name: str, run: Command, summary: str, *wanted: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        for argument in wanted:
            command.add_argument(argument, metavar=argument.upper())
        command.set_defaults(run=run, command=name)
        return command

    return add


async def _run(settings: Settings, run: Command, chosen: argparse.Namespace) -> None:
    resources = build_resources(settings)
    await resources.database.open()
    try:
        async with resources.database.transaction() as conn:
            await run(conn, resources, chosen)
    except DatabaseUnavailable as error:
        raise OperatorError(
            "The database cannot be reached.",
            remedy="Start it with `solstice up`, or set SOLSTICE_DATABASE_DSN to a running one.",
        ) from error
    except AccountNotFound as error:
        raise OperatorError(
            f"There is no account called {chosen.name!r}.",
            remedy="Names are shown on profiles after the @; sign up first if it is your own.",
        ) from error
    finally:
        await resources.database.close()


async def make_member(conn: Connection, resources: Resources, chosen: argparse.Namespace) -> None:
    """Make somebody a moderator or an administrator."""
    await _give_role(conn, resources, chosen, chosen.role)
    OUT.print(f"{chosen.name} is {chosen.role} now; every server knows within a second.")


async def unmake_member(conn: Connection, resources: Resources, chosen: argparse.Namespace) -> None:
    """Make somebody a viewer again."""
    await _give_role(conn, resources, chosen, "viewer")
    OUT.print(f"{chosen.name} holds no role any more; every server knows within a second.")


async def show_staff(conn: Connection, _resources: Resources, _: argparse.Namespace) -> None:
    """Show who holds a role."""
    table = _table("name", "role", "since", title="Who holds a role")
    for member in await moderation.list_staff(conn):
        table.add_row(member.name, member.role, f"{member.since:%Y-%m-%d %H:%M}")
    _print_or_say(table, "Nobody holds a role yet: `solstice admin make NAME`.")


async def show_stuck(conn: Connection, _resources: Resources, _: argparse.Namespace) -> None:
    """Show videos that wait too long or were given up after failures."""
    table = _table("video", "state", "attempts", "waiting", "why", title="Stuck videos")
    for video in await list_stuck(conn):
        table.add_row(
            str(video.id),
            video.state,
            str(video.attempts),
            f"{video.waiting_s / 60:.0f} min",
            video.refusal_code or "",
        )
    _print_or_say(table, "No video is stuck.")


async def redrive(conn: Connection, _resources: Resources, chosen: argparse.Namespace) -> None:
    """Put one stuck video back in line, or all of them."""
    if chosen.video == "all":
        wanted = [video.id for video in await list_stuck(conn)]
    else:
        wanted = [_video_id(chosen)]
    redriven = [video_id for video_id in wanted if await redrive_video(conn, video_id)]
    if not redriven and chosen.video != "all":
        raise _no_such_video(chosen)
    log.warning("admin.redriven", video_ids=[str(video_id) for video_id in redriven])
    OUT.print(f"{len(redriven)} back in line, with all attempts.")


async def hide_one_video(
    conn: Connection, _resources: Resources, chosen: argparse.Namespace
) -> None:
    """Show a video to nobody but its creator."""
    changed = await hide_video(conn, _video_id(chosen))
    _tell(chosen, changed=changed, done=f"{chosen.video} is hidden.")


async def show_one_video(
    conn: Connection, _resources: Resources, chosen: argparse.Namespace
) -> None:
    """Show a hidden video again."""
    changed = await show_video(conn, _video_id(chosen))
    _tell(chosen, changed=changed, done=f"{chosen.video} is shown again.")


async def hide_one_account(
    conn: Connection, resources: Resources, chosen: argparse.Namespace
) -> None:
    """Show an account to nobody but its owner."""
    account_id = await moderation.require_account_id(conn, name=chosen.name)
    changed = await moderation.hide_account(conn, account_id=account_id, at=resources.clock())
    _tell(chosen, changed=changed, done=f"{chosen.name} is hidden.")


async def show_one_account(
    conn: Connection, resources: Resources, chosen: argparse.Namespace
) -> None:
    """Show a hidden account again."""
    account_id = await moderation.require_account_id(conn, name=chosen.name)
    changed = await moderation.show_account(conn, account_id=account_id, at=resources.clock())
    _tell(chosen, changed=changed, done=f"{chosen.name} is shown again.")


async def _give_role(
    conn: Connection, resources: Resources, chosen: argparse.Namespace, role: Role
) -> None:
    chosen.name = chosen.name.removeprefix("@")
    await moderation.give_role(conn, name=chosen.name, role=role, at=resources.clock())
    log.warning("admin.role_given", name=chosen.name, role=role)


def _video_id(chosen: argparse.Namespace) -> UUID:
    """Read a video's id, also out of its address."""
    try:
        return UUID(chosen.video.rstrip("/").rpartition("/")[2])
    except ValueError as error:
        raise _no_such_video(chosen) from error


def _no_such_video(chosen: argparse.Namespace) -> OperatorError:
    return OperatorError(
        f"There is no video {chosen.video!r} to do this with.",
        remedy="Give the id at the end of its address /v/…; `solstice admin stuck` lists some.",
    )


def _tell(chosen: argparse.Namespace, *, changed: bool, done: str) -> None:
    if not changed:
        OUT.print("Nothing to do: it is so already, or it is not there.")
        return
    log.warning("admin.done", command=chosen.command, subject=done.partition(" ")[0])
    OUT.print(done)


def _table(*columns: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        # The first is what one copies into the next command: it is never cut.
        table.add_column(column, no_wrap=number == 0, overflow="fold")
    return table


def _print_or_say(table: Table, nothing: str) -> None:
    OUT.print(table if table.row_count else nothing)
