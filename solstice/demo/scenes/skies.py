"""Skies: a low sun over the sea, northern lights, the turning stars, falling ones."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solstice.demo import music
from solstice.demo.stage import (
    TURN,
    Frame,
    Plane,
    Stage,
    Take,
    develop,
    glow,
    ramp,
    shade,
    shine,
    smooth_noise,
)

SUNRISES = (
    ("#1b1f4b", "#5b3a7e", "#e0607e", "#ffb070", "#ffe3a8"),
    ("#0d2b52", "#2f6690", "#f4a88a", "#ffd7a0", "#fff1c9"),
    ("#2a0f3f", "#8c2f6b", "#ff6b5e", "#ffa552", "#ffe08a"),
)


def sunrise(stage: Stage) -> Take:
    """A low sun over a line, and its path of light on the water."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", voice="bell", notes_per_bar=4)
    music.add_surf(score, chance)
    return Take(frames=_sunrise_frames(stage), score=score)


def _sunrise_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    stops = SUNRISES[stage.seed % len(SUNRISES)]
    horizon = 0.35
    shore = int((horizon + 16 / 9) / (32 / 9) * stage.height)
    cloud = smooth_noise(chance, stage.height, stage.width * 2, scale=7)
    cloud = np.repeat(cloud[::4], 4, axis=0)[:shore]  # stretched: bands near the horizon
    sea_x, depth = x[shore:], np.maximum(y[shore:] - horizon, 1e-3)
    near = 1 / (depth + 0.06)
    x, y = x[:shore], y[:shore]
    above = shade(ramp(*stops), np.clip((y + 1.6) / (horizon + 1.6), 0, 1))
    sea = shade(ramp(*stops[::-1]), np.clip(depth * 1.1, 0, 1)) * 0.62
    path = np.exp(-((sea_x / (0.16 + depth * 0.45)) ** 2))
    for phase in stage.phases():
        distance = np.hypot(x, y - horizon + 0.2 + 0.13 * np.sin(TURN * phase))
        disc = np.clip((0.34 - distance) * 90, 0, 1)
        drift = np.roll(cloud, round(phase * cloud.shape[1]), axis=1)[:, : stage.width]
        haze = np.clip((drift - 0.5) * 2.2, 0, 1) * np.clip((y + 1.2) * 0.8, 0, 1)
        lit = above + np.exp(-distance * 2.2)[..., None] * (90, 60, 30)
        lit += haze[..., None] * (60, 26, 30) + disc[..., None] * (255, 220, 150)
        waves = sum(
            np.sin(near * wide * (1 + 0.15 * turn) + sea_x * near * skew - TURN * phase * turn)
            for turn, wide, skew in ((2, 9.0, 1.3), (3, 17.0, -2.1), (5, 31.0, 3.7))
        )
        water = sea + (waves * 7 * np.clip(depth * 6, 0, 1))[..., None] * (1, 1, 1.2)
        water += (path * np.clip(0.35 + waves * 0.4, 0, 1.4))[..., None] * (235, 150, 80)
        yield develop(np.concatenate([lit, water]))


def aurora(stage: Stage) -> Take:
    """Northern lights over a dark ridge."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="still", voice="bell", notes_per_bar=4)
    music.add_wind(score, chance)
    return Take(frames=_aurora_frames(stage), score=score)


def _aurora_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    night = shade(ramp("#02040f", "#071a33", "#0d3350"), (y + 16 / 9) / (32 / 9))
    _add_stars(night, chance, count=240)
    ground = _ridge(stage, chance, base=1.05, rough=0.35)
    fringe = smooth_noise(chance, 64, stage.width * 2, scale=14).mean(axis=0)
    fringe = (fringe - fringe.min()) / np.ptp(fringe)
    table = ramp("#000000", "#07694f", "#2be38b", "#8af5c0", "#b06ae8", "#311a5e", "#000000")
    for phase in stage.phases():
        light = night.copy()
        for band in range(3):
            turn = TURN * phase
            sway = 0.22 * np.sin(2.1 * x + turn + band * 2) + 0.12 * np.sin(4.3 * x - turn + band)
            base = 0.25 - 0.42 * band + sway
            up = (base - y) / (0.9 + 0.25 * band)
            rays = np.roll(fringe, round((phase + band / 3) * fringe.size))[: stage.width]
            body = np.clip(up, 0, 1)
            strength = np.where(up > 0, np.exp(-2.6 * body), np.exp(up * 26))
            strength *= (0.35 + 0.65 * rays**2)[None, :] * (0.85 - 0.2 * band)
            light += shade(table, 0.28 + 0.55 * body) * strength[..., None]
        light[ground] = (3, 8, 14)
        yield develop(light)


def star_trails(stage: Stage) -> Take:
    """Stars turning around the pole, leaving their paths behind."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", voice="bell", notes_per_bar=6)
    music.add_crickets(score, chance)
    return Take(frames=_star_trail_frames(stage), score=score)


def _star_trail_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    _, y = stage.grid()
    night = shade(ramp("#050818", "#0c1738", "#23406b", "#6d6f93"), (y + 16 / 9) / (32 / 9))
    ground = _ridge(stage, chance, base=1.2, rough=0.3)
    count = 420
    distance = chance.uniform(30, 1150, count)
    angle = chance.uniform(0, TURN, count)
    tint = np.array([[255, 244, 214], [198, 220, 255], [255, 255, 255]])[
        chance.integers(0, 3, count)
    ] * chance.uniform(0.25, 1.0, (count, 1))
    trails = np.zeros_like(night)
    for phase in stage.phases():
        trails *= 0.9985 if phase < 0.82 else 0.93
        for step in range(3):
            at = angle + TURN * 0.11 * (phase + step / 3 / stage.frame_count)
            column = (stage.width * 0.52 + distance * np.cos(at)).astype(int)
            row = (stage.height * 0.36 + distance * np.sin(at)).astype(int)
            seen = (column >= 0) & (column < stage.width - 1) & (row >= 0) & (row < stage.height)
            trails[row[seen], column[seen]] = tint[seen]
            trails[row[seen], column[seen] + 1] = tint[seen] * 0.6
        light = night + trails
        light[ground] = (6, 9, 18)
        yield develop(light)


def meteors(stage: Stage) -> Take:
    """A clear night in August: wait, and wish."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", voice="bell", notes_per_bar=4)
    music.add_crickets(score, chance)
    return Take(frames=_meteor_frames(stage), score=score)


def _meteor_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    night = shade(ramp("#070b22", "#151a45", "#3a2a63", "#a3567a"), (y + 16 / 9) / (32 / 9))
    milky = np.exp(-((x * 0.8 + y * 0.45 + 0.2) ** 2) * 5)
    milky *= 0.4 + smooth_noise(chance, stage.height, stage.width, scale=12)
    night += milky[..., None] * (46, 42, 66)
    _add_stars(night, chance, count=420)
    ground = _ridge(stage, chance, base=1.25, rough=0.22)
    showers = [
        (chance.uniform(0, 1), chance.uniform(-0.2, 1.1), chance.uniform(0, 0.5)) for _ in range(14)
    ]
    spark = glow(4, 1.4)
    for phase in stage.phases():
        light = night.copy()
        for start, column, row in showers:
            age = ((phase - start) % 1) / 0.09
            if age < 1:
                for tail in range(34):
                    way = age * 0.55 - tail * 0.007
                    strength = (1 - tail / 34) ** 2 * np.sin(np.pi * min(age, 1))
                    at = ((column - way) * stage.width, (row + way) * stage.width)
                    shine(light, spark, *at, np.array([210, 225, 255]) * strength)
        light[ground] = (8, 8, 20)
        yield develop(light)


def _add_stars(light: Plane, chance: np.random.Generator, *, count: int) -> None:
    height, width = light.shape[:2]
    rows = (chance.uniform(0, 1, count) ** 1.3 * height).astype(int).clip(0, height - 1)
    columns = chance.integers(0, width, count)
    light[rows, columns] += (chance.uniform(0.1, 1, count) ** 2)[:, None] * 235


def _ridge(
    stage: Stage, chance: np.random.Generator, *, base: float, rough: float
) -> NDArray[np.bool_]:
    """Return where the land is: a jagged skyline at `base` (grid units)."""
    x, y = stage.grid()
    line = np.full(stage.width, base, dtype=np.float32)
    for octave in range(1, 8):
        wave = 1.7**octave
        line -= rough / wave * np.abs(np.sin(x[0] * wave + chance.uniform(0, TURN)))
    return np.asarray(y > line[None, :])
