"""Posters: the still a video shows before it plays, its thumbnail, and a blur to start with.

    at_s   = await find_best_moment(rendition, probe)           where the picture is worth showing
    poster = await extract_poster(source, probe, at_s=at_s, out_dir=…)

One run writes all three: `poster.jpg` (short side 720, JPEG because link previews of messengers
take nothing else for certain), `thumbnail.webp` (short side 360) and the placeholder, a WebP of
at most 16 pixels a side.  The placeholder travels inside the feed's JSON as a data URI of some
150 characters: the browser draws it at once, smoothly enlarged, without a request and without a
script to decode it (docs/decisions/0024).
"""

import asyncio
import base64
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from solstice.kit.confinement import Confinement
from solstice.kit.sandbox import run_program
from solstice.videos import ffmpeg
from solstice.videos.ladder import Rung, decide_rung
from solstice.videos.probe import Probe, Reason, Refused
from solstice.videos.rendering_settings import MIB, RenderingLimits

POSTER_SIDE = 720
THUMBNAIL_SIDE = 360
PLACEHOLDER_LONG_SIDE = 16
_DEADLINE_S = 60.0
_SCORED_SIDE = 32
_SCORED_COUNT = 12
_LATEST_SHARE = 0.7
_END_SLACK_S = 0.05
_FIRST_S = 1.0
_FIRST_LATER_S_MAX = 2.0


@dataclass(frozen=True, kw_only=True)
class Poster:
    """One poster and what belongs to it."""

    path: Path
    thumbnail_path: Path
    width: int
    height: int
    placeholder: str
    """A data URI, small enough to be inlined."""


def decide_first_moment(probe: Probe) -> float:
    """Choose the moment of the first cover: a second into the clip, or the keyframe after it.

    Decoding begins at keyframes: thirty pictures of full HD before the one wanted are 0.4 s of a
    core, while everybody waits.
    """
    wanted_s = min(_FIRST_S, probe.duration_s / 3)
    for keyframe_s in probe.keyframes_s:
        if wanted_s <= keyframe_s <= wanted_s + _FIRST_LATER_S_MAX:
            return math.ceil(keyframe_s * 1000) / 1000  # never just before it
    return wanted_s


def decide_candidate_moments(duration_s: float, count: int = 8) -> list[float]:
    """Spread moments evenly for a person to choose a poster from; growing, inside the clip."""
    return [round(duration_s * (index + 0.5) / count, 3) for index in range(count)]


async def extract_poster(source: Path, probe: Probe, *, at_s: float, out_dir: Path) -> Poster:
    """Write poster and thumbnail into `out_dir`, of the picture shown at `at_s`.

    A moment past the end means the last picture.  Works on an original as on a rendition.
    Errors: Refused when there is no picture to be had.
    """
    large = decide_rung(probe, POSTER_SIDE)
    small = decide_rung(probe, THUMBNAIL_SIDE)
    moment = min(max(0.0, at_s), max(0.0, probe.duration_s - _END_SLACK_S))
    names = ("poster.jpg", "thumbnail.webp", "placeholder.webp")
    with tempfile.TemporaryDirectory(prefix=".poster-", dir=out_dir) as name:
        work = Path(name)
        made = [work / name for name in names]
        for start_s in (moment, 0.0):  # past the last picture there is none: take the first
            command = ffmpeg.render_stills(
                probe, source, at_s=start_s, sizes=_sizes(large, small), targets=made
            )
            log = await _run(command, source, probe, work)
            if await asyncio.to_thread(_are_written, made):
                break
        else:
            raise Refused(Reason.UNREADABLE, detail=log)
        placeholder = await asyncio.to_thread(made[2].read_bytes)
        for path in made[:2]:
            await asyncio.to_thread(path.replace, out_dir / path.name)
    return Poster(
        path=out_dir / names[0],
        thumbnail_path=out_dir / names[1],
        width=large.width,
        height=large.height,
        placeholder=f"data:image/webp;base64,{base64.b64encode(placeholder).decode()}",
    )


async def find_best_moment(source: Path, probe: Probe) -> float:
    """Find the moment with the richest picture, so that no poster is a black first frame.

    Looks at a dozen moments of the first two thirds: endings give stories away.
    """
    step_s = max(probe.duration_s * _LATEST_SHARE / _SCORED_COUNT, 0.001)
    size = f"{_SCORED_SIDE}:{_SCORED_SIDE}"
    with tempfile.TemporaryDirectory(prefix="solstice-moments-") as name:
        work = Path(name)
        target = work / "moments.gray"
        command = ffmpeg.render_moments(
            probe, source, step_s=step_s, size=size, count=_SCORED_COUNT, target=target
        )
        await _run(command, source, probe, work)
        pictures = await asyncio.to_thread(_read_if_there, target)
    area = _SCORED_SIDE**2
    scores = [
        _score(pictures[start : start + area]) for start in range(0, len(pictures) - area + 1, area)
    ]
    if not scores:
        return 0.0
    return round(max(range(len(scores)), key=scores.__getitem__) * step_s, 3)


def _absolute(path: Path) -> str:
    return str(path.absolute())


def _are_written(paths: Sequence[Path]) -> bool:
    return all(path.exists() and path.stat().st_size > 0 for path in paths)


def _read_if_there(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _score(picture: bytes) -> float:
    """Rate by contrast: a uniform picture, black or white, tells nothing."""
    mean = sum(picture) / len(picture)
    return sum((value - mean) ** 2 for value in picture) / len(picture)


def _sizes(large: Rung, small: Rung) -> list[tuple[int, int]]:
    shrink = PLACEHOLDER_LONG_SIDE / max(small.width, small.height)
    tiny = (max(1, round(small.width * shrink)), max(1, round(small.height * shrink)))
    return [(large.width, large.height), (small.width, small.height), tiny]


async def _run(command: list[str], source: Path, probe: Probe, work: Path) -> str:
    finished = await run_program(
        command,
        confinement=Confinement(
            readable=(_absolute(source),),
            writable=(_absolute(work),),
            memory_bytes=RenderingLimits().memory_bytes_for(probe.frame_bytes),
            cpu_s=int(_DEADLINE_S * 2),
            file_bytes=32 * MIB,
        ),
        deadline_s=_DEADLINE_S,
    )
    return finished.log[-1000:]
