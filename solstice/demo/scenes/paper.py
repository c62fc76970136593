"""Cut paper: mountains that pass by, a train through the night, balloons in the morning."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from solstice.demo import music, sound
from solstice.demo.pen import Pen, around, blank, soft_disc, taken
from solstice.demo.stage import TURN, Frame, Plane, Stage, Take, colour

RANGES = (
    ("#fbe3c4", "#f4a38a", ("#c97f8e", "#94618b", "#5f4b80", "#3a3767", "#211f45"), "#fff2d0"),
    ("#cfeaf0", "#f6f0d8", ("#9cc9c7", "#6aa7a4", "#3f8583", "#245f63", "#133f47"), "#fffbe8"),
    ("#1a1447", "#e36588", ("#8b3f7d", "#5f2f73", "#3f2364", "#281a4d", "#160f33"), "#ffd9a0"),
)


def mountains(stage: Stage) -> Take:
    """Ridges of paper, the near ones faster than the far ones."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", notes_per_bar=8)
    music.add_wind(score, chance)
    return Take(frames=_mountain_frames(stage), score=score)


def _mountain_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    top, bottom, inks, sun = RANGES[stage.seed % len(RANGES)]
    sky = blank(stage, top, bottom, bottom)
    sky = soft_disc(stage, sky, (5.8, 5.2), 4.5, np.array([90, 60, 30], dtype=np.float32))
    Pen(sky).disc(5.8, 5.2, 1.15, sun)
    strips = [
        _ridge_strip(stage, chance, ink, base=0.42 + 0.115 * layer, turns=layer + 1, layer=layer)
        for layer, ink in enumerate(inks)
    ]
    birds = chance.uniform((0, 2), (9, 5.5), (6, 2))
    for phase in stage.phases():
        page = sky.copy()
        pen = Pen(page)
        for number, (x, y) in enumerate(birds):
            flap = 0.16 * math.sin(TURN * (phase * 8 + number * 0.3))
            at = (x + phase * 12) % 12 - 1.5
            pen.stroke([(at - 0.3, y - flap), (at, y), (at + 0.3, y - flap)], inks[2], width=0.05)
        for strip, top_row in strips:
            offset = round(phase * (strip.width - stage.width))
            piece = strip.crop((offset, 0, offset + stage.width, strip.height))
            page.paste(piece, (0, top_row), piece)
        yield taken(page)


def _ridge_strip(
    stage: Stage, chance: np.random.Generator, ink: str, *, base: float, turns: int, layer: int
) -> tuple[Image.Image, int]:
    """Make one ridge with its shadow, and say at which row it begins.

    The nearer, the longer, hence the faster it passes; its end repeats its beginning.  Only the
    rows that a nearer ridge does not hide are kept.
    """
    width = stage.width * turns
    x = np.arange(width) / width * TURN
    line = np.zeros(width)
    for octave in range(1, 6 + layer):
        waves = turns * 2 ** (octave - 1) if octave < 5 else turns * 9 * octave
        line += np.abs(np.sin(x * waves + chance.uniform(0, TURN))) / 1.9**octave
    height = base * stage.height - line * stage.height * (0.13 - 0.012 * layer)
    if layer >= 3:
        height -= _treetops(chance, width, size=20 + 16 * (layer - 3))
    first = int(height.min()) - 12
    last = stage.height if layer == 4 else int((base + 0.13) * stage.height)
    rows = np.arange(first, last)[:, None]
    cover = np.clip(rows - height[None, :], 0, 1)
    dark = np.clip((rows - height[None, :] + 11) / 11, 0, 1) * 0.22
    depth = np.clip((rows / stage.height - base + 0.2) / 0.5, 0, 1)[..., None]
    paper = (np.array(colour(ink), dtype=np.float32) + depth * 26) * cover[..., None]
    strip = np.dstack([paper.clip(0, 255), np.maximum(cover, dark) * 255]).astype(np.uint8)
    return Image.fromarray(np.hstack([strip, strip[:, : stage.width]]), "RGBA"), first


def _treetops(chance: np.random.Generator, width: int, *, size: int) -> Plane:
    """Return how high a wood of firs stands above its ground."""
    tops = np.zeros(width, dtype=np.float32)
    at = 0
    while at < width - size:
        tall = size * chance.uniform(1.4, 3.2)
        reach = int(size * chance.uniform(0.5, 0.8))
        span = np.abs(np.arange(-reach, reach)) / reach
        steps = tall * (1 - span) - size * 0.25 * ((1 - span) * 4 % 1)
        piece = tops[at : at + 2 * reach]
        np.maximum(piece, steps[: piece.size], out=piece)
        at += int(reach * chance.uniform(0.8, 2.4))
    return tops


def night_train(stage: Stage) -> Take:
    """The last train, lit windows over a bridge."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", notes_per_bar=8)
    beat_s = stage.seconds / 16
    for beat in range(16):
        for late, hertz in ((0.0, 140), (0.16, 120)):
            score.play((beat + late * 2) * beat_s, sound.knock(hertz), gain=0.5)
    return Take(frames=_train_frames(stage), score=score)


def _train_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    sky = blank(stage, "#0b1033", "#27276b", "#6d4c94", "#e58fa2", "#f7c9a8")
    sky = soft_disc(stage, sky, (6.6, 3.2), 3.5, np.array([80, 80, 100], dtype=np.float32))
    pen = Pen(sky)
    crescent = around(6.6, 3.2, 0.85, 60, turn=-1.9)[:40]
    inner = around(6.35, 3.0, 0.72, 60, turn=-1.7)[:36]
    pen.shape([*crescent, *inner[::-1]], "#fdf3d8")
    for x, y in chance.uniform((0, 0), (9, 8), (70, 2)):
        pen.disc(x, y, chance.uniform(0.012, 0.035), "#fff8e0")
    for base, ink, rough in (
        (10.6, "#7d5692", 1.6),
        (11.4, "#54407f", 1.2),
        (12.2, "#352c63", 0.8),
    ):
        shift = chance.uniform(0, TURN)
        line = [
            (
                x / 10,
                base - rough * abs(math.sin(x / 17 + shift)) - 0.2 * abs(math.sin(x / 4 + shift)),
            )
            for x in range(91)
        ]
        pen.shape([(0, 16), *line, (9, 16)], ink)
    for pillar in range(5):
        pen.box(pillar * 2.4 - 0.5, 12.6, pillar * 2.4 - 0.05, 16, "#171336")
    pen.box(-1, 12.35, 10, 12.7, "#171336")
    for phase in stage.phases():
        page = sky.copy()
        pen = Pen(page)
        head = phase * 30 - 3
        for coach in range(6):
            _coach(pen, head - coach * 3.35, 12.32, is_engine=coach == 0, phase=phase)
        for puff in range(16):
            age = puff / 16
            x, y = head + 1.1 - puff * 0.55, 10.75 - 1.9 * age - 0.12 * math.sin(puff * 1.7)
            grey = 214 - int(70 * age)
            pen.disc(x, y, 0.16 + 0.5 * age, (grey, grey - 26, grey + 6))
        yield taken(page)


def _coach(pen: Pen, x: float, rail: float, *, is_engine: bool, phase: float) -> None:
    body = "#c8434f" if is_engine else "#2b2457"
    pen.box(x - 1.55, rail - 1.15, x + 1.55, rail - 0.2, body, corner=0.18)
    pen.box(x - 1.55, rail - 1.28, x + 1.55, rail - 1.08, "#1b1640", corner=0.1)
    if is_engine:
        pen.box(x + 0.9, rail - 1.6, x + 1.2, rail - 1.1, "#1b1640")
        pen.disc(x + 1.5, rail - 0.55, 0.16, "#fff3b0")
    for window in range(4):
        left = x - 1.3 + window * 0.68
        pen.box(left, rail - 0.95, left + 0.46, rail - 0.5, "#ffd98a", corner=0.06)
    for wheel in (-1.1, -0.6, 0.6, 1.1):
        pen.disc(x + wheel, rail - 0.14, 0.19, "#0f0c2a")
        turn = TURN * phase * 24
        pen.disc(
            x + wheel + 0.1 * math.cos(turn), rail - 0.14 + 0.1 * math.sin(turn), 0.045, "#8a83b8"
        )


def balloons(stage: Stage) -> Take:
    """Hot-air balloons before breakfast."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=6)
    music.add_wind(score, chance)
    return Take(frames=_balloon_frames(stage), score=score)


def _balloon_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    sky = blank(
        stage,
        *(
            ("#79c6e8", "#c8e9ee", "#fde8c9", "#fbc7a0"),
            ("#5a5fb0", "#c98bb9", "#ffc6a8", "#ffe9c9"),
        )[stage.seed % 2],
    )
    pen = Pen(sky)
    for base, ink in ((13.4, "#a7c4a0"), (14.2, "#7fab8a"), (15.0, "#588d73")):
        shift = chance.uniform(0, TURN)
        line = [
            (x / 5, base - 0.7 * math.sin(x / 9 + shift) - 0.3 * math.sin(x / 4)) for x in range(46)
        ]
        pen.shape([(0, 16), *line, (9, 16)], ink)
    inks = (
        ("#e63946", "#f8edd6"),
        ("#f4a261", "#264653"),
        ("#ffd166", "#ef476f"),
        ("#457b9d", "#f1faee"),
        ("#9b5de5", "#fee440"),
    )
    fleet = sorted(
        (chance.uniform(0.5, 1.5), chance.uniform(0.8, 8.2), chance.uniform(), inks[n % len(inks)])
        for n in range(8)
    )
    clouds = [
        (chance.uniform(0, 9), chance.uniform(1, 10), chance.uniform(0.6, 1.2)) for _ in range(6)
    ]
    for phase in stage.phases():
        page = sky.copy()
        pen = Pen(page)
        for x, y, size in clouds:
            at = (x + phase * 12.5) % 12.5 - 1.8
            for puff, reach in ((-0.7, 0.5), (0, 0.75), (0.75, 0.45)):
                pen.oval(at + puff * size, y, reach * size, reach * size * 0.7, "#fff8ee")
        for size, column, start, stripes in fleet:
            y = (start - phase) % 1 * 21 - 2.5
            x = column + 0.35 * math.sin(TURN * (phase + start))
            _balloon(pen, x, y, size, stripes)
        yield taken(page)


def _balloon(pen: Pen, x: float, y: float, size: float, ink: tuple[str, str]) -> None:
    for side in (-1, 1):
        pen.stroke(
            [(x + side * 0.5 * size, y + 0.75 * size), (x + side * 0.18 * size, y + 1.75 * size)],
            "#5c4632",
            width=0.03,
        )
    pen.shape(
        [
            (x - 0.86 * size, y + 0.5 * size),
            (x + 0.86 * size, y + 0.5 * size),
            (x + 0.3 * size, y + 1.35 * size),
            (x - 0.3 * size, y + 1.35 * size),
        ],
        ink[0],
    )
    pen.shape(
        [
            (x - 0.3 * size, y + 0.5 * size),
            (x + 0.3 * size, y + 0.5 * size),
            (x + 0.12 * size, y + 1.35 * size),
            (x - 0.12 * size, y + 1.35 * size),
        ],
        ink[1],
    )
    for stripe in range(5):
        pen.oval(x, y, size * (1 - stripe * 0.22), size, ink[stripe % 2])
    pen.box(
        x - 0.2 * size, y + 1.65 * size, x + 0.2 * size, y + 1.98 * size, "#8a5a34", corner=0.05
    )
