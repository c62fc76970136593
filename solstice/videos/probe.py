"""What is known about an uploaded video after measuring it, and why one is refused.

A probe holds measured facts only: what the file says about itself is taken where a decoder needs
it and never for the duration, which a file may state as 39 hours for one second.
"""

from dataclasses import dataclass, field
from enum import StrEnum

_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_SAR_SANE_MAX = 8.0


class Reason(StrEnum):
    """Why a file was refused: stable codes for programs; `Refused.sentence` is for people."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    FRAME_TOO_LARGE = "frame_too_large"
    TOO_COMPLEX = "too_complex"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNSUPPORTED_CODEC = "unsupported_codec"
    UNSUPPORTED_SOUND = "unsupported_sound"
    PROTECTED = "protected"
    NO_VIDEO = "no_video"
    UNREADABLE = "unreadable"


SENTENCES = {
    Reason.EMPTY: "The file is empty.",
    Reason.TOO_LARGE: "The file is larger than {size_mib_max} MiB.",
    Reason.TOO_LONG: "The video is longer than {duration_s_max} seconds.",
    Reason.FRAME_TOO_LARGE: "The picture is larger than 8K, which is the most we can take.",
    Reason.TOO_COMPLEX: "The file is too complex to process.",
    Reason.UNSUPPORTED_FORMAT: (
        "This is not a video file we can read. MP4, MOV, WebM, MKV, AVI and MPEG-TS work."
    ),
    Reason.UNSUPPORTED_CODEC: (
        "The picture is stored in a way we cannot read. H.264, HEVC, VP9 and AV1 work."
    ),
    Reason.UNSUPPORTED_SOUND: (
        "The sound is stored in a way we cannot read. AAC, MP3, Opus and PCM work."
    ),
    Reason.PROTECTED: "The file is locked: only the app or device it was made for can show it.",
    Reason.NO_VIDEO: "There is no moving picture in this file.",
    Reason.UNREADABLE: "The file is damaged: not one picture could be read from it.",
}


class Refused(Exception):
    """The file cannot become a video here.

    `reason` is for programs, `sentence` for the owner, `detail` for the operator's log.
    """

    def __init__(self, reason: Reason, *, detail: str = "", **values: object) -> None:
        """Fill the sentence of the reason with the limits it names."""
        self.reason = reason
        self.detail = detail
        self.sentence = SENTENCES[reason].format(**values)
        super().__init__(self.sentence)


@dataclass(frozen=True, kw_only=True)
class Orientation:
    """How to turn the stored picture upright: mirror it left to right first, then turn it."""

    quarter_turns: int = 0
    """Clockwise, 0 to 3."""
    is_mirrored: bool = False

    @property
    def swaps_sides(self) -> bool:
        """Say whether width and height change places."""
        return self.quarter_turns % 2 == 1

    @property
    def is_upright(self) -> bool:
        """Say whether there is nothing to do."""
        return self.quarter_turns == 0 and not self.is_mirrored


@dataclass(frozen=True, kw_only=True)
class Sound:
    """The sound track that will be heard."""

    index: int
    codec: str
    profile: str
    channel_count: int
    rate_hz: int
    start_s: float
    """After the first picture or sound of the file, whichever comes first."""
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Measured facts of one video file."""

    container: str
    """The name of the one demuxer that may open it from now on."""
    size_bytes: int
    duration_s: float
    index: int
    codec: str
    decoder: str
    profile: str
    level: int
    pixel_format: str
    bit_depth: int
    width: int
    height: int
    pixel_aspect: float = 1.0
    """Width of a pixel by its height."""
    orientation: Orientation = field(default_factory=Orientation)
    start_s: float = 0.0
    fps: float
    """Measured average; 0 when there is a single frame."""
    frame_count: int
    frame_gap_s_min: float
    frame_gap_s_max: float
    keyframe_gap_s_max: float
    keyframes_s: tuple[float, ...] = ()
    """When the first hundred of them are shown."""
    is_intact: bool
    """Its packets parse, start with a keyframe and none is to be decoded but not shown."""
    is_interlaced: bool = False
    transfer: str = ""
    primaries: str = ""
    matrix: str = ""
    is_full_range: bool = False
    has_dolby_vision: bool = False
    codec_string: str = ""
    """For the `codecs` of a MIME type; H.264 only."""
    track_count: int = 1
    sound: Sound | None = None

    @property
    def is_hdr(self) -> bool:
        """Say whether the picture must be tone-mapped for an ordinary screen."""
        return self.transfer in _HDR_TRANSFERS or (
            self.has_dolby_vision and self.bit_depth > 8 and self.transfer != "bt709"  # noqa: PLR2004
        )

    @property
    def bitrate_bps(self) -> float:
        """Average over the whole file."""
        return self.size_bytes * 8 / max(self.duration_s, 0.001)

    @property
    def frame_bytes(self) -> int:
        """Size of one decoded picture in memory."""
        return int(self.width * self.height * 1.5 * (2 if self.bit_depth > 8 else 1))  # noqa: PLR2004

    @property
    def upright_size(self) -> tuple[float, float]:
        """Width and height as seen: upright, in square pixels, before any rounding."""
        aspect = self.pixel_aspect
        if not 1 / _SAR_SANE_MAX <= aspect <= _SAR_SANE_MAX:
            aspect = 1.0
        # The larger side is kept and the other one grows, so that no detail is thrown away.
        width = self.width * max(aspect, 1.0)
        height = self.height / min(aspect, 1.0)
        return (height, width) if self.orientation.swaps_sides else (width, height)
