"""Liquids: marbled ink, a lava lamp, the colours of a soap film."""

from collections.abc import Iterator

import numpy as np

from solstice.demo import music
from solstice.demo.stage import TURN, Frame, Stage, Take, develop, ramp, shade, smooth_noise

INKS = (
    ("#0b132b", "#1c2541", "#3a506b", "#5bc0be", "#f7fff7", "#ffb627", "#e2711d", "#0b132b"),
    ("#2d0a31", "#8a1c7c", "#da4167", "#f4a5ae", "#fff4e4", "#f0a202", "#54133c", "#2d0a31"),
    ("#003844", "#006c67", "#f194b4", "#ffebc6", "#ffb100", "#f2f2f2", "#0b6e83", "#003844"),
)


def marble(stage: Stage) -> Take:
    """Ink on water, folded into itself again and again."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="still", voice="bell", notes_per_bar=6)
    return Take(frames=_marble_frames(stage), score=score)


def _marble_frames(stage: Stage) -> Iterator[Frame]:
    """Warp the domain twice.  Source: Inigo Quilez, Domain warping (2002)."""
    chance = stage.chance(1)
    x, y = stage.grid()
    table = ramp(*INKS[stage.seed % len(INKS)])
    shift = chance.uniform(0, TURN, 8)
    for phase in stage.phases():
        turn = TURN * phase
        a, b = x, y
        for fold in range(3):
            reach = 0.55 / (1 + 0.35 * fold)
            wave = 1.6 + fold * 1.3
            a, b = (
                a + reach * np.sin(wave * b + shift[fold] + turn),
                b + reach * np.cos(wave * a + shift[fold + 4] - turn),
            )
        value = 0.5 + 0.5 * np.sin(2.3 * a + 1.4 * b + shift[7])
        gloss = np.clip(np.gradient(value, axis=0) * 900, -26, 40)
        yield develop(shade(table, value) + gloss[..., None])


def lava_lamp(stage: Stage) -> Take:
    """Warm wax, slow and round."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=4, has_beat=True)
    return Take(frames=_lava_frames(stage), score=score)


def _lava_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    back, wax = (
        (("#2b1055", "#7a1f6b", "#d9475a"), ("#ff3d5e", "#ff8a3d", "#ffe27a")),
        (("#03203c", "#125b7d", "#2fb3a8"), ("#ff6f91", "#ffc75f", "#f9f871")),
        (("#1c1c3c", "#3b2a7a", "#7d5ad9"), ("#19c9a3", "#7bf1a8", "#f4ffd6")),
    )[stage.seed % 3]
    liquid = shade(ramp(*back), (y + 16 / 9) / (32 / 9))
    blobs = [
        (chance.uniform(-0.6, 0.6), chance.uniform(), chance.uniform(0.16, 0.3), 1 + n % 2)
        for n in range(10)
    ]
    skin = ramp(*wax)
    for phase in stage.phases():
        field = 0.05 / (np.abs(y - 1.85) + 0.02) * 0.4 + 0.05 / (np.abs(y + 1.85) + 0.02) * 0.2
        for column, start, size, laps in blobs:
            rise = np.cos(TURN * (phase * laps + start))
            sway = 0.15 * np.sin(TURN * (phase + start * 3))
            field = field + size**2 / ((x - column - sway) ** 2 + (y - rise * 1.55) ** 2 + 0.01)
        edge = np.clip((field - 1) * 9, 0, 1)[..., None]
        body = shade(skin, np.clip((field - 1) * 0.42, 0, 1))
        haze = np.clip(field * 0.35, 0, 1)[..., None] * (60, 26, 20)
        yield develop((liquid + haze) * (1 - edge) + body * edge)


def soap(stage: Stage) -> Take:
    """A soap film against the light, draining into bands."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", voice="bell", notes_per_bar=8)
    return Take(frames=_soap_frames(stage), score=score)


def _soap_frames(stage: Stage) -> Iterator[Frame]:
    """Colour by interference: each wavelength brightens where the film fits it."""
    chance = stage.chance(1)
    x, y = stage.grid()
    eddy = smooth_noise(chance, stage.height, stage.width, scale=3) * 2 - 1
    curl = smooth_noise(chance, stage.height, stage.width, scale=6) * 2 - 1
    rim = np.clip((0.86 - np.hypot(x, y * 0.93)) * 60, 0, 1)
    dark = np.clip(1.0 - np.hypot(x, y) * 0.35, 0, 1)[..., None] * np.array((30, 32, 52))
    shell = np.exp(-((np.hypot(x, y * 0.93) - 0.85) ** 2) * 3000)[..., None] * (150, 170, 200)
    shine_at = np.exp(-((x + 0.4) ** 2 + (y + 0.5) ** 2) * 60)[..., None] * (160, 160, 160)
    for phase in stage.phases():
        turn = TURN * phase
        swirl = eddy * np.cos(turn) + curl * np.sin(turn)
        film = 620 + 430 * y + 250 * swirl + 110 * np.sin(3 * x + 2.4 * y + turn)
        light = np.stack(
            [
                0.5 - 0.5 * np.cos(2 * TURN * film * 1.33 / nanometres)
                for nanometres in (640, 540, 455)
            ],
            axis=-1,
        )
        grey = light.mean(axis=-1, keepdims=True)
        glaze = (grey * 0.55 + light * 0.45) ** 0.8 * 235 * rim[..., None]
        yield develop(dark * (1 - rim[..., None]) + glaze + shell + shine_at * rim[..., None])
