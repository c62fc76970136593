"""The stage: its clock, its colours and its light."""

import numpy as np

from solstice.demo.stage import Stage, colour, develop, glow, ramp, shade, shine, smooth_noise

STAGE = Stage(width=90, height=160, seconds=2, seed=3)


def test_phases_run_from_zero_up_to_but_not_including_one() -> None:
    """So the frame after the last is the first."""
    phases = list(STAGE.phases())
    assert len(phases) == 60
    assert phases[0] == 0
    assert phases[-1] == 59 / 60


def test_dice_depend_on_seed_and_purpose_only() -> None:
    """A scene may ask for the same dice again while it draws."""
    assert STAGE.chance(1).uniform() == STAGE.chance(1).uniform()
    assert STAGE.chance(1).uniform() != STAGE.chance(2).uniform()


def test_a_ramp_begins_and_ends_with_its_stops() -> None:
    """And values beyond the ends take the ends' colours."""
    table = ramp("#000000", "#ff8000", steps=16)
    assert tuple(table[0]) == (0, 0, 0)
    assert tuple(table[-1]) == colour("#ff8000")
    outside = shade(table, np.array([[-1.0, 2.0]], dtype=np.float32))
    assert tuple(outside[0, 0]) == (0, 0, 0)
    assert tuple(outside[0, 1]) == (255, 128, 0)


def test_light_outside_the_picture_is_left_out() -> None:
    """Meteors enter and leave over the edge."""
    light = np.zeros((160, 90, 3), dtype=np.float32)
    white = np.full(3, 255.0)
    shine(light, glow(10), -40, 20, white)
    assert light.sum() == 0
    shine(light, glow(10), 0, 0, white)
    assert light[0, 0, 0] == 255
    assert light[40:].sum() == 0


def test_developing_clips_what_is_too_bright() -> None:
    """An overexposed sun is white, not black."""
    frame = develop(np.full((160, 90, 3), 400, dtype=np.float32))
    assert frame.min() == 255


def test_noise_fills_its_range_and_wraps_around() -> None:
    """Drifting clouds show no seam."""
    noise = smooth_noise(STAGE.chance(), 64, 128, scale=5)
    assert noise.min() == 0
    assert noise.max() == 1
    steps = np.abs(np.diff(noise, axis=1)).max()
    assert np.abs(noise[:, 0] - noise[:, -1]).max() <= steps
