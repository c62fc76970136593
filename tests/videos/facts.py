"""What a file is, measured by tests themselves: never with the code under test."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts of one MP4 we made."""

    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    rotation: int
    frame_times_s: list[float]
    keyframe_gap_s_max: float
    duration_s: float
    audio: str
    channel_count: int
    rate_hz: int
    audio_start_s: float
    stream_kinds: list[str]
    tags: dict[str, str]
    is_faststart: bool


def read_facts(path: Path) -> Facts:
    """Decode the whole file and say what it is."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        sounds = container.streams.audio
        times: list[float] = []
        keyframes: list[float] = []
        rotation, pixel_format = 0, ""
        audio_start_s, ends = 0.0, [0.0]
        heard = False
        tracks = [video, *sounds]
        for frame in container.decode(tracks):
            at_s = float((frame.pts or 0) * (frame.time_base or Fraction(1)))
            if isinstance(frame, av.VideoFrame):
                times.append(at_s)
                rotation, pixel_format = frame.rotation, frame.format.name
                if frame.key_frame:
                    keyframes.append(at_s)
            else:
                if not heard:
                    audio_start_s, heard = at_s, True
                ends.append(at_s + frame.samples / frame.sample_rate)
        gap_s = times[-1] - times[-2] if len(times) > 1 else 0.0
        ends.append(times[-1] + gap_s)
        marks = [*keyframes, max(times) + gap_s]
        data = path.read_bytes()
        return Facts(
            codec=video.codec_context.codec.canonical_name,
            profile=str(video.codec_context.profile),
            pixel_format=pixel_format,
            width=video.codec_context.width,
            height=video.codec_context.height,
            rotation=rotation,
            frame_times_s=times,
            keyframe_gap_s_max=max((b - a for a, b in pairwise(marks)), default=0.0),
            duration_s=max(ends),
            audio=sounds[0].codec_context.codec.canonical_name if sounds else "",
            channel_count=sounds[0].codec_context.channels if sounds else 0,
            rate_hz=sounds[0].codec_context.sample_rate if sounds else 0,
            audio_start_s=audio_start_s,
            stream_kinds=sorted(stream.type for stream in container.streams),
            tags={
                **container.metadata,
                **{
                    key: value
                    for stream in container.streams
                    for key, value in stream.metadata.items()
                },
            },
            is_faststart=0 < data.find(b"moov") < data.find(b"mdat"),
        )


def read_picture(path: Path, *, at_s: float = 0.0) -> np.ndarray:
    """Return the first picture at or after a moment, as rows of RGB."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) >= at_s - 1e-3:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError(f"{path} has no picture at {at_s} s")


def find_flash_and_beep(path: Path) -> tuple[float, float]:
    """Find when the picture turns white and when the sound becomes loud."""
    flash = beep = -1.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.to_ndarray(format="gray").mean() > 128:
                flash = float(frame.time or 0.0)
                break
    with av.open(str(path)) as container:
        for sound in container.decode(audio=0):
            loud = np.abs(sound.to_ndarray().astype(np.float64)).max(axis=0) > 0.05
            if loud.any():
                beep = float(sound.time or 0.0) + int(loud.argmax()) / sound.sample_rate
                break
    return flash, beep
