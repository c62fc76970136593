"""FFmpeg's command line, always with the same guards, and what it says while it works.

The program comes as a wheel (imageio-ffmpeg), so every machine renders with the same one.  A
source is opened by exactly one demuxer, one protocol and a short list of decoders
(allowed.py); nothing of its metadata is written.  Commands are lists, never shell text.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from solstice.videos import allowed
from solstice.videos.filters import render_graph, render_stills_graph
from solstice.videos.ladder import AUDIO_BPS, AUDIO_HZ, Ladder, Rung
from solstice.videos.probe import Probe

CRF = 24
PRESET = "veryfast"
KEYFRAME_GAP_S = 2
# 6: messages such as captions, camera data, the encoder's name; 12: filler; 24-31: undefined.
_NO_MESSAGES = "filter_units=remove_types=6|12|24-31"


_STILLS = {
    ".jpg": ("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "mjpeg"),
    ".webp": ("-c:v", "libwebp", "-quality", "70", "-pix_fmt", "yuv420p", "-f", "webp"),
}


@cache
def find_program() -> str:
    """Find the ffmpeg of the wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def render_remux(probe: Probe, source: Path, target: Path) -> list[str]:
    """Copy picture and sound as they are into a clean MP4."""
    return [
        *_start(),
        *_open_source(probe, source, threads=1),
        *("-map", f"0:{probe.index}"),
        *(("-map", f"0:{probe.sound.index}") if probe.sound is not None else ()),
        *("-c", "copy", "-bsf:v", _NO_MESSAGES),
        *_finish(probe, target),
    ]


def render_encode(
    probe: Probe,
    ladder: Ladder,
    targets: Sequence[tuple[Rung, Path]],
    *,
    source: Path,
    sound_from: Path | None,
    listens: bool = False,
    threads: int,
) -> list[str]:
    """Decode once and encode every target.

    The sound is encoded when `sound_from` is None, else copied from that rendition: one encoding
    of it serves all.  With `listens` the original's is decoded nevertheless, to hear of damage.
    """
    command = [*_start(), *_open_source(probe, source, threads=threads)]
    if sound_from is not None:
        command += [
            "-protocol_whitelist",
            allowed.PROTOCOLS,
            "-f",
            "mov",
            "-i",
            f"file:{sound_from.absolute()}",
        ]
    rungs = [rung for rung, _ in targets]
    # Encoders side by side have each other for company: with as many threads each as there are
    # processors they cost 3 % more.
    threads_each = max(1, threads // len(targets))
    command += ["-filter_complex", render_graph(probe, ladder, rungs)]
    for index, (rung, target) in enumerate(targets):
        command += ["-map", f"[v{index}]"]
        if probe.sound is not None:
            command += _sound(probe.sound.index, is_copied=sound_from is not None)
        command += [*_picture(rung, ladder.fps, threads_each), *_finish(probe, target)]
    if probe.sound is not None and listens:
        command += ["-map", f"0:{probe.sound.index}", "-f", "null", "-"]
    return command


def render_check(probe: Probe, source: Path, *, threads: int) -> list[str]:
    """Decode picture and sound and keep nothing: what is damaged is complained of."""
    return [
        *_start(),
        *_open_source(probe, source, threads=threads),
        *("-map", f"0:{probe.index}"),
        *(("-map", f"0:{probe.sound.index}") if probe.sound is not None else ()),
        *("-f", "null", "-"),
    ]


def render_stills(
    probe: Probe,
    source: Path,
    *,
    at_s: float,
    sizes: Sequence[tuple[int, int]],
    targets: Sequence[Path],
) -> list[str]:
    """Write one picture in several sizes, each in the format its file name says."""
    # Not even to 0: the first pictures of some files are shown before that.
    sought = ("-ss", f"{at_s:.3f}") if at_s > 0 else ()
    command = [*_start(), *sought, *_open_source(probe, source, threads=1)]
    command += ["-filter_complex", render_stills_graph(probe, sizes)]
    for index, target in enumerate(targets):
        form = _STILLS[target.suffix]
        command += ["-map", f"[v{index}]", "-frames:v", "1", *form, f"file:{target.absolute()}"]
    return command


def render_moments(
    probe: Probe, source: Path, *, step_s: float, size: str, count: int, target: Path
) -> list[str]:
    """Write small grey pictures, one every `step_s`, one after the other into one file."""
    return [
        *_start(),
        *_open_source(probe, source, threads=1),
        *("-map", f"0:{probe.index}", "-frames:v", str(count)),
        *("-vf", f"sidedata=mode=delete,fps=1/{step_s:.6f}:round=up,scale={size}:flags=area"),
        *("-pix_fmt", "gray", "-f", "rawvideo", f"file:{target.absolute()}"),
    ]


def follow_progress(duration_s: float, tell: Callable[[float], None]) -> Callable[[str], None]:
    """Turn the lines of `-progress` into a share between 0 and 1."""

    def take(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdigit():
            tell(min(1.0, int(value) / 1e6 / max(duration_s, 0.001)))

    return take


def _start() -> list[str]:
    return [
        find_program(),
        *("-nostdin", "-hide_banner", "-y", "-loglevel", "level+error"),
        *("-nostats", "-progress", "pipe:1", "-stats_period", "0.5"),
        *("-filter_threads", "2", "-filter_complex_threads", "2"),
    ]


def _open_source(probe: Probe, source: Path, *, threads: int) -> list[str]:
    guards = [word for name, value in allowed.OPEN_OPTIONS.items() for word in (f"-{name}", value)]
    if probe.container == "mov":
        guards += ["-enable_drefs", "0"]
    return [
        *guards,
        *("-threads", str(threads), "-max_error_rate", "1", "-noautorotate"),
        *("-f", probe.container, "-i", f"file:{source.absolute()}"),
    ]


def _picture(rung: Rung, fps: float, threads: int) -> list[str]:
    # Keyframes come by time.  A bound by number that is as tight sets one of its own a picture
    # before each where the rate is uneven, as it is from phones: 4 % of the bytes for nothing.
    frames = max(2, math.ceil(2 * KEYFRAME_GAP_S * fps)) if fps else 120
    return [
        *("-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-level:v", rung.level),
        *("-crf", str(CRF), "-maxrate", str(rung.rate_bps_max)),
        *("-bufsize", str(2 * rung.rate_bps_max)),
        *("-g", str(frames), "-force_key_frames", f"expr:gte(t,n_forced*{KEYFRAME_GAP_S})"),
        *("-threads:v", str(threads), "-fps_mode", "vfr", "-enc_time_base:v", "1:90000"),
        *("-bsf:v", _NO_MESSAGES),
    ]


def _sound(index: int, *, is_copied: bool) -> list[str]:
    if is_copied:
        return ["-map", "1:a:0", "-c:a", "copy"]
    return [
        *("-map", f"0:{index}", "-c:a", "aac", "-b:a", str(AUDIO_BPS)),
        *("-ac", "2", "-ar", str(AUDIO_HZ), "-af", "aresample=async=1000:first_pts=0"),
    ]


def _finish(probe: Probe, target: Path) -> list[str]:
    """End an output: nothing of the original's metadata, index first, never longer than it is."""
    return [
        *("-t", f"{probe.duration_s + 1:.3f}"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
        *("-metadata:s:v", "encoder=", "-metadata:s:a", "encoder="),
        *("-write_tmcd", "0", "-video_track_timescale", "90000"),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{target.absolute()}"),
    ]
