"""Which renditions a video gets, decided from facts alone."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solstice.videos.ladder import LONG_SIDE_MAX, can_remux, decide_ladder
from solstice.videos.probe import Orientation, Probe, Sound

PHONE = Probe(
    container="mov",
    size_bytes=50_000_000,
    duration_s=30.0,
    index=0,
    codec="h264",
    decoder="h264",
    profile="High",
    level=41,
    pixel_format="yuv420p",
    bit_depth=8,
    width=1080,
    height=1920,
    fps=30.0,
    frame_count=900,
    frame_gap_s_min=0.033,
    frame_gap_s_max=0.034,
    keyframe_gap_s_max=1.0,
    is_intact=True,
    codec_string="avc1.640029",
    sound=Sound(
        index=1,
        codec="aac",
        profile="LC",
        channel_count=2,
        rate_hz=48_000,
        start_s=0.0,
        duration_s=30.0,
    ),
)
HEVC = replace(PHONE, codec="hevc", decoder="hevc", codec_string="")
SILENT = replace(PHONE, sound=None)


def sizes(probe: Probe) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in decide_ladder(probe).rungs]


def with_sound(**changes: object) -> Probe:
    assert PHONE.sound is not None
    return replace(PHONE, sound=replace(PHONE.sound, **changes))  # type: ignore[arg-type]


def test_a_portrait_phone_clip_gets_all_four() -> None:
    """360, 540, 720 and 1080 wide."""
    assert sizes(HEVC) == [(360, 640), (540, 960), (720, 1280), (1080, 1920)]


def test_four_k_is_brought_down_to_1080() -> None:
    """No phone in portrait shows more."""
    assert sizes(replace(HEVC, width=2160, height=3840))[-1] == (1080, 1920)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (642, 642, [(360, 360), (540, 540)]),
        (161, 121, [(160, 120)]),
        (359, 641, [(358, 640)]),
        (2, 2, [(2, 2)]),
        (1, 1, [(2, 2)]),
        (3026, 1386, [(784, 360), (1178, 540), (1570, 720), (2356, 1080)]),
    ],
)
def test_nothing_is_scaled_up_and_everything_is_even(
    width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    """A source below 360 keeps its own size, rounded down to even numbers."""
    assert sizes(replace(HEVC, width=width, height=height)) == expected


def test_a_clip_lying_on_its_side_is_counted_upright() -> None:
    """The rotation is baked in."""
    lying = replace(HEVC, width=1920, height=1080, orientation=Orientation(quarter_turns=1))
    assert sizes(lying)[-1] == (1080, 1920)


def test_pixels_that_are_not_square_become_so() -> None:
    """720x576 with 16:11 pixels is shown 1047 wide."""
    assert sizes(replace(HEVC, width=720, height=576, pixel_aspect=16 / 11))[-1] == (980, 540)


def test_an_absurd_pixel_shape_is_not_believed() -> None:
    """A pixel a thousand times as wide as high would be a bomb."""
    assert sizes(replace(HEVC, pixel_aspect=1000.0)) == sizes(HEVC)


@given(
    width=st.integers(1, 8192),
    height=st.integers(1, 8192),
    aspect=st.floats(0.001, 1000),
    turns=st.integers(0, 3),
    fps=st.floats(0, 1000),
)
@example(width=720, height=5442, aspect=1.0, turns=0, fps=30.0)
def test_every_ladder_can_be_encoded(
    width: int, height: int, aspect: float, turns: int, fps: float
) -> None:
    """Even sides, bounded, strictly growing, at most 60 pictures a second."""
    ladder = decide_ladder(
        replace(
            HEVC,
            width=width,
            height=height,
            pixel_aspect=aspect,
            orientation=Orientation(quarter_turns=turns),
            fps=fps,
        )
    )
    areas = [rung.width * rung.height for rung in ladder.rungs]
    assert areas
    assert areas == sorted(set(areas))
    assert len({rung.short_side for rung in ladder.rungs}) == len(areas)
    assert ladder.fps <= 60.5
    for rung in ladder.rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert min(rung.width, rung.height) >= 2
        assert max(rung.width, rung.height) <= LONG_SIDE_MAX


def test_120_pictures_a_second_become_60_and_60_stay() -> None:
    """And a phone's 60.06 are 60."""
    assert decide_ladder(replace(HEVC, fps=120.0)).fps == 60.0
    assert decide_ladder(replace(HEVC, fps=60.06)).fps == 60.06


def test_more_pictures_get_more_bits_and_a_higher_level() -> None:
    """60 pictures a second at 1080 need level 4.2."""
    slow, fast = decide_ladder(HEVC).rungs[-1], decide_ladder(replace(HEVC, fps=60.0)).rungs[-1]
    assert (slow.level, fast.level) == ("4.0", "4.2")
    assert fast.rate_bps_max > slow.rate_bps_max


def test_a_plain_phone_clip_is_copied_and_smaller_ones_are_made() -> None:
    """It counts as the rendition of its size."""
    ladder = decide_ladder(PHONE)
    assert ladder.remuxed is not None
    assert ladder.remuxed.short_side == 1080
    assert [rung.short_side for rung in ladder.encoded] == [360, 540, 720]
    assert [rung.short_side for rung in decide_ladder(PHONE, may_remux=False).encoded][-1] == 1080


def test_a_plain_clip_of_an_uncommon_size_is_copied_too() -> None:
    """640 is no rung, and still better than making 540 of it."""
    ladder = decide_ladder(replace(PHONE, width=640, height=1136, size_bytes=5_000_000))
    assert ladder.remuxed is not None
    assert [rung.short_side for rung in ladder.rungs] == [360, 540, 640]


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(HEVC, id="hevc"),
        pytest.param(replace(PHONE, profile="High 10", bit_depth=10), id="ten bits"),
        pytest.param(replace(PHONE, pixel_format="yuv444p"), id="4:4:4"),
        pytest.param(replace(PHONE, is_full_range=True), id="full range"),
        pytest.param(replace(PHONE, is_interlaced=True), id="interlaced"),
        pytest.param(replace(PHONE, transfer="arib-std-b67"), id="hlg"),
        pytest.param(replace(PHONE, orientation=Orientation(quarter_turns=1)), id="rotated"),
        pytest.param(replace(PHONE, orientation=Orientation(is_mirrored=True)), id="mirrored"),
        pytest.param(replace(PHONE, pixel_aspect=1.5), id="wide pixels"),
        pytest.param(replace(PHONE, width=1079), id="odd width"),
        pytest.param(replace(PHONE, width=2160, height=3840), id="4k"),
        pytest.param(replace(PHONE, size_bytes=200_000_000), id="53 Mbit/s"),
        pytest.param(replace(PHONE, fps=120.0), id="120 fps"),
        pytest.param(replace(PHONE, fps=0.0), id="one picture"),
        pytest.param(replace(PHONE, frame_gap_s_min=0.00002), id="bursts"),
        pytest.param(replace(PHONE, keyframe_gap_s_max=30.0), id="one keyframe"),
        pytest.param(replace(PHONE, is_intact=False), id="damaged"),
        pytest.param(replace(PHONE, container="mpegts"), id="transport stream"),
        pytest.param(replace(PHONE, start_s=1.0), id="picture late"),
        pytest.param(with_sound(start_s=1.5), id="sound late"),
        pytest.param(with_sound(codec="mp3", profile=""), id="mp3"),
        pytest.param(with_sound(profile="HE-AAC"), id="he-aac"),
        pytest.param(with_sound(channel_count=6), id="5.1"),
        pytest.param(with_sound(rate_hz=96_000), id="96 kHz"),
    ],
)
def test_what_some_player_would_not_play_is_encoded(probe: Probe) -> None:
    """Copying is for the plainest files only."""
    assert can_remux(PHONE)
    assert not can_remux(probe)


def test_a_silent_clip_is_copied() -> None:
    """Silence is no obstacle."""
    assert can_remux(SILENT)
