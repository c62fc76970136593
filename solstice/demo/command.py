"""`solstice demo`: render, sign up, publish and bring to life, with progress all the way.

Clips are rendered by processes of their own, as many as there are cores, while finished ones are
already uploaded: the first clip can be watched after some seconds.  A run that was interrupted
is run again; nothing is added twice.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from solstice.demo import crowd
from solstice.demo.clips import RenderFailed, render_clip
from solstice.demo.crowd import Member, Showing
from solstice.demo.ledger import Ledger, open_ledger
from solstice.demo.people import AUDIENCE, CREATORS, Persona, Post
from solstice.demo.site import Refused, Site
from solstice.demo.uploads import upload_clip
from solstice.kit.remedies import OperatorError, explain_os_error

LIVE_S_MAX = 900.0
"""A clip is live about a second after its last byte; on a busy machine the worker has a line."""
ASK_AGAIN_S = 0.25
RENDERERS_MAX = 8


def run_demo(url: str, *, state_dir: Path, clips_max: int | None = None) -> None:
    """Fill the instance at `url`; passwords and rendered clips are kept in `state_dir`.

    Errors: `OperatorError` when the instance is not there or the disk is full.
    """
    console = Console(file=sys.stderr)
    with closing(Site(url)) as site:
        site.require_running()
        try:
            ledger = open_ledger(state_dir, [persona.name for persona in (*CREATORS, *AUDIENCE)])
            with _progress(console) as progress:
                showings = _filled(site, ledger, progress, state_dir / "demo", clips_max)
        except OSError as error:
            raise explain_os_error(error, path=state_dir) from error
        except Refused as refusal:
            raise OperatorError(
                f"The instance refused a part of the demo ({refusal}).",
                remedy="Look at its log; then run this again: it goes on where it stopped.",
            ) from refusal
    _say_how_to_look(console, url, ledger, clip_count=len(showings))


def _filled(
    site: Site, ledger: Ledger, progress: Progress, directory: Path, clips_max: int | None
) -> list[Showing]:
    """Let people in, publish their posts, let the crowd loose; returns what is live."""
    members = _joined(site, ledger, [*CREATORS, *AUDIENCE], progress)
    uploaded = _uploaded(
        site, ledger, members, progress, posts=_interleaved(CREATORS)[:clips_max], within=directory
    )
    everybody = list(members.values())
    task = progress.add_task("People meet", total=len(everybody))
    for _ in crowd.meet(site, everybody, list(CREATORS)):
        progress.advance(task)
    showings = []
    for showing in _live(site, uploaded, members, progress):
        crowd.applaud(site, everybody, showing)
        crowd.talk(site, ledger, everybody, showing)
        showings.append(showing)
    # Last, since a server's memory learns of a clip a second after it is live, and what is
    # watched before that is not counted.
    task = progress.add_task("People watch", total=len(showings))
    for showing in showings:
        crowd.watch(site, ledger, everybody, showing)
        progress.advance(task)
    return showings


def _say_how_to_look(console: Console, url: str, ledger: Ledger, *, clip_count: int) -> None:
    guest = CREATORS[0].name
    console.print(f"\n[bold]{clip_count} clips by {len(CREATORS)} creators are live:[/] {url}")
    console.print(
        f"Log in as [bold]{guest}[/], password [bold]{ledger.passwords[guest]}[/]", highlight=False
    )
    console.print(f"Everybody's passwords: {ledger.path}", highlight=False)


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _joined(
    site: Site, ledger: Ledger, people: list[Persona], progress: Progress
) -> dict[str, Member]:
    """Let everybody in; Shape: by name, in the order of the table."""
    task = progress.add_task("People arrive", total=len(people))
    members = {}
    for number, persona in enumerate(people):
        place = (number % len(CREATORS)) / len(CREATORS)
        members[persona.name] = crowd.join(site, ledger, persona, place=place)
        progress.advance(task)
    return members


def _interleaved(creators: tuple[Persona, ...]) -> list[tuple[Persona, Post]]:
    """List all posts, everybody's first one first: so even a short demo has every creator."""
    longest = max(len(creator.posts) for creator in creators)
    return [
        (creator, creator.posts[turn])
        for turn in range(longest)
        for creator in creators
        if turn < len(creator.posts)
    ]


def _uploaded(
    site: Site,
    ledger: Ledger,
    members: dict[str, Member],
    progress: Progress,
    *,
    posts: list[tuple[Persona, Post]],
    within: Path,
) -> list[tuple[Persona, Post, str]]:
    """Render and upload every post; Shape: with its video's id, in the order of readiness."""
    task = progress.add_task("Clips are drawn", total=len(posts))
    uploaded: list[tuple[Persona, Post, str]] = []
    for creator, post, clip in _rendered(posts, within):
        video_id = upload_clip(
            site,
            token=members[creator.name].token,
            clip=clip,
            caption=post.caption,
            key=ledger.key("video", post.order.scene, str(post.order.seed)),
        )
        progress.advance(task)
        if video_id is not None:
            uploaded.append((creator, post, video_id))
    return uploaded


def _rendered(
    posts: list[tuple[Persona, Post]], directory: Path
) -> Iterator[tuple[Persona, Post, Path]]:
    """Render on all cores, yielding each clip as it is ready.

    Errors: `OperatorError` when ffmpeg refuses, `OSError` when the disk does.
    """
    cores = len(os.sched_getaffinity(0))
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(cores, RENDERERS_MAX), mp_context=fresh) as renderers:
        drawn: dict[Future[Path], tuple[Persona, Post]] = {
            renderers.submit(render_clip, post.order, directory): (creator, post)
            for creator, post in posts
        }
        try:
            for done in as_completed(drawn):
                yield (*drawn[done], done.result())
        except RenderFailed as error:
            raise OperatorError(
                f"A clip could not be rendered: {error}", remedy="Run `solstice doctor`."
            ) from error
        finally:
            renderers.shutdown(wait=False, cancel_futures=True)


def _live(
    site: Site,
    uploaded: list[tuple[Persona, Post, str]],
    members: dict[str, Member],
    progress: Progress,
) -> Iterator[Showing]:
    """Yield each video when it is shown to everybody; leaves out what is not in time or hidden."""
    task = progress.add_task("Clips come alive", total=len(uploaded))
    deadline = time.monotonic() + LIVE_S_MAX
    for creator, post, video_id in uploaded:
        duration_ms = _duration_ms(site, video_id)
        while duration_ms is None and time.monotonic() < deadline:
            time.sleep(ASK_AGAIN_S)
            duration_ms = _duration_ms(site, video_id)
        if duration_ms is not None:
            yield Showing(
                post=post,
                creator=creator,
                video_id=video_id,
                duration_ms=duration_ms,
                place=members[creator.name].place,
            )
        progress.advance(task)


def _duration_ms(site: Site, video_id: str) -> int | None:
    """Ask for a video as a stranger would; None while it is not shown to strangers."""
    try:
        return int(site.call("GET", f"/v1/videos/{video_id}").json()["item"]["duration_ms"])
    except Refused as refusal:
        if refusal.status in crowd.GONE:
            return None
        raise
