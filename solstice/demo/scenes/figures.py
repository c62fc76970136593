"""Figures of pure number: harmonographs, sunflowers, mirrors, Julia's sets."""

import math
from collections.abc import Iterator

import numpy as np

from solstice.demo import music
from solstice.demo.pen import Pen, blank, taken
from solstice.demo.stage import TURN, Frame, Stage, Take, colour, develop, ramp, shade, smooth_noise

PAIRS = ((5, 6), (3, 5), (4, 7), (7, 9), (5, 8), (3, 4))


def harmonograph(stage: Stage) -> Take:
    """Two pendulums share one pen of light."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="still", notes_per_bar=8)
    return Take(frames=_harmonograph_frames(stage), score=score)


def _harmonograph_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    across, down = PAIRS[stage.seed % len(PAIRS)]
    shift = chance.uniform(0, TURN)
    _, y = stage.grid()
    ground = shade(ramp("#0a0a1f", "#141433", "#0a0a1f"), (y + 16 / 9) / (32 / 9))
    table = ramp("#ff6b6b", "#ffd93d", "#6bffb8", "#4dabf7", "#c77dff", "#ff6b6b", steps=512)
    t = np.linspace(0, TURN, 9_000)
    for phase in stage.phases():
        light = ground.copy()
        for copy in range(2):
            turn = TURN * phase + copy * 0.05
            size = 1 - copy * 0.03
            column = stage.width * (0.5 + 0.42 * size * np.sin(across * t + turn + shift))
            row = stage.height * 0.5 + stage.width * 0.62 * size * np.sin(
                down * t + 0.7 * np.sin(turn)
            )
            hue = table[((t / TURN + phase + copy * 0.03) % 1 * 511).astype(int)] * (
                1.0 - copy * 0.4
            )
            for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (1, 2)):
                at = (row.astype(int) + dy, column.astype(int) + dx)
                light[at] = np.maximum(light[at], hue)
        yield develop(light)


def sunflower(stage: Stage) -> Take:
    """A thousand seeds, each a golden angle further than the last."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=8, has_beat=True)
    return Take(frames=_sunflower_frames(stage), score=score)


def _sunflower_frames(stage: Stage) -> Iterator[Frame]:
    """Source: Vogel, A better way to construct the sunflower head (1979)."""
    paper, inks = (
        (("#fff3da", "#ffe2b8"), ("#7a3b12", "#c7561f", "#f08a24", "#f9c74f")),
        (("#102a43", "#0b1d30"), ("#f7f4b2", "#7bdff2", "#b388eb", "#f15bb5")),
        (("#e8f3ec", "#cfe6da"), ("#1b4332", "#2d6a4f", "#74c69d", "#f4a261")),
    )[stage.seed % 3]
    ground = blank(stage, *paper)
    table = ramp(*inks, steps=640)
    for phase in stage.phases():
        page = ground.copy()
        pen = Pen(page)
        wobble = 0.00085 * math.sin(TURN * phase)
        angle = TURN * (0.381966 + wobble)
        for seed in range(639, -1, -1):
            reach = 0.168 * math.sqrt(seed)
            at = seed * angle + TURN * phase / 8
            pulse = 0.5 + 0.5 * math.sin(TURN * (phase * 3 - seed / 210))
            ink = tuple(int(band) for band in table[seed])
            radius = 0.045 + 0.0028 * math.sqrt(seed) * (1 + 0.8 * pulse)
            pen.disc(4.5 + reach * math.cos(at), 8 + reach * math.sin(at), radius, ink)
        yield taken(page)


def kaleidoscope(stage: Stage) -> Take:
    """Coloured glass between mirrors."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", voice="bell", notes_per_bar=12)
    return Take(frames=_kaleidoscope_frames(stage), score=score)


def _kaleidoscope_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    size = 512
    glass = smooth_noise(chance, size, size, scale=5)
    hue = smooth_noise(chance, size, size, scale=3)
    pieces = np.floor(glass * 7) / 7
    lead = np.abs(np.gradient(pieces)[0]) + np.abs(np.gradient(pieces)[1]) > 0.01
    table = ramp(
        "#f72585", "#7209b7", "#3a0ca3", "#4361ee", "#4cc9f0", "#f9f871", "#ff9e00", "#f72585"
    )
    pane = shade(table, (hue * 1.6 + pieces) % 1) * (0.55 + 0.55 * glass[..., None])
    pane[lead] = (18, 12, 30)
    x, y = stage.grid()
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    mirrors = 5 + stage.seed % 3
    wedge = TURN / (2 * mirrors)
    dim = np.clip(1.5 - radius * 0.4, 0.6, 1.25)[..., None]
    for phase in stage.phases():
        turn = TURN * phase
        folded = np.abs((angle + turn / mirrors) % (2 * wedge) - wedge)
        zoom = 150 + 30 * np.sin(turn)
        row = (radius * np.sin(folded) * zoom + 160 + 90 * np.cos(turn)).astype(int) % size
        column = (radius * np.cos(folded) * zoom + 160 + 90 * np.sin(turn)).astype(int) % size
        yield develop(pane[row, column] * dim)


def julia(stage: Stage) -> Take:
    """A Julia set whose one number walks around a circle."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", voice="bell", notes_per_bar=8)
    return Take(frames=_julia_frames(stage), score=score)


def _julia_frames(stage: Stage) -> Iterator[Frame]:
    x, y = stage.grid()
    table = ramp(
        *(
            ("#05060f", "#10206b", "#1fa2c9", "#f5f3c1", "#ff8c42", "#7a1f4b", "#05060f"),
            ("#0d0221", "#541388", "#d90368", "#ffd400", "#f1e9da", "#2e294e", "#0d0221"),
        )[stage.seed % 2]
    )
    half = stage.height // 2
    plane = (x[:half] + 1j * y[:half]).astype(np.complex64) * np.exp(0.5j) * 0.86
    rounds = 44
    inside = np.array(colour("#05060f"), dtype=np.float32)
    for phase in stage.phases():
        c = np.complex64(0.7885 * np.exp(1j * (2.2 + 0.55 * np.sin(TURN * phase))))
        z = plane.copy()
        steps = np.full(plane.shape, np.float32(rounds))
        for step in range(rounds):
            z = z * z + c
            size = z.real**2 + z.imag**2
            gone = (size > 40) & (steps == rounds)
            steps[gone] = step + 1 - np.log2(np.log(size[gone]) / 3.69)
            np.clip(z.real, -50, 50, out=z.real)
            np.clip(z.imag, -50, 50, out=z.imag)
        light = shade(table, (np.sqrt(steps / rounds) * 1.35 + phase) % 1)
        light[steps >= rounds - 1] = inside
        yield develop(np.concatenate([light, light[::-1, ::-1]]))
