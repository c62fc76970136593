"""Every command that opens a stranger's file carries the same guards."""

from pathlib import Path

import pytest

from solstice.videos import allowed, ffmpeg
from solstice.videos.ladder import decide_ladder
from tests.videos.test_ladder import HEVC, PHONE

SOURCE, TARGET = Path("/in/source"), Path("/out/target.mp4")
LADDER = decide_ladder(HEVC)
COMMANDS = {
    "remux": ffmpeg.render_remux(PHONE, SOURCE, TARGET),
    "encode": ffmpeg.render_encode(
        HEVC, LADDER, [(LADDER.encoded[0], TARGET)], source=SOURCE, sound_from=None, threads=2
    ),
    "stills": ffmpeg.render_stills(
        HEVC, SOURCE, at_s=1.0, sizes=[(360, 640)], targets=[Path("/out/poster.jpg")]
    ),
    "moments": ffmpeg.render_moments(
        HEVC, SOURCE, step_s=1.0, size="32:32", count=3, target=Path("/out/moments.gray")
    ),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_the_source_is_opened_with_every_guard(command: list[str]) -> None:
    """One protocol, short lists, the demuxer probing found, no external references."""
    guards = command[: command.index("-i")]
    for name, value in {
        "-protocol_whitelist": "file",
        "-format_whitelist": allowed.FORMAT_WHITELIST,
        "-codec_whitelist": allowed.CODEC_WHITELIST,
        "-enable_drefs": "0",
        "-f": "mov",
    }.items():
        assert guards[guards.index(name) + 1] == value
    assert "-nostdin" in command
    assert command[command.index("-i") + 1] == "file:/in/source"


@pytest.mark.parametrize("name", ["hls", "concat", "image2", "lavfi", "rtsp", "ass", "flv"])
def test_no_playlist_picture_or_device_is_allowed(name: str) -> None:
    """Nothing that opens something else."""
    assert name not in allowed.FORMAT_WHITELIST.split(",")


@pytest.mark.parametrize("name", ["magicyuv", "ffv1", "huffyuv", "utvideo", "vvc", "png"])
def test_no_rare_decoder_is_allowed(name: str) -> None:
    """Each would be attack surface for nobody's clips."""
    assert name not in allowed.CODEC_WHITELIST.split(",")


def test_progress_is_read_as_a_share() -> None:
    """Lines that say nothing about time are passed over; more than all is all."""
    told: list[float] = []
    take = ffmpeg.follow_progress(10.0, told.append)
    for line in ("frame=3", "out_time_us=N/A", "out_time_us=5000000", "out_time_us=11000000"):
        take(line)
    assert told == [0.5, 1.0]
