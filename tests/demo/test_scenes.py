"""Scenes: every one draws, moves and sounds, the same way whenever it is asked."""

from itertools import islice, pairwise

import numpy as np
import pytest

from solstice.demo.scenes import CRISP, EXACT, MIST, REPERTOIRE, SOFT
from solstice.demo.stage import FPS, Stage

pytestmark = pytest.mark.slow

LOOPS = ("aurora", "koi", "marble", "pendulums", "window_cat")


def stage_of(scene: str, *, seed: int = 0, seconds: float = 2.0) -> Stage:
    width, height = REPERTOIRE[scene].stage
    return Stage(width=width, height=height, seconds=seconds, seed=seed)


@pytest.mark.parametrize("scene", REPERTOIRE)
def test_a_scene_is_a_bright_moving_picture_with_sound(scene: str) -> None:
    """A newcomer sees neither black nor a still, and hears it on both sides to the end."""
    stage = stage_of(scene, seconds=1.5)
    take = REPERTOIRE[scene].draw(stage)
    frames = list(islice(take.frames, 6))
    for frame in frames:
        assert frame.shape == (stage.height, stage.width, 3)
        assert frame.dtype == np.uint8
    assert frames[-1].std() > 8, "flat"
    assert frames[-1].max() > 120, "dark"
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 30, "nothing moves"
    ring = take.score.ring
    assert ring.shape == (2, round(stage.seconds * 48_000))
    assert np.isfinite(ring).all()
    assert (np.abs(ring).mean(axis=1) > 1e-4).all(), "silent"


@pytest.mark.parametrize("scene", LOOPS)
def test_the_end_of_a_loop_meets_its_beginning(scene: str) -> None:
    """The jump from the last frame to the first is no larger than an ordinary step.

    Twice the largest of the first steps, since motion is not even.
    """
    frames = [frame.astype(np.int16) for frame in REPERTOIRE[scene].draw(stage_of(scene)).frames]
    assert len(frames) == 2 * FPS
    steps = [np.abs(one - two).mean() for one, two in pairwise(frames)]
    assert np.abs(frames[-1] - frames[0]).mean() <= 2 * max(steps)


def test_the_same_seed_draws_the_same_picture() -> None:
    """Clips are kept by name, so a name must mean one picture."""
    one, two, other = (
        next(REPERTOIRE["sunrise"].draw(stage_of("sunrise", seed=seed)).frames)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_every_clip_is_portrait_and_of_a_watchable_length() -> None:
    """Six to fifteen seconds, nine by sixteen, from a stage of the same shape."""
    assert len(REPERTOIRE) >= 24
    for number in REPERTOIRE.values():
        assert 6 <= number.seconds <= 15
        assert number.clip in {(720, 1280), (1080, 1920)}
        assert number.stage in {MIST, SOFT, EXACT, CRISP}
