"""A file is what it measures, not what it says."""

from dataclasses import replace
from pathlib import Path

import pytest

from solstice.videos.probe import Orientation, Reason, Refused
from solstice.videos.probing import decide_orientation, probe_video
from solstice.videos.rendering_settings import VideoLimits
from tests.samples import clip, odd, run_ffmpeg

LIMITS = VideoLimits()
ONE = 1 << 16
HALF = 46341  # the cosine of 45 degrees in 16.16 numbers


@pytest.mark.parametrize(
    ("matrix", "orientation"),
    [
        (None, Orientation()),
        ([ONE, 0, 0, ONE], Orientation()),
        ([0, ONE, -ONE, 0], Orientation(quarter_turns=1)),
        ([-ONE, 0, 0, -ONE], Orientation(quarter_turns=2)),
        ([0, -ONE, ONE, 0], Orientation(quarter_turns=3)),
        ([-ONE, 0, 0, ONE], Orientation(is_mirrored=True)),
        ([ONE, 0, 0, -ONE], Orientation(quarter_turns=2, is_mirrored=True)),
        ([HALF, HALF, -HALF, HALF], Orientation()),
        ([0, 0, 0, 0], Orientation()),
    ],
)
def test_a_display_matrix_becomes_the_nearest_quarter_turn(
    matrix: list[int] | None, orientation: Orientation
) -> None:
    """45 degrees stay as they are: black corners would be worse."""
    assert decide_orientation(matrix) == orientation


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audio_only.mp4", Reason.NO_VIDEO),
        ("invalid_vp9_bitstream.webm", Reason.UNREADABLE),
        ("malformed_free_box.mp4", Reason.UNREADABLE),
        ("missing_stsd.mp4", Reason.UNSUPPORTED_SOUND),
        ("unsupported_vvc.mp4", Reason.UNSUPPORTED_CODEC),
    ],
)
async def test_what_cannot_be_used_is_refused_in_plain_words(name: str, reason: Reason) -> None:
    """The owner reads a sentence, a program the reason."""
    with pytest.raises(Refused) as refused:
        await probe_video(odd(name), limits=LIMITS)
    assert refused.value.reason == reason
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "duration_s"),
    [
        ("fragmented_bogus_duration.mp4", 1.068),  # it says 143,165 s
        ("no_duration.webm", 4.938),  # it says nothing
        ("mdat_too_long.mp4", 1.067),
        ("sample.avi", 4.087),
    ],
)
async def test_the_duration_is_measured(name: str, duration_s: float) -> None:
    """What a file says about its length is not looked at."""
    probe = await probe_video(odd(name), limits=LIMITS)
    assert probe.duration_s == pytest.approx(duration_s, abs=0.01)


async def test_a_real_iphone_clip_is_understood() -> None:
    """10 bits, HLG with Dolby Vision, lying on its side, data tracks beside."""
    probe = await probe_video(clip("iphone_portrait_dolbyvision.mp4"), limits=LIMITS)
    assert (probe.codec, probe.bit_depth) == ("hevc", 10)
    assert (probe.transfer, probe.primaries) == ("arib-std-b67", "bt2020")
    assert probe.is_hdr
    assert probe.has_dolby_vision
    assert probe.orientation == Orientation(quarter_turns=1)
    assert probe.upright_size == (1080, 1920)


async def test_keyframes_are_found(tmp_path: Path) -> None:
    """Decoding may begin at them: what wants one picture asks for one of these."""
    source = tmp_path / "source.mp4"
    made = ("-f", "lavfi", "-i", "testsrc2=s=180x320:r=10:d=4", "-c:v", "libx264", "-g", "15")
    run_ffmpeg(*made, "-sc_threshold", "0", source)
    probe = await probe_video(source, limits=LIMITS)
    assert probe.keyframes_s == pytest.approx((0.0, 1.5, 3.0))


async def test_uneven_pictures_are_noticed() -> None:
    """A screen recording of 63 pictures in 8.7 s that claims 57,600 a second."""
    probe = await probe_video(clip("screen_vfr.mp4"), limits=LIMITS)
    assert probe.frame_gap_s_max > 1.5 * probe.frame_gap_s_min
    assert probe.fps < 10
    assert probe.duration_s == pytest.approx(8.7255, abs=0.001)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(LIMITS, duration_s_max=1.0), Reason.TOO_LONG),
        (replace(LIMITS, size_bytes_max=1000), Reason.TOO_LARGE),
        (replace(LIMITS, frame_pixels_max=1000), Reason.FRAME_TOO_LARGE),
        (replace(LIMITS, packets_max=10), Reason.TOO_COMPLEX),
        (replace(LIMITS, tracks_max=1), Reason.TOO_COMPLEX),
        (replace(LIMITS, probe_deadline_s=0.001), Reason.UNREADABLE),
    ],
)
async def test_every_limit_refuses(limits: VideoLimits, reason: Reason) -> None:
    """Each with its own reason."""
    with pytest.raises(Refused) as refused:
        await probe_video(clip("portrait_selfie.mp4"), limits=limits)
    assert refused.value.reason == reason


async def test_an_empty_file_and_a_text_are_refused(tmp_path: Path) -> None:
    """Before any decoder sees them."""
    path = tmp_path / "x.mp4"
    for data, reason in ((b"", Reason.EMPTY), (b"hello\n" * 99, Reason.UNSUPPORTED_FORMAT)):
        path.write_bytes(data)
        with pytest.raises(Refused) as refused:
            await probe_video(path, limits=LIMITS)
        assert refused.value.reason == reason


async def test_a_locked_file_is_called_so(tmp_path: Path) -> None:
    """Not damaged: its owner would look for the damage.  Decoders make pictures of the noise."""
    path = tmp_path / "locked.mp4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=180x320:d=0.5", "-c:v", "libx264"),
        *("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0f" * 16),
        *("-encryption_kid", "0e" * 16, path),
    )
    with pytest.raises(Refused) as refused:
        await probe_video(path, limits=LIMITS)
    assert refused.value.reason == Reason.PROTECTED


async def test_a_hundred_tracks_are_too_many(tmp_path: Path) -> None:
    """Each costs a decoder's set-up."""
    maps = [word for _ in range(100) for word in ("-map", "0:a")]
    path = tmp_path / "tracks.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=0.1", *maps, "-c:a", "pcm_s16le", path)
    with pytest.raises(Refused) as refused:
        await probe_video(path, limits=LIMITS)
    assert refused.value.reason == Reason.TOO_COMPLEX
