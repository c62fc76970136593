"""Clips: what ffmpeg makes of a scene plays everywhere as it is."""

import os
from itertools import pairwise
from pathlib import Path

import av
import pytest

from solstice.demo.clips import ClipOrder, RenderFailed, render_clip

pytestmark = pytest.mark.slow

KITTEN = ClipOrder(scene="yarn_cat", seed=0)


@pytest.fixture(scope="module")
def kitten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered clip of six seconds."""
    return render_clip(KITTEN, tmp_path_factory.mktemp("clips"))


def test_a_clip_is_h264_and_aac_of_the_promised_size_and_length(kitten: Path) -> None:
    """The platform can put it live without encoding it again."""
    with av.open(str(kitten)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec.name, picture.profile, picture.pix_fmt) == ("h264", "High", "yuv420p")
        assert (picture.width, picture.height, picture.average_rate) == (720, 1280, 30)
        assert (sound.codec.name, sound.rate, sound.channels) == ("aac", 48_000, 2)
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(6, abs=0.1)
        keyframes = [
            float(packet.pts * packet.time_base)
            for packet in container.demux(picture)
            if packet.is_keyframe and packet.pts is not None and packet.time_base is not None
        ]
    assert len(keyframes) >= 3
    assert max(b - a for a, b in pairwise(keyframes)) <= 2.0


def test_playback_can_start_before_the_last_byte_is_there(kitten: Path) -> None:
    """The index comes first (faststart)."""
    head = kitten.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_a_kept_clip_is_not_rendered_again(kitten: Path) -> None:
    """A second demo costs nothing, and no half-made file is left beside it."""
    before = kitten.stat()
    assert render_clip(KITTEN, kitten.parent) == kitten
    assert kitten.stat().st_mtime_ns == before.st_mtime_ns
    assert os.listdir(kitten.parent) == [kitten.name]  # noqa: PTH208


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    """The directory is a file: the caller learns it as an error of the disk."""
    (tmp_path / "clips").write_text("not a directory")
    with pytest.raises(OSError, match="clips"):
        render_clip(KITTEN, tmp_path / "clips")
    assert not issubclass(RenderFailed, OSError)
