"""The pen: the same drawing on a page of any size."""

import numpy as np
import pytest

from solstice.demo.pen import Pen, around, blank, soft_disc, taken
from solstice.demo.stage import Stage


@pytest.mark.parametrize("width", [90, 360])
def test_units_do_not_depend_on_pixels(width: int) -> None:
    """A disc in the middle covers its share of the page, however large."""
    stage = Stage(width=width, height=width * 16 // 9, seconds=1, seed=0)
    page = blank(stage, "#000000", "#000000")
    Pen(page).disc(4.5, 8, 3, "#ffffff")
    share = (taken(page)[..., 0] > 128).mean()
    assert share == pytest.approx(np.pi * 9 / (9 * 16), rel=0.03)


def test_letters_stand_where_their_word_would_have_them() -> None:
    """Wide letters get more room than narrow ones, and the word is centred."""
    stage = Stage(width=900, height=1600, seconds=1, seed=0)
    left, middle, right = Pen(blank(stage, "#000000")).columns(4.5, "wiw", size=1.0)
    assert middle == pytest.approx(4.5, abs=0.02)
    assert right - middle == pytest.approx(middle - left, abs=0.02)


def test_every_shape_leaves_ink() -> None:
    """Rings, arcs, strokes, boxes, polygons and letters all draw."""
    stage = Stage(width=180, height=320, seconds=1, seed=0)
    for draw in (
        lambda pen: pen.ring(4, 8, 2, "#ffffff"),
        lambda pen: pen.arc(4, 8, 2, "#ffffff", start=0, end=90),
        lambda pen: pen.stroke([(1, 1), (5, 9), (8, 2)], "#ffffff"),
        lambda pen: pen.box(1, 1, 5, 5, "#ffffff", corner=0.5),
        lambda pen: pen.shape(around(4.5, 8, 3, 5), "#ffffff"),
        lambda pen: pen.text(4.5, 8, "Solstice", "#ffffff"),
    ):
        page = blank(stage, "#000000")
        draw(Pen(page))
        assert taken(page).max() > 200


def test_a_soft_disc_is_brightest_in_its_middle() -> None:
    """And leaves the far corner as it was."""
    stage = Stage(width=90, height=160, seconds=1, seed=0)
    tint = np.full(3, 200, dtype=np.float32)
    page = taken(soft_disc(stage, blank(stage, "#000000"), (4.5, 4.0), 1.0, tint))
    assert page[40, 45, 0] > 180
    assert page[159, 89, 0] <= 1
