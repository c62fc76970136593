"""The city: rain on a window, a skyline at dusk, a motorway at night."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from solstice.demo import music
from solstice.demo.stage import (
    TURN,
    Frame,
    Plane,
    Stage,
    Take,
    colour,
    develop,
    glow,
    ramp,
    shade,
    shine,
)

NEON = np.array(
    [colour(ink) for ink in ("#ff4d6d", "#ffb703", "#4cc9f0", "#f72585", "#80ffdb", "#ffd6a5")],
    dtype=np.float32,
)


def rain_on_glass(stage: Stage) -> Take:
    """City lights through a wet window."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", notes_per_bar=8)
    music.add_rain(score, chance)
    return Take(frames=_rain_frames(stage), score=score)


def _rain_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    street = _bokeh(stage, chance)
    height, width = stage.height, stage.width
    beads = [
        (*chance.uniform((0, 0), (width, height)), chance.uniform(2.5, 6.5)) for _ in range(170)
    ]
    still_x, still_y, still_wet = _lenses(stage, beads)
    runners = [
        (
            chance.uniform(8, width - 8),
            chance.uniform(),
            chance.uniform(5, 9),
            int(chance.integers(1, 3)),
        )
        for _ in range(16)
    ]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    for phase in stage.phases():
        drift = np.roll(street, round(4 * math.sin(TURN * phase)), axis=1)
        running = []
        for column, start, size, laps in runners:
            way = (start + phase * laps) % 1
            pause = way + 0.04 * math.sin(TURN * way * 5)
            at = column + 5 * math.sin(way * 21 + start * 9)
            running.append((at, pause * (height + 60) - 30, size))
            running += [
                (
                    column + 5 * math.sin((way - gap) * 21 + start * 9),
                    (pause - gap) * (height + 60) - 30,
                    size * (0.5 - gap),
                )
                for gap in (0.035, 0.07, 0.12, 0.19)
            ]
        run_x, run_y, wet = _lenses(stage, running)
        bend_x, bend_y = still_x + run_x, still_y + run_y
        seen_row = np.clip(rows + bend_y, 0, height - 1).astype(int)
        seen_column = np.clip(columns + bend_x, 0, width - 1).astype(int)
        light = drift[seen_row, seen_column]
        rim = (bend_y * 1.3).clip(-70, 46) * ((still_wet + wet) > 0)
        yield develop(light - rim[..., None])


def _bokeh(stage: Stage, chance: np.random.Generator) -> Plane:
    """Make the street out of focus: discs of light, denser near the ground."""
    _, y = stage.grid()
    light = shade(ramp("#0d1736", "#1f2a5e", "#472f6e", "#1a1634"), (y + 16 / 9) / (32 / 9))
    for _ in range(90):
        radius = int(chance.uniform(7, 27))
        ring = np.linspace(-1, 1, 2 * radius + 1, dtype=np.float32)
        distance = np.hypot(*np.meshgrid(ring, ring))
        disc = np.clip((1 - distance) * radius * 0.7, 0, 1) * (0.6 + 0.4 * distance**3)
        at = chance.uniform(0, stage.width), chance.normal(0.58, 0.17) * stage.height
        shine(light, disc, *at, NEON[chance.integers(len(NEON))] * chance.uniform(0.2, 0.85))
    return light


def _lenses(stage: Stage, beads: list[tuple[float, float, float]]) -> tuple[Plane, Plane, Plane]:
    """Return how far each pixel's view is bent by the drops, and where it is wet."""
    bend_x = np.zeros((stage.height, stage.width), dtype=np.float32)
    bend_y, wet = np.zeros_like(bend_x), np.zeros_like(bend_x)
    for x, y, radius in beads:
        reach = math.ceil(radius * 1.3)
        top, left = max(int(y) - reach, 0), max(int(x) - reach, 0)
        bottom, right = int(y) + reach + 1, int(x) + reach + 1
        part = np.s_[top:bottom, left:right]
        tall, wide = wet[part].shape
        if not tall or not wide:
            continue
        down = (np.arange(top, top + tall, dtype=np.float32)[:, None] - y) / (radius * 1.2)
        across = (np.arange(left, left + wide, dtype=np.float32)[None, :] - x) / radius
        inside = across**2 + down**2 < 1
        bend_x[part] = np.where(inside, -across * radius * 5, bend_x[part])
        bend_y[part] = np.where(inside, -down * radius * 6, bend_y[part])
        wet[part] = np.maximum(wet[part], inside)
    return bend_x, bend_y, wet


def skyline(stage: Stage) -> Take:
    """Towers pass by; somebody is still awake in most of them."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", notes_per_bar=8, has_beat=True)
    return Take(frames=_skyline_frames(stage), score=score)


def _skyline_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    sky = shade(
        ramp(
            *(
                ("#120b3a", "#5b1a72", "#ff4f79", "#ffb26b"),
                ("#041226", "#0f3d5e", "#3f8fa3", "#ffd9a0"),
            )[stage.seed % 2]
        ),
        np.clip((y + 16 / 9) / 2.6, 0, 1),
    )
    sun = np.hypot(x - 0.1, y - 0.05)
    sky += (np.clip((0.42 - sun) * 80, 0, 1) * np.clip(np.sin(y * 55) * 6 + 4.5 - y * 9, 0, 1))[
        ..., None
    ] * (120, 110, 60)
    sky += np.exp(-sun * 2)[..., None] * (90, 40, 30)
    back = Image.fromarray(develop(sky), "RGB")
    layers = [
        _block(stage, chance, turns=turns, tall=tall, wall=wall, lit=lit)
        for turns, tall, wall, lit in (
            (1, 0.60, "#6a2a6e", 0.15),
            (2, 0.50, "#3c1d55", 0.3),
            (4, 0.36, "#160d2d", 0.42),
        )
    ]
    for phase in stage.phases():
        page = back.copy()
        for layer in layers:
            offset = round(phase * (layer.width - stage.width))
            piece = layer.crop((offset, 0, offset + stage.width, stage.height))
            page.paste(piece, (0, 0), piece)
        yield np.asarray(page)


def _block(
    stage: Stage, chance: np.random.Generator, *, turns: int, tall: float, wall: str, lit: float
) -> Image.Image:
    """Make one row of houses whose end repeats its beginning."""
    width = stage.width * turns
    strip = np.zeros((stage.height, width + stage.width, 4), dtype=np.uint8)
    left = 0
    size = 5 + 3 * turns
    while left < width - 50:
        wide = int(chance.integers(60, 150))
        right = min(left + wide, width)
        top = int(stage.height * (1 - tall * chance.uniform(0.55, 1)))
        strip[top:, left:right] = (*colour(wall), 255)
        strip[top : top + 4, left:right, :3] += 22
        for row in range(top + 14, stage.height - size, size * 2):
            for column in range(left + 9, right - size - 4, size + 7):
                if chance.uniform() < lit:
                    warm = np.array((255, 214, 140)) * chance.uniform(0.55, 1)
                    strip[row : row + size + 3, column : column + size, :3] = warm
        if chance.uniform() < 0.3:
            mast = (left + right) // 2
            strip[top - 70 : top, mast : mast + 3] = (*colour(wall), 255)
            strip[top - 74 : top - 68, mast - 2 : mast + 5] = (255, 80, 90, 255)
        left = right + int(chance.choice((0, 0, 8, 24)))
    strip[:, width:] = strip[:, : stage.width]
    return Image.fromarray(strip, "RGBA")


def highway(stage: Stage) -> Take:
    """Red ahead, white behind: nobody stays."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", notes_per_bar=8, has_beat=True)
    music.add_wind(score, chance)
    return Take(frames=_highway_frames(stage), score=score)


def _highway_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    horizon = -0.1
    sky = shade(
        ramp("#0a0a2a", "#2a1a5e", "#b03a7a", "#ff9a5a"),
        np.clip((y + 16 / 9) / (horizon + 16 / 9), 0, 1),
    )
    depth = np.maximum(y - horizon, 1e-3)
    glare = np.exp(-depth * 3.2) * np.exp(-((x / (0.5 + depth)) ** 2))
    road = np.stack([14 + 16 * depth, 12 + 13 * depth, 30 + 20 * depth], axis=-1)
    road += glare[..., None] * (150, 70, 60)
    sun = np.hypot(x, y - horizon + 0.12)
    sky += (np.clip((0.38 - sun) * 70, 0, 1)[..., None]) * (160, 110, 70)
    sky += np.exp(-sun * 2.5)[..., None] * (90, 40, 20)
    hills = y > horizon - 0.16 * np.abs(np.sin(x * 2.7 + 0.6)) - 0.05 * np.abs(np.sin(x * 9))
    sky[hills] = (26, 12, 48)
    ground = np.where((y > horizon)[..., None], road, sky)
    across = x / depth
    lines = [
        (lane, np.exp(-(((across - lane) * 22) ** 2)) * (y > horizon))
        for lane in (-1.15, -0.38, 0.38, 1.15)
    ]
    cars = [
        (
            chance.choice((-0.76, 0.0, 0.76)) + chance.uniform(-0.08, 0.08),
            chance.uniform(),
            int(chance.integers(1, 4)),
        )
        for _ in range(34)
    ]
    lamp = glow(32, 2.6)
    for phase in stage.phases():
        light = ground.copy()
        dashes = (np.sin(1.6 / depth - TURN * phase * -12) > 0) & (depth > 0.02)
        for lane, line in lines:
            solid = abs(lane) > 1
            light += (line * (1 if solid else dashes) * np.clip(depth * 1.6, 0, 1))[..., None] * (
                150,
                140,
                120,
            )
        for lane, start, laps in cars:
            is_coming = lane < 0.3
            way = (start + phase * laps) % 1 if is_coming else 1 - (start + phase * laps) % 1
            near = 0.02 + 2.4 * way**3
            tint = np.array((255, 240, 205) if is_coming else (255, 50, 60)) * min(1, 0.25 + near)
            size = glow(max(2, int(26 * near)), 2.2) if near < 0.9 else lamp
            for side in (-0.12, 0.12):
                at_x = (0.5 + (lane + side) * near / 2) * stage.width
                at_y = (horizon + near * 0.97 + 16 / 9) / (32 / 9) * stage.height
                shine(light, size, at_x, at_y, tint)
                shine(light, size, at_x, at_y + 30 * near, tint * 0.22)
        yield develop(light)
