"""Limits of uploads and of their processing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VideoSettings:
    """What may be uploaded, and how it is worked on."""

    size_bytes_max: int = 512 * 1024 * 1024
    duration_s_max: float = 180.0
    frame_pixels_max: int = 7680 * 4320
    caption_chars_max: int = 2200
    lease_s: float = 60.0
    """A worker renews its lease every third of this; a dead one's video is taken over after it."""
    attempts_max: int = 5
    upload_expires_s: float = 7 * 86400.0
    """An upload that stopped is kept this long for its owner to resume."""
    uploads_open_max: int = 20
