"""Which renditions a video gets: pure decisions from measured facts.

    ladder = decide_ladder(probe)            rungs from the smallest, one of them perhaps remuxed

Short sides 360, 540, 720 and 1080, none larger than the source, even numbers, square pixels,
upright.  A source smaller than 360 gets one rendition of its own size.  A source that browsers
and phones already play is copied instead of encoded (`can_remux`) and counts as the rendition of
its size.  Why these rates: docs/decisions/0022.
"""

import math
from dataclasses import dataclass

from solstice.videos.probe import Probe

SHORT_SIDES = (360, 540, 720, 1080)
LONG_SIDE_MAX = 4096
FPS_MAX = 60.0
_FPS_SLACK = 0.5  # phones write 60.06 and mean 60
_FAST_FPS = 31.0
_FAST_RATE_FACTOR = 1.5

_RATE_BPS = {360: 900_000, 540: 1_800_000, 720: 3_200_000, 1080: 5_500_000}
AUDIO_BPS = 128_000
AUDIO_HZ = 48_000

# H.264 table A-1: level, macroblocks a second, macroblocks a frame.
_LEVELS = (
    ("3.0", 40_500, 1_620),
    ("3.1", 108_000, 3_600),
    ("3.2", 216_000, 5_120),
    ("4.0", 245_760, 8_192),
    ("4.2", 522_240, 8_704),
    ("5.0", 589_824, 22_080),
    ("5.1", 983_040, 36_864),
    ("5.2", 2_073_600, 36_864),
)

_REMUX_PROFILES = frozenset({"Baseline", "Constrained Baseline", "Main", "High"})
_REMUX_CONTAINERS = frozenset({"mov", "matroska"})
_REMUX_TRANSFERS = frozenset({"", "bt709", "smpte170m", "gamma22", "iec61966-2-1"})
_REMUX_MATRICES = frozenset({"", "bt709", "smpte170m", "bt470bg"})
_REMUX_SHORT_SIDE_MAX = 1080
_REMUX_LONG_SIDE_MAX = 2560
_REMUX_LEVEL_MAX = 52
# A phone's 1080p camera writes 17 Mbit/s (30 fps) to 24 (60 fps): those are the clips to have
# live at once.  Smaller pictures get a share by area, and never less than the floor.
_REMUX_RATE_BPS_AT_1080 = 24_000_000
_REMUX_RATE_BPS_FLOOR = 2_000_000
_REMUX_KEYFRAME_GAP_S_MAX = 10.5
_REMUX_FRAME_GAP_S_MIN = 1 / 125
_REMUX_START_S_MAX = 0.1
_REMUX_SOUND_RATES_HZ = frozenset({44_100, 48_000})


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One rendition to make; `short_side` is its name."""

    short_side: int
    width: int
    height: int
    rate_bps_max: int
    level: str


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """All renditions of a video, the smallest first."""

    encoded: tuple[Rung, ...]
    remuxed: Rung | None = None
    fps: float

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Every rendition that will exist in the end."""
        return (*self.encoded, self.remuxed) if self.remuxed is not None else self.encoded


def decide_ladder(probe: Probe, *, may_remux: bool = True) -> Ladder:
    """Choose the renditions: at least one, sizes strictly growing, none larger than the source."""
    width, height = probe.upright_size
    fps = min(probe.fps, FPS_MAX) if probe.fps > FPS_MAX + _FPS_SLACK else probe.fps
    short_side = min(width, height)
    remuxed = None
    if may_remux and can_remux(probe):
        remuxed = _decide_rung(min(probe.width, probe.height), width, height, fps)
    sides = [side for side in SHORT_SIDES if side <= short_side] or [int(short_side)]
    if remuxed is not None:
        sides = [side for side in sides if side < remuxed.short_side]
    rungs: list[Rung] = []
    for side in sides:
        rung = _decide_rung(side, width, height, fps)
        # Where the longest side bounds them, two may come out equally narrow: one name, one file.
        if not rungs or rung.short_side > rungs[-1].short_side:
            rungs.append(rung)
    return Ladder(encoded=tuple(rungs), remuxed=remuxed, fps=fps)


def decide_rung(probe: Probe, side: int) -> Rung:
    """Choose the size of a picture of the video with this short side, or its own if smaller."""
    width, height = probe.upright_size
    return _decide_rung(min(side, int(min(width, height))), width, height, probe.fps)


def can_remux(probe: Probe) -> bool:
    """Say whether browsers and phones play this as it is, so that copying it suffices."""
    return _is_plain_picture(probe) and _is_steady(probe) and _is_plain_sound(probe)


def _is_plain_picture(probe: Probe) -> bool:
    rate_bps_max = max(
        _REMUX_RATE_BPS_FLOOR,
        _REMUX_RATE_BPS_AT_1080 * probe.width * probe.height / (1080 * 1920),
    )
    return (
        probe.codec == "h264"
        and probe.profile in _REMUX_PROFILES
        and 0 < probe.level <= _REMUX_LEVEL_MAX
        and probe.pixel_format == "yuv420p"
        and not probe.is_full_range
        and not probe.is_interlaced
        and not probe.is_hdr
        and probe.transfer in _REMUX_TRANSFERS
        and probe.matrix in _REMUX_MATRICES
        and probe.orientation.is_upright
        and abs(probe.pixel_aspect - 1.0) < 1e-3  # noqa: PLR2004 - square, but for rounding
        and probe.width % 2 == 0
        and probe.height % 2 == 0
        and min(probe.width, probe.height) <= _REMUX_SHORT_SIDE_MAX
        and max(probe.width, probe.height) <= _REMUX_LONG_SIDE_MAX
        and probe.bitrate_bps <= rate_bps_max
    )


def _is_steady(probe: Probe) -> bool:
    return (
        probe.container in _REMUX_CONTAINERS
        and probe.is_intact
        and 0 < probe.fps <= FPS_MAX + _FPS_SLACK
        and probe.frame_gap_s_min >= _REMUX_FRAME_GAP_S_MIN
        and probe.keyframe_gap_s_max <= _REMUX_KEYFRAME_GAP_S_MAX
        and probe.start_s <= _REMUX_START_S_MAX
    )


def _is_plain_sound(probe: Probe) -> bool:
    sound = probe.sound
    return sound is None or (
        sound.codec == "aac"
        and sound.profile == "LC"
        and sound.channel_count in (1, 2)
        and sound.rate_hz in _REMUX_SOUND_RATES_HZ
        and sound.start_s <= _REMUX_START_S_MAX
    )


def _decide_rung(side: int, width: float, height: float, fps: float) -> Rung:
    shrink = min(1.0, side / min(width, height), LONG_SIDE_MAX / max(width, height))
    out_width, out_height = _even(width * shrink), _even(height * shrink)
    nominal = next((known for known in SHORT_SIDES if side <= known), SHORT_SIDES[-1])
    rate = _RATE_BPS[nominal] * (_FAST_RATE_FACTOR if fps > _FAST_FPS else 1.0)
    return Rung(
        short_side=min(out_width, out_height),
        width=out_width,
        height=out_height,
        rate_bps_max=int(rate),
        level=_decide_level(out_width, out_height, fps),
    )


def _even(length: float) -> int:
    """Round to the nearest even number that is not larger; a hair below counts as reached."""
    return max(2, int((length + 0.01) // 2) * 2)


def _decide_level(width: int, height: int, fps: float) -> str:
    blocks = math.ceil(width / 16) * math.ceil(height / 16)
    for level, blocks_per_s, blocks_per_frame in _LEVELS:
        if blocks <= blocks_per_frame and blocks * max(fps, 30.0) <= blocks_per_s * 1.02:
            return level
    return _LEVELS[-1][0]
