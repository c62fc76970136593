"""The garden: ferns unfolding, fireflies, snow on a warm house."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from solstice.demo import music
from solstice.demo.pen import Pen, blank, soft_disc, taken
from solstice.demo.stage import (
    TURN,
    Frame,
    Stage,
    Take,
    develop,
    glow,
    ramp,
    shade,
    shine,
    smooth_noise,
)


def ferns(stage: Stage) -> Take:
    """A fern unfolds, leaf by leaf by leaf."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", notes_per_bar=8)
    music.add_wind(score, chance)
    return Take(frames=_fern_frames(stage), score=score)


def _fern_frames(stage: Stage) -> Iterator[Frame]:
    """Play the chaos game.  Source: Barnsley, Fractals Everywhere (1988), chapter 3."""
    chance = stage.chance(1)
    paper, inks = (
        (("#f4f1e4", "#e3ebd3"), ("#143d2b", "#2d7a4f", "#8bc66b")),
        (("#0d1f1a", "#12352b"), ("#2f9e6a", "#9be37a", "#f4f9a8")),
        (("#fbe9e1", "#f4d3c4"), ("#6b2d3e", "#c8553d", "#f2a65a")),
    )[stage.seed % 3]
    ground = np.asarray(blank(stage, *paper), dtype=np.float32)
    points = np.zeros((20_000, 2), dtype=np.float32)
    maps = np.array(
        [
            [0, 0, 0, 0.16, 0, 0],
            [0.85, 0.04, -0.04, 0.85, 0, 1.6],
            [0.2, -0.26, 0.23, 0.22, 0, 1.6],
            [-0.15, 0.28, 0.26, 0.24, 0, 0.44],
        ],
        dtype=np.float32,
    )
    table = ramp(*inks, steps=256)
    for number, phase in enumerate(stage.phases()):
        wind = 0.035 * math.sin(TURN * phase * 2) + 0.02 * math.sin(TURN * phase * 3)
        grown = min(1.0, 0.25 + 1.1 * math.sin(math.pi * min(phase * 1.15, 0.5)))
        for _ in range(12 if number == 0 else 3):
            choice = np.searchsorted((0.01, 0.86, 0.93), chance.random(len(points)))
            a, b, c, d, e, f = maps[choice].T
            b = b + np.where(choice == 1, wind, 0)
            x, y = points.T
            points = np.stack(
                [a * x + b * y + e, (c - wind * (choice == 1)) * x + d * y + f], axis=1
            )
        light = ground.copy()
        for copy, (root, size) in enumerate(((0.36, 0.55), (0.74, 0.42), (0.5, 0.8))):
            row = (stage.height * 0.98 - points[:, 1] * stage.height * 0.105 * size * grown).astype(
                int
            )
            column = (
                stage.width * root
                + points[:, 0] * stage.width * 0.16 * size * (1 if copy % 2 else -1)
            ).astype(int)
            seen = (
                (row >= 0) & (row < stage.height - 1) & (column >= 0) & (column < stage.width - 1)
            )
            ink = table[np.clip(points[seen, 1] * 25, 0, 255).astype(int)] * (0.8 + 0.1 * copy)
            for dy, dx in ((0, 0), (1, 0), (0, 1)):
                light[row[seen] + dy, column[seen] + dx] = ink
        yield develop(light)


def fireflies(stage: Stage) -> Take:
    """A meadow after sunset, blinking."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="still", voice="bell", notes_per_bar=6)
    music.add_crickets(score, chance, gain=0.05)
    return Take(frames=_firefly_frames(stage), score=score)


def _firefly_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    meadow = shade(
        ramp("#0b1a3a", "#1d3b5c", "#4a6a6a", "#2a4a3a", "#0b1f1c"), (y + 16 / 9) / (32 / 9)
    )
    trees = smooth_noise(chance, 8, stage.width, scale=14)[0]
    far = y > 0.25 - 0.5 * trees[None, :] - 0.05 * np.abs(np.sin(x * 40))
    meadow[far] = meadow[far] * 0.35 + np.array((6, 20, 24))
    flies = [
        (
            chance.uniform(-0.05, 1.05),
            chance.uniform(0.3, 0.95),
            chance.uniform(0, TURN),
            int(chance.integers(1, 4)),
            chance.uniform(5, 17),
        )
        for _ in range(75)
    ]
    blades = [
        (
            chance.uniform(0, stage.width),
            chance.uniform(60, 190),
            chance.uniform(-0.5, 0.5),
            chance.uniform(0, TURN),
        )
        for _ in range(150)
    ]
    tint = np.array((225, 255, 120), dtype=np.float32)
    sprites = {size: glow(size, 2.6) for size in range(5, 18)}
    for phase in stage.phases():
        light = meadow.copy()
        turn = TURN * phase
        for column, row, start, pulse, size in flies:
            at_x = (column + 0.05 * math.sin(turn + start)) * stage.width
            at_y = (row + 0.03 * math.sin(2 * turn + start * 3)) * stage.height
            strength = max(0.0, math.sin(turn * pulse + start)) ** 2
            shine(light, sprites[int(size)], at_x, at_y, tint * strength)
            shine(light, sprites[5], at_x, at_y, np.array((150, 150, 120)) * strength)
        page = Image.fromarray(develop(light), "RGB")
        pen = Pen(page)
        for root, tall, lean, start in blades:
            sway = lean * 40 + 6 * math.sin(turn + start)
            u = pen.unit
            tip = ((root + sway) / u, (stage.height - tall) / u)
            pen.shape(
                [
                    ((root - 2.5) / u, 16),
                    ((root + sway * 0.4) / u, (stage.height - tall * 0.6) / u),
                    tip,
                    ((root + 2.5) / u, 16),
                ],
                "#05130f",
            )
        yield taken(page)


def snow_cabin(stage: Stage) -> Take:
    """It snows, and somebody has lit the stove."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", voice="bell", notes_per_bar=6)
    music.add_wind(score, chance)
    return Take(frames=_snow_frames(stage), score=score)


def _snow_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    scene = _winter(stage, chance)
    flakes = [
        (
            chance.uniform(0, 9),
            chance.uniform(),
            int(chance.integers(1, 4)),
            chance.uniform(0.03, 0.1),
        )
        for _ in range(190)
    ]
    for phase in stage.phases():
        page = scene.copy()
        pen = Pen(page)
        for puff in range(9):
            age = (phase * 2 + puff / 9) % 1
            grey = (118 + int(40 * (1 - age)), 122 + int(40 * (1 - age)), 150 + int(40 * (1 - age)))
            pen.disc(
                6.3 + age * 1.4 + 0.12 * math.sin(age * 12),
                8.3 - age * 2.6,
                0.14 + 0.42 * age,
                grey,
            )
        for x, start, laps, size in flakes:
            y = (start + phase * laps) % 1 * 16.6 - 0.3
            pen.disc(
                (x + 0.3 * math.sin(TURN * (phase * 2 + start * 5))) % 9,
                y,
                size * (0.6 + 0.25 * laps),
                "#f7fbff",
            )
        yield taken(page)


def _winter(stage: Stage, chance: np.random.Generator) -> Image.Image:
    scene = blank(
        stage,
        *(
            ("#101c3d", "#2c3f73", "#7a83ad", "#c9b8c8"),
            ("#0c2337", "#1f5068", "#6ea3b0", "#d4dfe0"),
        )[stage.seed % 2],
    )
    pen = Pen(scene)
    for x, y in chance.uniform((0, 0), (9, 6), (50, 2)):
        pen.disc(x, y, 0.025, "#fffbe6")
    for base, ink in ((10.2, "#8e99bd"), (11.2, "#b5bfd8")):
        shift = chance.uniform(0, TURN)
        pen.shape(
            [(0, 16), *((k / 5, base + 0.8 * math.sin(k / 8 + shift)) for k in range(46)), (9, 16)],
            ink,
        )
    for _ in range(16):
        _fir(pen, chance.uniform(0, 9), chance.uniform(11, 12.4), chance.uniform(0.7, 1.5))
    pen.shape(
        [(0, 16), *((k / 5, 12.7 + 0.35 * math.sin(k / 7 + 1)) for k in range(46)), (9, 16)],
        "#e8eef8",
    )
    scene = soft_disc(stage, scene, (5.0, 12.2), 4.2, np.array([95, 60, 10], dtype=np.float32))
    pen = Pen(scene)
    pen.box(3.2, 10.5, 7.0, 13.2, "#6b3f2a")
    for log in range(5):
        pen.box(3.2, 10.6 + log * 0.53, 7.0, 10.68 + log * 0.53, "#53301f")
    pen.box(6.0, 8.4, 6.6, 10.0, "#7d4b3a")
    pen.box(5.9, 8.3, 6.7, 8.6, "#f4f8ff", corner=0.1)
    pen.shape([(2.7, 10.7), (5.1, 8.6), (7.5, 10.7)], "#4a2b20")
    pen.shape(
        [(2.5, 10.65), (5.1, 8.3), (7.7, 10.65), (7.1, 10.55), (5.1, 8.85), (3.1, 10.55)], "#f4f8ff"
    )
    for left in (3.6, 5.7):
        pen.box(left, 11.1, left + 0.9, 12.1, "#ffd98a", corner=0.05)
        pen.box(left + 0.41, 11.1, left + 0.49, 12.1, "#53301f")
        pen.box(left, 11.56, left + 0.9, 11.64, "#53301f")
    pen.box(4.75, 11.6, 5.45, 13.2, "#8f4a2f", corner=0.06)
    pen.disc(5.3, 12.45, 0.06, "#ffd98a")
    pen.shape(
        [(0, 16), *((k / 5, 13.3 + 0.2 * math.sin(k / 5)) for k in range(46)), (9, 16)], "#f7faff"
    )
    for x, y, size in ((0.9, 14.2, 2.0), (8.3, 14.6, 2.4), (2.0, 15.2, 1.5)):
        _fir(pen, x, y, size)
    return scene


def _fir(pen: Pen, x: float, y: float, size: float) -> None:
    pen.box(x - 0.08 * size, y - 0.2 * size, x + 0.08 * size, y + 0.1 * size, "#4a2b20")
    for tier in range(4):
        wide, up = (0.62 - 0.13 * tier) * size, y - 0.2 * size - tier * 0.42 * size
        pen.shape([(x - wide, up), (x, up - 0.8 * size), (x + wide, up)], "#24474a")
        pen.shape(
            [
                (x - wide * 0.45, up - 0.42 * size),
                (x, up - 0.8 * size),
                (x + wide * 0.45, up - 0.42 * size),
                (x, up - 0.3 * size),
            ],
            "#eef4fb",
        )
