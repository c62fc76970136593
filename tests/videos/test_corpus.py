"""Every real clip plays in the end; every odd or hostile file is played or refused, never stuck.

Takes minutes: two files are rendered at a time.  What a file must become is written here or in
the manifest of the hostile set, never read from the code under test.
"""

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest

from solstice.videos.ladder import SHORT_SIDES
from tests.samples import HostileCase, clip, make_hostile, odd, run_ffmpeg
from tests.videos.facts import Facts, find_flash_and_beep, read_facts, read_picture
from tests.videos.kitchen import Served, serve

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

CASE_S_MAX = 120.0
REMUXED_PROFILES = {"Main", "Baseline", "Constrained Baseline", "High"}


@dataclass(frozen=True)
class Expected:
    """What a clip is, by its own description: shown size, seconds, sound."""

    width: int
    height: int
    duration_s: float
    has_sound: bool


CLIPS = {
    "dog.mp4": Expected(1280, 720, 9.664, True),
    "cups.mp4": Expected(1280, 720, 10.01, True),
    "blocks.mp4": Expected(1280, 720, 9.744, True),
    "coffee.mp4": Expected(1280, 720, 9.577, True),
    "juggle_silent.mp4": Expected(1280, 720, 10.29, False),
    "butterfly.mp4": Expected(1280, 720, 7.54, True),
    "chaplin_bw.mp4": Expected(640, 360, 9.64, True),
    "bbb_6ch.mp4": Expected(1280, 720, 5.312, True),
    "phone_portrait_4k60.mp4": Expected(2160, 3840, 0.3127, True),
    "iphone_portrait_dolbyvision.mp4": Expected(1080, 1920, 2.548, True),
    "portrait_selfie.mp4": Expected(720, 1080, 1.089, True),
    "square_vp9.webm": Expected(642, 642, 2.967, False),
    "hevc_icc.mp4": Expected(1920, 1080, 10.0, True),
    "mov_pcm_50fps.mov": Expected(1920, 1080, 2.0, True),
    "screen_vfr.mp4": Expected(3026, 1386, 8.726, False),
    "long_362s_lowbitrate.mp4": Expected(1920, 1080, 362.8, True),
}
ODD = {
    "8k_hevc_300ms.mp4": Expected(7680, 4320, 0.34, True),
    "rotation_0.mov": Expected(568, 320, 0.1, False),
    "rotation_90.mov": Expected(320, 568, 0.1, False),
    "rotation_180.mov": Expected(568, 320, 0.1, False),
    "odd_dims_161x121_vp9.webm": Expected(161, 121, 1.001, False),
    "no_duration.webm": Expected(1280, 720, 4.94, True),
    "alpha_vp9.webm": Expected(200, 200, 5.0, True),
    "fragmented_bogus_duration.mp4": Expected(1080, 720, 1.068, True),
    "video_only.mp4": Expected(1080, 720, 1.001, False),
    "mdat_too_long.mp4": Expected(1080, 720, 1.067, True),
    "corrupted_h264.mp4": Expected(1280, 720, 5.0, False),
    "sample.avi": Expected(960, 400, 4.087, True),
    "h263.3gp": Expected(176, 144, 1.0, False),
}


def assert_plays(served: Served, expected: Expected) -> list[Facts]:
    """Hold every rendition against what any browser plays and what the clip was."""
    assert served.refusal is None, f"{served.refusal} {served.refusal.detail}"
    everything = [read_facts(file.path) for file in served.files]
    for file, facts in zip(served.files, everything, strict=True):
        assert facts.codec == "h264"
        assert facts.profile in (REMUXED_PROFILES if file.is_remuxed else {"High"})
        assert facts.pixel_format == "yuv420p"
        assert facts.width % 2 == facts.height % 2 == 0
        assert facts.rotation == 0
        assert facts.is_faststart
        assert facts.duration_s == pytest.approx(expected.duration_s, abs=0.12)
        shape = (facts.width / facts.height) / (expected.width / expected.height)
        assert shape == pytest.approx(1.0, abs=0.02)
        assert min(facts.width, facts.height) <= min(expected.width, expected.height)
        kinds = ["audio", "video"] if expected.has_sound else ["video"]
        assert facts.stream_kinds == kinds
        assert facts.audio == ("aac" if expected.has_sound else "")
        if expected.has_sound and not file.is_remuxed:
            assert facts.channel_count in (1, 2)
        assert facts.frame_times_s == sorted(facts.frame_times_s)
        rate = len(facts.frame_times_s) / max(facts.duration_s, 0.5)
        assert rate <= 61
        if not file.is_remuxed:
            assert facts.keyframe_gap_s_max <= 2.1 + _longest_gap_s(facts)
        assert not set(facts.tags) & {"location", "title", "comment", "creation_time", "encoder"}
    sides = [min(facts.height, facts.width) for facts in everything]
    short = min(expected.width, expected.height)
    assert {side for side in SHORT_SIDES if side <= short} <= set(sides) | {max(sides)}
    return everything


def _longest_gap_s(facts: Facts) -> float:
    """A keyframe is the first picture two seconds after the last one, whenever that comes."""
    return max((b - a for a, b in pairwise(facts.frame_times_s)), default=0.0)


@pytest.mark.parametrize("name", CLIPS)
async def test_every_clip_ends_up_playable(name: str, tmp_path: Path) -> None:
    """Upright, with the right length and sound; the long one with its limit raised."""
    served = await serve(clip(name), tmp_path / "out", duration_s_max=400)
    assert_plays(served, CLIPS[name])


@pytest.mark.parametrize("name", ODD)
async def test_every_usable_odd_file_ends_up_playable(name: str, tmp_path: Path) -> None:
    """Whatever its container claims, odd sizes, fragments, damage and 8K included."""
    served = await serve(odd(name), tmp_path / "out")
    assert_plays(served, ODD[name])


async def test_six_minutes_are_too_long_by_default(tmp_path: Path) -> None:
    """Three minutes are the limit."""
    served = await serve(clip("long_362s_lowbitrate.mp4"), tmp_path / "out")
    assert served.refusal is not None
    assert served.refusal.reason == "too_long"


async def test_an_iphone_in_hdr_looks_like_daylight(tmp_path: Path) -> None:
    """Tone-mapped: neither washed out nor dark, greys stay grey, tags say BT.709."""
    served = await serve(clip("iphone_portrait_dolbyvision.mp4"), tmp_path / "out")
    picture = read_picture(served.files[0].path, at_s=1.0).astype(np.float64)
    assert 80 < picture.mean() < 170
    assert picture.std() > 35
    red, green, blue = (picture[..., channel].mean() for channel in range(3))
    assert max(red, green, blue) - min(red, green, blue) < 20


@pytest.fixture(scope="module")
def canary() -> Iterator[socket.socket]:
    """A listener that nothing may ever talk to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose bytes may appear nowhere."""
    path = tmp_path_factory.mktemp("secret") / "secret.txt"
    path.write_text("the-secret-bytes-of-somebody-else\n")
    return path


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory, canary: socket.socket, secret: Path
) -> list[HostileCase]:
    """Every case of the script, made once."""
    port = canary.getsockname()[1]
    into = tmp_path_factory.mktemp("hostile")
    return make_hostile(into, canary=f"http://127.0.0.1:{port}/canary", secret=secret)


async def test_every_hostile_file_meets_its_expectation(
    hostile: list[HostileCase], canary: socket.socket, secret: Path, tmp_path: Path
) -> None:
    """Accepted or refused as the manifest says, in time; nothing leaks, nothing is left."""
    places = asyncio.Semaphore(2)

    async def meet(index: int, case: HostileCase) -> tuple[HostileCase, Served, float]:
        async with places:
            began = time.monotonic()
            served = await serve(case.path, tmp_path / str(index))
            return case, served, time.monotonic() - began

    met = await asyncio.gather(*(meet(index, case) for index, case in enumerate(hostile)))
    assert len(met) > 55
    for case, served, took_s in met:
        outcome = "reject" if served.refusal is not None else "accept"
        assert case.expect in (outcome, "either"), f"{case.path.name}: {outcome}"
        assert took_s < CASE_S_MAX, case.path.name
        if served.refusal is not None:
            assert served.refusal.sentence, case.path.name
        for file in served.files:
            assert_tells_nothing(file.path, secret)
    with pytest.raises(BlockingIOError):
        canary.accept()
    assert _decoders() == []


def assert_tells_nothing(made: Path, secret: Path) -> None:
    """Neither the secret's bytes nor anything of the hostile tags are in a rendition."""
    data = made.read_bytes()
    unwanted = (secret.read_bytes().strip(), b"<script", b"37.4220", b"evil.sh", b"A" * 54)
    for word in unwanted:
        assert word not in data, made


def _decoders() -> list[str]:
    return [
        child.name()
        for child in psutil.Process().children(recursive=True)
        if "ffmpeg" in child.name() or "launch.py" in " ".join(child.cmdline())
    ]


LAVFI = ("-f", "lavfi", "-i")
ZSCALE_MATRICES = {"bt709": 1, "ycgco": 8, "bt2020nc": 9}
COLOURS = {"gray": (128, 128, 128), "orange": (255, 165, 0)}
PICTURE = (*LAVFI, "testsrc2=s=360x640:r=30:d=1")
TONE = (*LAVFI, "sine=f=440:d=1:r=48000")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SMALL = Expected(360, 640, 1.0, False)
SOUNDING = Expected(360, 640, 1.0, True)
HDR10 = (
    *("-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params"),
    "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
)


def _tagged(curve: str, primaries: str, matrix: str) -> tuple[str, str]:
    """Let a file say this of its colours."""
    tags = f"color_trc={curve}:color_primaries={primaries}:colorspace={matrix}"
    return "-vf", f"format=yuv420p,setparams={tags}"


# name, ffmpeg's words, what must come out
FURTHER: list[tuple[str, tuple[str, ...], Expected]] = [
    ("av1.mp4", (*PICTURE, "-c:v", "libsvtav1", "-preset", "12"), SMALL),
    ("vp8_vorbis.webm", (*PICTURE, *TONE, "-c:v", "libvpx", "-deadline", "realtime"), SOUNDING),
    ("vp9_opus.webm", (*PICTURE, *TONE, "-c:v", "libvpx-vp9", "-deadline", "realtime"), SOUNDING),
    ("camera.mov", (*PICTURE, *TONE, "-c:v", "mjpeg", "-c:a", "pcm_u8"), SOUNDING),
    ("prores.mov", (*PICTURE, "-c:v", "prores_ks", "-profile:v", "3"), SMALL),
    ("mpeg2.ts", (*PICTURE, *TONE, "-c:v", "mpeg2video", "-c:a", "mp2"), SOUNDING),
    ("hdr10_no_metadata.mp4", (*PICTURE, *HDR10), SMALL),
    (
        "high422_10.mp4",
        (*PICTURE, "-vf", "format=yuv422p10le", "-c:v", "libx264", "-preset", "ultrafast"),
        SMALL,
    ),
    (
        "rgb.mp4",
        (*PICTURE, "-vf", "format=rgb24", "-c:v", "libx264rgb", "-preset", "ultrafast"),
        SMALL,
    ),
    ("interlaced.mp4", (*PICTURE, "-vf", "interlace", *X264, "-flags", "+ilme+ildct"), SMALL),
    (
        "b_frames_open_gop.mp4",
        (*PICTURE, *X264, "-preset", "medium", "-bf", "8", "-x264opts", "open-gop=1"),
        SMALL,
    ),
    ("120_fps.mp4", (*LAVFI, "testsrc2=s=360x640:r=120:d=1", *X264), SMALL),
    ("96_khz.mkv", (*PICTURE, *LAVFI, "sine=d=1:r=96000", *X264, "-c:a", "flac"), SOUNDING),
    ("eac3_5_1.mp4", (*PICTURE, *TONE, *X264, "-c:a", "eac3", "-ac", "6"), SOUNDING),
    (
        "two_pictures.mkv",
        (*PICTURE, *LAVFI, "testsrc2=s=180x320:d=1", "-map", "0", "-map", "1", *X264),
        SMALL,
    ),
    (
        "long_sound.mp4",
        (*PICTURE, *LAVFI, "sine=d=8", *X264, "-c:a", "aac"),
        Expected(360, 640, 8.0, True),
    ),
    (
        "starts_below_zero.mkv",
        (
            *PICTURE,
            *TONE,
            *X264,
            "-c:a",
            "aac",
            "-output_ts_offset",
            "-0.5",
            "-avoid_negative_ts",
            "0",
        ),
        SOUNDING,
    ),
    (
        "starts_late.ts",
        (*PICTURE, *TONE, *X264, "-c:a", "aac", "-output_ts_offset", "4000"),
        SOUNDING,
    ),
    (
        "ten_pictures_a_minute.mp4",
        (*LAVFI, "testsrc2=s=360x640:r=1/6:d=60", *X264),
        Expected(360, 640, 60.0, False),
    ),
    (
        "sixteen_by_nine_pixels.mkv",
        (*PICTURE, "-vf", "setsar=64/45", *X264),
        Expected(512, 640, 1.0, False),
    ),
    ("ribbon.mp4", (*LAVFI, "testsrc2=s=4096x64:d=1", *X264), Expected(4096, 64, 1.0, False)),
    ("colours_of_film.mp4", (*PICTURE, *_tagged("log316", "film", "smpte240m"), *X264), SMALL),
    ("colours_unheard_of.mp4", (*PICTURE, *_tagged("bt709", "bt709", "ictcp"), *X264), SMALL),
    ("colours_of_a_screen.mp4", (*PICTURE, *_tagged("bt709", "bt709", "ycgco"), *X264), SMALL),
    (
        "colours_that_contradict.mp4",
        (*PICTURE, *_tagged("smpte2084", "smpte432", "bt2020c"), *X264),
        SMALL,
    ),
]


@pytest.mark.parametrize(("name", "words", "expected"), FURTHER, ids=[case[0] for case in FURTHER])
async def test_further_kinds_of_files_end_up_playable(
    name: str, words: tuple[str, ...], expected: Expected, tmp_path: Path
) -> None:
    """Containers, codecs, colours, rates and times that nobody gave us and somebody will."""
    source = tmp_path / name
    run_ffmpeg(*words, source)
    served = await serve(source, tmp_path / "out")
    for facts in assert_plays(served, expected):
        if name == "ten_pictures_a_minute.mp4":
            assert len(facts.frame_times_s) < 40


@pytest.mark.parametrize(
    ("offsets_s", "duration_s"),
    [((0, 5000), 2.0), ((5000, 0), 2.0), ((0, 0, 0), 3.0)],
    ids=["later", "earlier", "again"],
)
async def test_recordings_that_were_joined_are_as_long_as_all_of_them(
    offsets_s: tuple[int, ...], duration_s: float, tmp_path: Path
) -> None:
    """Each counts from where it likes; there is no gap between them to wait for."""
    source, parts = tmp_path / "source.ts", []
    for offset_s in offsets_s:
        run_ffmpeg(
            *(*PICTURE, *TONE, *X264, "-c:a", "aac", "-output_ts_offset", str(offset_s)),
            tmp_path / "part.ts",
        )
        parts.append((tmp_path / "part.ts").read_bytes())
    source.write_bytes(b"".join(parts))
    served = await serve(source, tmp_path / "out")
    assert_plays(served, Expected(360, 640, duration_s, True))


@pytest.mark.parametrize(
    ("matrix", "colour"),
    [
        ("bt709", "gray"),
        ("bt709", "orange"),
        ("ycgco", "gray"),
        ("ycgco", "orange"),
        ("bt2020nc", "gray"),
    ],
)
async def test_a_colour_is_the_same_however_it_is_written(
    matrix: str, colour: str, tmp_path: Path
) -> None:
    """A file that says how its picture is written and not how bright it is means no HDR."""
    source = tmp_path / "source.mkv"
    written = f"format=gbrp,zscale=m={ZSCALE_MATRICES[matrix]}:r=tv,format=yuv420p"
    tags = f"setparams=color_trc=unknown:color_primaries=unknown:colorspace={matrix}"
    run_ffmpeg(
        *(*LAVFI, f"color={colour}:s=360x640:r=10:d=0.5", "-vf", f"{written},{tags}"),
        *("-c:v", "libx264", "-qp", "10", source),
    )
    served = await serve(source, tmp_path / "out", may_remux=False)
    middle = read_picture(served.top.path)[300:340, 160:200].reshape(-1, 3).mean(axis=0)
    assert middle == pytest.approx(COLOURS[colour], abs=16)


async def test_an_edit_list_that_cuts_into_the_clip_is_obeyed(tmp_path: Path) -> None:
    """A clip trimmed on the phone: the cut part is neither shown nor heard."""
    long, source = tmp_path / "long.mp4", tmp_path / "source.mp4"
    run_ffmpeg(
        *(*LAVFI, "color=black:s=540x960:r=30:d=4"),
        *(*LAVFI, "sine=f=1000:d=4:r=48000"),
        *("-filter_complex", "[0:v]drawbox=color=white:t=fill:enable='gte(t,2)'[v]"),
        *("-filter_complex", "[1:a]volume=0:enable='lt(t,2)'[a]"),
        *("-map", "[v]", "-map", "[a]", *X264, "-g", "300", "-c:a", "aac", long),
    )
    run_ffmpeg("-ss", "1", "-i", long, "-c", "copy", source)
    served = await serve(source, tmp_path / "out")
    for file in served.files:
        flash_s, beep_s = find_flash_and_beep(file.path)
        assert flash_s == pytest.approx(1.0, abs=0.07)
        assert beep_s == pytest.approx(flash_s, abs=0.07)


@pytest.mark.parametrize("size", ["360x640", "540x960"])
async def test_damage_in_the_sound_of_a_copied_clip_is_mended(size: str, tmp_path: Path) -> None:
    """Live at once as it is, and again without the damage, which players do not forgive."""
    whole, source = tmp_path / "whole.mp4", tmp_path / "source.mp4"
    picture = (*LAVFI, f"testsrc2=s={size}:r=30:d=2", *LAVFI, "sine=f=440:d=2:r=48000")
    run_ffmpeg(*picture, *X264, "-c:a", "aac", whole)
    run_ffmpeg("-i", whole, "-c", "copy", "-bsf:a", "noise=amount=20", source)
    served = await serve(source, tmp_path / "out")
    assert served.files[0].is_remuxed
    for made in (tmp_path / "out").iterdir():
        facts = read_facts(made)  # decodes everything, and raises at the first damage
        assert facts.duration_s == pytest.approx(2.0, abs=0.3)
        assert facts.audio == "aac"


async def test_a_cut_that_begins_between_keyframes_is_shown_from_there(tmp_path: Path) -> None:
    """What lies before the cut is needed for decoding, and is no picture of the clip."""
    long, source = tmp_path / "long.mp4", tmp_path / "source.mp4"
    run_ffmpeg(*LAVFI, "testsrc2=s=360x640:r=30:d=2", *X264, "-g", "300", long)
    early = ("-output_ts_offset", "-1", "-avoid_negative_ts", "disabled")
    run_ffmpeg("-i", long, "-c", "copy", *early, source)
    served = await serve(source, tmp_path / "out")
    assert_plays(served, Expected(360, 640, 1.0, False))
