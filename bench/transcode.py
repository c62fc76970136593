"""How long a clip takes to become playable, and what its renditions cost, beside plain ffmpeg.

    python -m bench.transcode [--short] [--rounds 3] [--seconds 30] [--cache DIR]

The clip is 1080x1920 at 30 fps, noisy, about 14 Mbit/s, in two shapes that phones write: upright
(H.264 and AAC that may be copied) and lying on its side with a rotation tag (which may not).
Ours is everything from the last byte on: probing, the sandbox, encoding, measuring the result.
The yardstick is one bare ffmpeg command with the same encoder settings.  Both run by turns.
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.asking import parse
from bench.table import Figure, print_figures
from solstice.videos.ffmpeg import CRF, PRESET, find_program
from solstice.videos.ladder import Ladder, Rung, decide_ladder
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import VideoLimits
from solstice.videos.renditions import render_ladder

_LOOP_S = 5


@dataclass
class Rounds:
    """What was measured, one number a round."""

    reference_wall_s: list[float] = field(default_factory=list)
    reference_cpu_s: list[float] = field(default_factory=list)
    first_wall_s: list[float] = field(default_factory=list)
    ladder_cpu_s: list[float] = field(default_factory=list)
    ladder_wall_s: list[float] = field(default_factory=list)


def make_clip(folder: Path, *, seconds: int, is_rotated: bool) -> Path:
    """Make the clip once; a few seconds of noise are encoded and then repeated."""
    target = folder / f"noisy-{seconds}s{'-rotated' if is_rotated else ''}.mp4"
    if target.exists():
        return target
    size = "1920x1080" if is_rotated else "1080x1920"
    piece = folder / f"piece-{size}.mp4"
    _ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={_LOOP_S},noise=alls=14:allf=t"),
        *("-f", "lavfi", "-i", f"sine=f=440:d={_LOOP_S},aformat=channel_layouts=stereo"),
        *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "14M", "-maxrate", "18M"),
        *("-bufsize", "28M", "-g", "60", "-pix_fmt", "yuv420p", "-c:a", "aac", piece),
    )
    turned = ("-display_rotation", "90") if is_rotated else ()
    loops = str(seconds // _LOOP_S - 1)
    _ffmpeg(*turned, "-stream_loop", loops, "-i", piece, "-c", "copy", "-t", str(seconds), target)
    return target


def _ffmpeg(*arguments: object) -> None:
    command = [find_program(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def _reference(clip: Path, rungs: Sequence[Rung], copied: Rung | None, folder: Path) -> list[str]:
    """One decoding, one split, the same sizes, rates and presets; a copied one is copied."""
    pads = "".join(f"[s{index}]" for index in range(len(rungs)))
    graph = [f"[0:v]split={len(rungs)}{pads}"]
    graph += [
        f"[s{index}]scale={rung.width}:{rung.height}[v{index}]" for index, rung in enumerate(rungs)
    ]
    words: list[str] = ["-i", str(clip), "-filter_complex", ";".join(graph)]
    for index, rung in enumerate(rungs):
        words += ["-map", f"[v{index}]", "-map", "0:a", "-c:v", "libx264", "-preset", PRESET]
        words += ["-crf", str(CRF), "-maxrate", str(rung.rate_bps_max)]
        words += ["-bufsize", str(2 * rung.rate_bps_max), "-profile:v", "high", "-g", "60"]
        words += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
        words += ["-movflags", "+faststart", str(folder / f"reference-{rung.short_side}.mp4")]
    if copied is not None:
        words += ["-map", "0:v", "-map", "0:a", "-c", "copy", "-movflags", "+faststart"]
        words += [str(folder / "reference-copy.mp4")]
    return words


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime


async def _measure(clip: Path, *, rounds: int) -> tuple[Rounds, Ladder]:
    measured = Rounds()
    probe = await probe_video(clip, limits=VideoLimits())
    ladder = decide_ladder(probe)
    first = ladder.remuxed or ladder.encoded[0]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="solstice-bench-") as name:
            folder = Path(name)
            began = time.perf_counter()
            alone = [] if ladder.remuxed is not None else [first]
            if alone:
                _ffmpeg(*_reference(clip, alone, None, folder))
            else:
                _ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", folder / "copy.mp4")
            measured.reference_wall_s.append(time.perf_counter() - began)
            await _measure_ours(clip, folder, measured)
            used = _cpu_s()
            _ffmpeg(*_reference(clip, ladder.encoded, ladder.remuxed, folder))
            measured.reference_cpu_s.append(_cpu_s() - used)
    return measured, ladder


async def _measure_ours(clip: Path, folder: Path, measured: Rounds) -> None:
    used, began = _cpu_s(), time.perf_counter()
    probe = await probe_video(clip, limits=VideoLimits())
    is_first = True
    async for _ in render_ladder(clip, probe, decide_ladder(probe), folder):
        if is_first:
            measured.first_wall_s.append(time.perf_counter() - began)
            is_first = False
    measured.ladder_cpu_s.append(_cpu_s() - used)
    measured.ladder_wall_s.append(time.perf_counter() - began)


def _report(shape: str, ladder: Ladder, measured: Rounds) -> list[Figure]:
    first = statistics.median(measured.first_wall_s)
    alone = statistics.median(measured.reference_wall_s)
    cpu, bare = (
        statistics.median(measured.ladder_cpu_s),
        statistics.median(measured.reference_cpu_s),
    )
    is_copied = ladder.remuxed is not None
    sizes = "/".join(str(rung.short_side) for rung in ladder.rungs)
    return [
        Figure(
            name=f"{shape}: last byte to first playable",
            target="<= 1.5 s" if is_copied else "<= 1.15 x ffmpeg",
            measured=f"{first:.2f} s",
            met=first <= 1.5 if is_copied else first <= 1.15 * alone,
            yardstick=f"ffmpeg alone {alone:.2f} s",
            ratio=first / alone,
        ),
        Figure(
            name=f"{shape}: whole ladder {sizes}, CPU",
            target="<= 1.10 x ffmpeg",
            measured=f"{cpu:.1f} s",
            met=cpu <= 1.10 * bare,
            yardstick=f"one decode and a split {bare:.1f} s",
            ratio=cpu / bare,
        ),
        Figure(
            name=f"{shape}: whole ladder, wall",
            target="-",
            measured=f"{statistics.median(measured.ladder_wall_s):.1f} s",
            met=None,
        ),
    ]


async def measure(*, rounds: int, seconds: int, cache: Path) -> list[Figure]:
    """Measure both shapes of the clip."""
    figures: list[Figure] = []
    for shape, is_rotated in (("copied", False), ("encoded", True)):
        clip = make_clip(cache, seconds=seconds, is_rotated=is_rotated)
        measured, ladder = await _measure(clip, rounds=rounds)
        figures += _report(shape, ladder, measured)
    return figures


def main() -> None:
    """Print the table; exit with 1 when a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "solstice-bench"
    )
    options = parse(parser, rounds=1, seconds=5)
    options.cache.mkdir(parents=True, exist_ok=True)
    figures = asyncio.run(
        measure(rounds=options.rounds, seconds=options.seconds, cache=options.cache)
    )
    raise SystemExit(0 if print_figures("Video", figures) else 1)


if __name__ == "__main__":
    main()
