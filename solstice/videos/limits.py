"""The limits of uploads, told before anybody chooses a file."""

import msgspec

from solstice.videos.settings import VideoSettings

CONTAINERS = ["MP4", "MOV", "WebM", "MKV", "AVI", "MPEG-TS"]
CODECS = ["H.264", "HEVC", "VP8", "VP9", "AV1", "MPEG-4", "ProRes", "Motion JPEG"]
_MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What may be uploaded; `sentence` says it in words."""

    size_bytes_max: int
    duration_s_max: float
    frame_pixels_max: int
    caption_chars_max: int
    containers: list[str]
    codecs: list[str]
    sentence: str


def decide_limits(settings: VideoSettings) -> Limits:
    """Tell the limits as they are configured."""
    return Limits(
        size_bytes_max=settings.size_bytes_max,
        duration_s_max=settings.duration_s_max,
        frame_pixels_max=settings.frame_pixels_max,
        caption_chars_max=settings.caption_chars_max,
        containers=CONTAINERS,
        codecs=CODECS,
        sentence=(
            f"Up to {settings.size_bytes_max // _MIB} MiB and {render_duration(settings)}, "
            f"as {', '.join(CONTAINERS[:-1])} or {CONTAINERS[-1]}, with or without sound."
        ),
    )


def render_duration(settings: VideoSettings) -> str:
    """Say the longest duration as people do."""
    minutes, seconds = divmod(round(settings.duration_s_max), 60)
    parts = [f"{minutes} minutes" if minutes > 1 else "1 minute"] if minutes else []
    if seconds:
        parts.append(f"{seconds} seconds")
    return " ".join(parts)
