"""What happens to the picture on its way to each rendition."""

from dataclasses import replace

import pytest

from solstice.videos.filters import render_graph, render_turn
from solstice.videos.ladder import decide_ladder
from solstice.videos.probe import Orientation, Probe
from tests.videos.test_ladder import HEVC


def graph(probe: Probe) -> str:
    ladder = decide_ladder(probe)
    return render_graph(probe, ladder, ladder.encoded)


def test_there_is_one_decoding_and_one_pad_a_rendition() -> None:
    """All renditions come out of one split."""
    text = graph(HEVC)
    assert text.count("[0:0]") == 1
    assert "split=4" in text
    assert all(f"[v{index}]" in text for index in range(4))


def test_side_data_is_deleted_before_anything_else() -> None:
    """A camera's data reaches no encoder."""
    assert graph(HEVC).startswith("[0:0]sidedata=mode=delete,")


@pytest.mark.parametrize(
    ("orientation", "steps"),
    [
        (Orientation(), []),
        (Orientation(quarter_turns=1), ["transpose=clock"]),
        (Orientation(quarter_turns=2), ["hflip", "vflip"]),
        (Orientation(quarter_turns=3), ["transpose=cclock"]),
        (Orientation(is_mirrored=True), ["hflip"]),
        (Orientation(quarter_turns=1, is_mirrored=True), ["hflip", "transpose=clock"]),
    ],
)
def test_each_orientation_has_its_turn(orientation: Orientation, steps: list[str]) -> None:
    """Mirror first, then clockwise quarters."""
    assert render_turn(orientation) == steps


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_mapped_after_the_size_went_down(transfer: str) -> None:
    """Tone mapping 4K would cost four times as much."""
    text = graph(replace(HEVC, bit_depth=10, transfer=transfer, width=2160, height=3840))
    assert text.index("scale=1080:1920") < text.index("tonemap=")


def test_ordinary_colours_are_not_mapped() -> None:
    """Nothing to do, nothing done."""
    assert "tonemap" not in graph(replace(HEVC, transfer="bt709"))


@pytest.mark.parametrize("transfer", ["", "gamma22"])
def test_wide_colours_without_a_curve_are_not_taken_for_hdr(transfer: str) -> None:
    """They would come out dark; and of curves the converter has not heard it makes nothing."""
    text = graph(replace(HEVC, matrix="bt2020nc", transfer=transfer))
    assert "color_trc=bt709" in text
    assert "tonemap" not in text


def test_only_too_fast_clips_lose_pictures() -> None:
    """Constant 120 is halved; a burst in a slow clip loses only what comes within 8 ms."""
    assert "fps=" not in graph(HEVC)
    assert "fps=60" in graph(replace(HEVC, fps=120.0, frame_gap_s_min=1 / 120))
    assert "select=" in graph(replace(HEVC, fps=8.0, frame_gap_s_min=0.0001))


def test_interlaced_pictures_are_combed_out() -> None:
    """Half-pictures make stripes on a screen."""
    assert "bwdif" in graph(replace(HEVC, is_interlaced=True))
