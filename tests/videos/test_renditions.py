"""What comes out plays everywhere, is upright, as long as it was, and tells nothing of its maker.

These are the quick ones; the whole corpus is in test_corpus.py.
"""

from pathlib import Path

import pytest

from solstice.videos.ladder import decide_ladder
from solstice.videos.probe import Reason, Refused
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import RenderingLimits, VideoLimits
from solstice.videos.renditions import render_ladder
from tests.samples import clip, odd, run_ffmpeg
from tests.videos.facts import find_flash_and_beep, read_facts, read_picture
from tests.videos.kitchen import assert_only_finished, serve

QUADRANTS = (
    "color=red:s={w}x{h}:r=10:d=0.5[a];color=lime:s={w}x{h}:r=10:d=0.5[b];"
    "color=blue:s={w}x{h}:r=10:d=0.5[c];color=white:s={w}x{h}:r=10:d=0.5[d];"
    "[a][b]hstack[t];[c][d]hstack[u];[t][u]vstack"
)
COLOURS = {(1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 1): "white"}


def make_quadrants(target: Path, *options: str, width: int = 200, height: int = 100) -> None:
    """Make a picture whose corners tell which way up it is: red lime / blue white."""
    plain = target.with_name("plain.mp4")
    graph = QUADRANTS.format(w=width, h=height)
    run_ffmpeg("-filter_complex", graph, "-c:v", "libx264", "-pix_fmt", "yuv420p", plain)
    run_ffmpeg(*options, "-i", plain, "-c", "copy", target)


def corners(path: Path) -> list[str]:
    """Name the colours of the four corners, row by row."""
    picture = read_picture(path)
    height, width, _ = picture.shape
    spots = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [COLOURS[tuple(int(value > 128) for value in picture[spot])] for spot in spots]  # type: ignore[index]


async def test_a_plain_clip_is_copied_first_and_then_encoded(tmp_path: Path) -> None:
    """The copy is there at once; smaller renditions follow, all of the same length."""
    served = await serve(clip("portrait_selfie.mp4"), tmp_path / "out")
    assert [(file.short_side, file.is_remuxed) for file in served.files] == [
        (720, True),
        (360, False),
        (540, False),
    ]
    for file in served.files:
        facts = read_facts(file.path)
        assert facts.codec == "h264"
        assert facts.audio == "aac"
        assert facts.is_faststart
        assert facts.duration_s == pytest.approx(1.09, abs=0.06)
        assert (facts.width, facts.height) == (file.width, file.height)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-display_rotation", "0"), ["red", "lime", "blue", "white"]),
        (("-display_rotation", "270"), ["blue", "red", "white", "lime"]),
        (("-display_rotation", "180"), ["white", "blue", "lime", "red"]),
        (("-display_rotation", "90"), ["lime", "white", "red", "blue"]),
        (("-display_hflip",), ["lime", "red", "white", "blue"]),
        (("-display_vflip",), ["blue", "white", "red", "lime"]),
    ],
)
async def test_every_way_of_holding_a_phone_ends_upright(
    tmp_path: Path, options: tuple[str, ...], expected: list[str]
) -> None:
    """Rotation and mirror are baked in; no tag is left to be applied twice."""
    source = tmp_path / "source.mp4"
    make_quadrants(source, *options)
    served = await serve(source, tmp_path / "out", may_remux=False)
    assert corners(served.top.path) == expected
    assert read_facts(served.top.path).rotation == 0


async def test_wide_pixels_become_square(tmp_path: Path) -> None:
    """A 200x200 picture of 2:1 pixels is shown, and now stored, 400x200."""
    source = tmp_path / "source.mp4"
    sar = "-vf", "setsar=2/1"
    run_ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=200x200:r=10:d=0.5", *sar, "-c:v", "libx264", source
    )
    served = await serve(source, tmp_path / "out")
    assert (served.top.width, served.top.height) == (400, 200)


async def test_picture_and_sound_stay_together_in_every_rendition(tmp_path: Path) -> None:
    """A flash and a beep at the same moment, a second in, with the sound track starting late."""
    source = tmp_path / "source.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=540x960:r=30:d=2"),
        *("-itsoffset", "0.7", "-f", "lavfi", "-i", "sine=f=1000:d=1.3:r=48000"),
        *("-filter_complex", "[0:v]drawbox=color=white:t=fill:enable='gte(t,1)'[v]"),
        *("-filter_complex", "[1:a]volume=0:enable='lt(t,1.0)'[a]"),
        *("-map", "[v]", "-map", "[a]", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-c:a", "libopus", source),
    )
    served = await serve(source, tmp_path / "out")
    assert len(served.files) == 2
    for file in served.files:
        flash_s, beep_s = find_flash_and_beep(file.path)
        assert flash_s == pytest.approx(1.0, abs=0.035)
        assert beep_s == pytest.approx(flash_s, abs=0.035)


async def test_keyframes_come_every_two_seconds_and_none_twice(tmp_path: Path) -> None:
    """Phones write almost thirty pictures a second: counting to sixty ends a picture early."""
    source = tmp_path / "source.mp4"
    made = "testsrc2=s=180x320:r=29.93:d=6.5"
    run_ffmpeg("-f", "lavfi", "-i", made, "-c:v", "libx264", "-pix_fmt", "yuv420p", source)
    served = await serve(source, tmp_path / "out", may_remux=False)
    probe = await probe_video(served.top.path, limits=VideoLimits())
    assert probe.keyframes_s == pytest.approx((0.0, 2.0, 4.0, 6.0), abs=0.05)


async def test_nothing_of_the_original_is_told(tmp_path: Path) -> None:
    """Place, title, comment, chapters, attachments: none reaches a rendition, copied or encoded."""
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nSTART=0\nEND=500\ntitle=chaptersecret\n")
    source = tmp_path / "source.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=640x1138:r=10:d=1", "-i", chapters),
        *("-map_metadata", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast"),
        *("-metadata", "title=titlesecret", "-metadata", "location=+37.4220-122.0840/"),
        *("-metadata:s:v", "comment=tracksecret", "-attach", chapters),
        *("-metadata:s:t", "mimetype=text/plain", "-metadata:s:t", "filename=filesecret.txt"),
        source,
    )
    served = await serve(source, tmp_path / "out")
    assert any(file.is_remuxed for file in served.files)
    for file in served.files:
        data = file.path.read_bytes()
        for word in (b"secret", b"37.4220", b"x264 - core", b"Lavf"):
            assert word not in data
        assert read_facts(file.path).stream_kinds == ["video"]


async def test_progress_only_grows_and_ends_at_one(tmp_path: Path) -> None:
    """A person who watches the number never sees it fall."""
    source = odd("odd_dims_161x121_vp9.webm")
    probe = await probe_video(source, limits=VideoLimits())
    told: list[float] = []
    async for _ in render_ladder(
        source, probe, decide_ladder(probe), tmp_path, on_progress=told.append
    ):
        pass
    assert told == sorted(told)
    assert told[-1] == 1.0


async def test_the_first_file_may_be_moved_away_before_the_rest_is_made(tmp_path: Path) -> None:
    """Publishing takes files out of the directory while rendering goes on."""
    source = clip("portrait_selfie.mp4")
    probe = await probe_video(source, limits=VideoLimits())
    made = []
    async for file in render_ladder(source, probe, decide_ladder(probe), tmp_path):
        made.append(file.short_side)
        file.path.unlink()
    assert made == [720, 360, 540]


async def test_a_rendering_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    """The deadline holds, the reason is told, nothing is left."""
    source = odd("no_duration.webm")
    probe = await probe_video(source, limits=VideoLimits())
    hurry = RenderingLimits(deadline_s_min=0.2, pixels_per_s_floor=1e15)
    with pytest.raises(Refused) as refused:
        async for _ in render_ladder(source, probe, decide_ladder(probe), tmp_path, limits=hurry):
            pass
    assert refused.value.reason == Reason.TOO_COMPLEX
    assert_only_finished(tmp_path, [])


async def test_leaving_early_leaves_nothing_behind(tmp_path: Path) -> None:
    """A job that loses its lease simply stops listening."""
    source = clip("portrait_selfie.mp4")
    probe = await probe_video(source, limits=VideoLimits())
    files = render_ladder(source, probe, decide_ladder(probe), tmp_path)
    first = await anext(files)
    await files.aclose()  # type: ignore[attr-defined]
    assert_only_finished(tmp_path, [first])
