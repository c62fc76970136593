"""Clips from scenes: frames through a pipe into ffmpeg, H.264 and AAC, ready to be played as is.

A clip is kept in the state directory under a name that carries its scene, its seed and the
version of the drawings, so a second run renders nothing.  Rendering happens in two steps (a
temporary name, then a rename): a killed run leaves no half clip behind.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from solstice.demo.scenes import REPERTOIRE, Number
from solstice.demo.stage import FPS, Stage

DRAWINGS_VERSION = 1
"""Raise it when scenes change, so that kept clips are made anew."""
ENCODE_S_MAX = 300.0
KEYFRAME_EVERY = 2 * FPS


class RenderFailed(RuntimeError):
    """ffmpeg did not accept a clip; carries its last words."""


@dataclass(frozen=True, kw_only=True)
class ClipOrder:
    """Which scene, with which seed."""

    scene: str
    seed: int

    @property
    def file_name(self) -> str:
        """The name under which the clip is kept."""
        return f"{self.scene}-{self.seed}.v{DRAWINGS_VERSION}.mp4"


def render_clip(order: ClipOrder, directory: Path) -> Path:
    """Return the clip's file, rendering it unless it is kept already.

    Errors: `RenderFailed` when ffmpeg refuses; `OSError` when the disk does.
    """
    path = directory / order.file_name
    if path.exists():
        return path
    directory.mkdir(parents=True, exist_ok=True)
    number = REPERTOIRE[order.scene]
    with tempfile.TemporaryDirectory(dir=directory, prefix=".making-") as scratch:
        sound, picture = Path(scratch) / "sound.wav", Path(scratch) / "clip.mp4"
        width, height = number.stage
        take = number.draw(
            Stage(width=width, height=height, seconds=number.seconds, seed=order.seed)
        )
        take.score.write(sound)
        with subprocess.Popen(
            _command(number, sound, picture),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as encoder:
            assert encoder.stdin is not None  # noqa: S101  PIPE was asked for
            assert encoder.stderr is not None  # noqa: S101
            try:
                for frame in take.frames:
                    encoder.stdin.write(frame.tobytes())
                encoder.stdin.close()
            except BrokenPipeError:
                pass  # ffmpeg says why below
            words = encoder.stderr.read().decode(errors="replace")
            encoder.wait(ENCODE_S_MAX)
        if encoder.returncode:
            raise RenderFailed(f"{order.scene}: {words[-400:]}")
        os.replace(picture, path)  # noqa: PTH105  atomic, and that is the point
    return path


def _command(number: Number, sound: Path, picture: Path) -> list[str]:
    """Build ffmpeg's arguments: scaled to the clip's size, BT.709, a keyframe every two seconds."""
    (width, height), (across, down) = number.stage, number.clip
    kernel = "bicubic" if width < across else "bilinear"
    filters = f"scale={across}:{down}:flags={kernel}:out_color_matrix=bt709:out_range=tv"
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FPS)),
        *("-i", "pipe:0", "-i", str(sound)),
        *("-vf", f"{filters},format=yuv420p", "-map", "0:v", "-map", "1:a", "-shortest"),
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "24", "-profile:v", "high"),
        *("-maxrate", "5M", "-bufsize", "10M", "-g", str(KEYFRAME_EVERY), "-threads", "1"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"),
        *("-map_metadata", "-1", "-movflags", "+faststart", str(picture)),
    ]
