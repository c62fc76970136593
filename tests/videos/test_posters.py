"""A video shows a picture before it plays, and a blur before the picture."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from solstice.videos.posters import (
    decide_candidate_moments,
    decide_first_moment,
    extract_poster,
    find_best_moment,
)
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import VideoLimits
from tests.samples import clip, odd, run_ffmpeg

LIMITS = VideoLimits()


def names_in(folder: Path) -> set[str]:
    """List what was left."""
    return {path.name for path in folder.iterdir()}


async def test_a_poster_is_upright_and_comes_with_thumbnail_and_blur(tmp_path: Path) -> None:
    """A phone held upright, with its picture stored lying down."""
    source = clip("phone_portrait_4k60.mp4")
    probe = await probe_video(source, limits=LIMITS)
    poster = await extract_poster(source, probe, at_s=0.1, out_dir=tmp_path)
    with Image.open(poster.path) as large, Image.open(poster.thumbnail_path) as small:
        assert (large.format, large.size) == ("JPEG", (720, 1280))
        assert (small.format, small.size) == ("WEBP", (360, 640))
    assert (poster.width, poster.height) == (720, 1280)
    assert names_in(tmp_path) == {"poster.jpg", "thumbnail.webp"}


async def test_the_placeholder_is_small_enough_to_be_inlined(tmp_path: Path) -> None:
    """A tiny picture of the same shape, as a data URI."""
    source = clip("portrait_selfie.mp4")
    probe = await probe_video(source, limits=LIMITS)
    poster = await extract_poster(source, probe, at_s=0.5, out_dir=tmp_path)
    kind, _, data = poster.placeholder.partition(",")
    assert kind == "data:image/webp;base64"
    assert len(poster.placeholder) < 400
    with Image.open(io.BytesIO(base64.b64decode(data))) as tiny:
        assert tiny.size == (11, 16)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("b_frames.avi", ()),
        ("all_before_zero.mkv", ("-output_ts_offset", "-3", "-avoid_negative_ts", "disabled")),
    ],
)
async def test_a_first_picture_that_is_shown_before_zero_is_one(
    name: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    """Times of a file begin where it likes."""
    source = tmp_path / name
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=360x640:r=30:d=1"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", *words, source),
    )
    probe = await probe_video(source, limits=LIMITS)
    poster = await extract_poster(source, probe, at_s=0.0, out_dir=tmp_path)
    assert (poster.width, poster.height) == (360, 640)


async def test_a_small_video_has_a_poster_of_its_own_size(tmp_path: Path) -> None:
    """Nothing is enlarged."""
    source = odd("odd_dims_161x121_vp9.webm")
    probe = await probe_video(source, limits=LIMITS)
    poster = await extract_poster(source, probe, at_s=0.0, out_dir=tmp_path)
    assert (poster.width, poster.height) == (160, 120)


@pytest.mark.parametrize("at_s", [-5.0, 0.0, 1.08, 1e9])
async def test_any_moment_gives_a_poster(at_s: float, tmp_path: Path) -> None:
    """A moment before or after the clip means its first or last picture."""
    source = clip("portrait_selfie.mp4")
    probe = await probe_video(source, limits=LIMITS)
    poster = await extract_poster(source, probe, at_s=at_s, out_dir=tmp_path)
    assert poster.path.stat().st_size > 1000


async def test_the_best_moment_is_not_the_black_beginning(tmp_path: Path) -> None:
    """Two seconds of black, then a picture."""
    source = tmp_path / "source.mp4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=180x320:r=10:d=2"),
        *("-f", "lavfi", "-i", "testsrc2=s=180x320:r=10:d=2"),
        *("-filter_complex", "[0:v][1:v]concat", "-c:v", "libx264", "-pix_fmt", "yuv420p", source),
    )
    probe = await probe_video(source, limits=LIMITS)
    moment_s = await find_best_moment(source, probe)
    assert 1.7 < moment_s < 4.0


@pytest.mark.parametrize(
    ("keyframes_s", "moment_s"),
    [
        ((0.0, 2.0, 4.0), 2.0),
        ((0.0, 1.0004, 2.0), 1.001),
        ((0.0, 8.3), 1.0),
        ((0.0,), 1.0),
    ],
    ids=["the next keyframe", "never just before it", "not a late one", "or a second in"],
)
async def test_the_first_cover_is_where_decoding_begins(
    keyframes_s: tuple[float, ...], moment_s: float
) -> None:
    """Nobody waits for thirty pictures to be decoded of which one is wanted."""
    probe = replace(
        await probe_video(clip("portrait_selfie.mp4"), limits=LIMITS),
        keyframes_s=keyframes_s,
        duration_s=10.0,
    )
    assert decide_first_moment(probe) == moment_s


def test_candidates_are_spread_over_the_clip() -> None:
    """Growing, inside, never the very first or last picture."""
    moments = decide_candidate_moments(10.0, 4)
    assert moments == [1.25, 3.75, 6.25, 8.75]
