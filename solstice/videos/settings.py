"""Limits of uploads and of their processing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VideoSettings:
    """What may be uploaded, and how it is worked on."""

    size_bytes_max: int = 512 * 1024 * 1024
    duration_s_max: float = 180.0
    frame_pixels_max: int = 7680 * 4320
    caption_chars_max: int = 2200
    lease_s: float = 20.0
    """A worker renews its lease every third of this; after it others take a video over."""
    attempts_max: int = 5
    retry_base_s: float = 10.0
    """The pause after a failed attempt; it doubles with each."""
    retry_s_max: float = 60.0
    upload_expires_s: float = 7 * 86400.0
    """An upload that stopped is kept this long for its owner to resume."""
    uploads_open_max: int = 20
    upload_part_bytes: int = 4 * 1024 * 1024
    """What a killed server may lose of an upload, and what each open one holds in memory."""
    upload_part_s: float = 5.0
    """On a slow line a part is stored at least this often."""
    upload_idle_s: float = 30.0
    uploads_at_once_max: int = 32
    """Open requests of one server process that receive bytes: 32 times 4 MiB at most."""
    uploads_at_once_per_account_max: int = 6
    captions_bytes_max: int = 512 * 1024
    captions_languages_max: int = 20
    orphan_grace_s: float = 3600.0
    """An object no row names is removed after two looks this far apart."""
