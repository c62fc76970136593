"""Waters: the moon on a lake, carps from above, jellyfish far below."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solstice.demo import music
from solstice.demo.pen import Pen, Point, blank, taken
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


def moon_lake(stage: Stage) -> Take:
    """A full moon, and the lake that repeats it."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="still", voice="pluck", notes_per_bar=4)
    music.add_surf(score, chance, gain=0.05)
    return Take(frames=_moon_lake_frames(stage), score=score)


def _moon_lake_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    x, y = stage.grid()
    horizon = 0.2
    sky = shade(ramp("#0a0f2c", "#1c2b5e", "#4a5a96", "#8f8fb8"), (y + 1.78) / (horizon + 1.78))
    distance = np.hypot(x + 0.15, y + 0.75)
    spots = smooth_noise(chance, 512, 512, scale=9)[: stage.width, : stage.width]
    spots = np.pad(spots, ((0, stage.height - stage.width), (0, 0)))
    crater = 1 - 0.3 * np.clip((spots - 0.42) * 3, 0, 1)
    sky += (np.exp(-distance * 2.4) * 0.5)[..., None] * (120, 130, 170)
    disc = np.clip((0.3 - distance) * 60, 0, 1)[..., None]
    sky = sky * (1 - disc) + disc * crater[..., None] * (252, 244, 222)
    for layer, (base, tint) in enumerate(((0.13, 60), (0.19, 26))):
        line = base - 0.16 * np.abs(np.sin(x * (2.2 + layer) + layer * 2))
        line -= 0.03 * np.abs(np.sin(x * 11 + layer))
        hill = (y > line) & (y < horizon)
        sky[hill] = (tint * 0.5, tint * 0.62, tint)
    depth = np.clip((y - horizon) / (16 / 9 - horizon), 0, 1)
    rows = np.arange(stage.height)
    columns = np.arange(stage.width)
    edge = int((horizon + 16 / 9) / (32 / 9) * stage.height)
    for phase in stage.phases():
        light = sky.copy()
        below = depth[edge:, :1]
        turn = TURN * phase
        ripple = np.sin(below * 150 / (0.35 + below) - turn * 4) * (1 + below * 16)
        ripple = ripple + np.sin(below * 37 - turn * 3 + x[edge:] * 3) * below * 9
        source = np.clip(2 * edge - rows[edge:, None] * 1.0 + ripple * 1.1, 0, edge - 1)
        shift = np.clip(columns[None, :] + ripple * 0.8, 0, stage.width - 1)
        light[edge:] = sky[source.astype(int), shift.astype(int)] * (0.72 - 0.35 * below[..., None])
        yield develop(light)


def koi(stage: Stage) -> Take:
    """Carps circling in a pond, seen from the bridge."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", voice="pluck", notes_per_bar=8)
    music.add_surf(score, chance, gain=0.03)
    return Take(frames=_koi_frames(stage), score=score)


def _koi_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    pond = blank(stage, "#0f6f73", "#0b4f5f", "#083a4c")
    pen = Pen(pond)
    for _ in range(60):
        x, y = chance.uniform((0, 0), (9, 16))
        pen.oval(x, y, chance.uniform(0.2, 0.5), chance.uniform(0.2, 0.5), "#0c5a66")
    skins = (("#f26a2e", "#fff3e2"), ("#fff3e2", "#e4432f"), ("#f7b733", "#fff7da"))
    fish = [
        (
            chance.uniform(1.6, 4.2),
            chance.uniform(3.0, 7.0),
            chance.uniform(0, TURN),
            int(chance.choice((-1, 1))),
            skins[number % len(skins)],
            chance.uniform(0.75, 1.15),
        )
        for number in range(7)
    ]
    leaves = [
        (0.6, 2.2, 1.2, 0.4),
        (8.3, 4.4, 1.4, 2.4),
        (7.6, 13.6, 1.5, 4.0),
        (1.2, 14.4, 1.1, 5.6),
    ]
    rings = [(*chance.uniform((1, 2), (8, 14)), chance.uniform()) for _ in range(5)]
    for phase in stage.phases():
        page = pond.copy()
        pen = Pen(page)
        for x, y, start in rings:
            age = (phase * 2 + start) % 1
            pen.ring(
                x, y, 0.2 + age * 1.5, (20, 120 - int(age * 22), 125 - int(age * 22)), width=0.05
            )
        for across, down, start, way, skin, size in fish:
            _carp(pen, phase, reach=(across, down), start=start, way=way, skin=skin, size=size)
        for x, y, radius, turn in leaves:
            bob = 0.06 * math.sin(TURN * phase + turn)
            _lily(pen, x, y + bob, radius, turn)
        yield taken(page)


def _carp(
    pen: Pen,
    phase: float,
    *,
    reach: Point,
    start: float,
    way: int,
    skin: tuple[str, str],
    size: float,
) -> None:
    """Draw one fish as discs along its own path, so that it bends as it swims."""
    spine: list[Point] = []
    for bone in range(26):
        angle = start + way * (TURN * phase - bone * 0.028 * size)
        wag = 0.012 * bone * math.sin(TURN * phase * 12 - bone * 0.35)
        spine.append(
            (
                4.5 + (reach[0] + wag) * math.cos(angle) + 0.5 * math.sin(2 * angle),
                8 + (reach[1] + wag) * math.sin(angle),
            )
        )
    widths = [
        size * (0.12 + 0.36 * math.sin(math.pi * min(1, (b + 4) / 27)) ** 1.2) for b in range(26)
    ]
    for (x, y), width in zip(spine[::-1], widths[::-1], strict=True):
        pen.disc(x + 0.16, y + 0.3, width, "#0a4656")
    (tail_x, tail_y), (hip_x, hip_y) = spine[-1], spine[-6]
    dx, dy = tail_x - hip_x, tail_y - hip_y
    pen.shape(
        [
            (tail_x, tail_y),
            (tail_x + dx * 1.4 - dy, tail_y + dy * 1.4 + dx),
            (tail_x + dx * 0.7, tail_y + dy * 0.7),
            (tail_x + dx * 1.4 + dy, tail_y + dy * 1.4 - dx),
        ],
        skin[0],
    )
    for side in (-1, 1):
        (a, b), (c, d) = spine[8], spine[5]
        nx, ny = (b - d) * side, (c - a) * side
        pen.shape(
            [(a, b), (c, d), (a + nx * 2.6 + (a - c) * 1.2, b + ny * 2.6 + (b - d) * 1.2)], skin[0]
        )
    for bone in range(25, -1, -1):
        is_patch = bone in range(3, 8) or bone in range(13, 18)
        pen.disc(*spine[bone], widths[bone], skin[0] if is_patch else skin[1])


def _lily(pen: Pen, x: float, y: float, radius: float, turn: float) -> None:
    def rim(size: float) -> list[Point]:
        return [(x, y)] + [
            (
                x + size * math.cos(turn + step / 30 * 5.7),
                y + size * math.sin(turn + step / 30 * 5.7),
            )
            for step in range(31)
        ]

    pen.disc(x + 0.12, y + 0.24, radius, "#0a4656")
    pen.shape(rim(radius), "#3f9b56")
    pen.shape(rim(radius * 0.82), "#54b267")
    for petal in range(5):
        angle = petal * TURN / 5 + turn
        pen.oval(x + 0.28 * math.cos(angle), y + 0.28 * math.sin(angle), 0.22, 0.22, "#ffd1e0")
    pen.disc(x, y, 0.16, "#ffe27a")


def jellyfish(stage: Stage) -> Take:
    """Jellyfish pulsing upwards through the dark."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", voice="bell", notes_per_bar=6)
    music.add_surf(score, chance, gain=0.04)
    return Take(frames=_jellyfish_frames(stage), score=score)


def _jellyfish_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    _, y = stage.grid()
    deep = shade(ramp("#0c4a7a", "#082b5c", "#0a1440", "#060a24"), (y + 16 / 9) / (32 / 9))
    tints = np.array([[255, 120, 190], [120, 190, 255], [190, 140, 255], [120, 255, 220]])
    bells = [
        (
            chance.uniform(0.15, 0.85),
            chance.uniform(),
            chance.uniform(26, 62),
            tints[n % 4],
            1 + n % 2,
        )
        for n in range(7)
    ]
    dust = chance.uniform(0, 1, (90, 3))
    mote, spark = glow(2, 1), glow(6, 1.6)
    for phase in stage.phases():
        light = deep.copy()
        for column, row, size in dust:
            at = (row - phase) % 1
            shine(light, mote, column * stage.width, at * stage.height, np.full(3, 90 * size))
        for column, row, size, tint, laps in bells:
            at = (row - phase * laps) % 1 * 1.5 - 0.2
            beat = math.sin(TURN * (phase * 6 + row * 3))
            x = (column + 0.04 * math.sin(TURN * (phase + row))) * stage.width
            _bell(
                light,
                x,
                at * stage.height,
                size=size,
                tint=tint,
                beat=beat,
                phase=phase,
                spark=spark,
            )
        yield develop(light)


def _bell(
    light: Plane,
    x: float,
    top: float,
    *,
    size: float,
    tint: NDArray[Any],
    beat: float,
    phase: float,
    spark: Plane,
) -> None:
    """Add one translucent animal: a dome of light and threads that trail behind it."""
    span = np.linspace(-1.3, 1.3, int(size * 2.6), dtype=np.float32)
    across, down = np.meshgrid(span, span)
    distance = np.hypot(across / (1 + 0.16 * beat), down / (0.95 - 0.14 * beat))
    hem = np.clip((0.22 + 0.06 * np.sin(across * 14) - down) * 9, 0, 1)
    dome = np.clip((1 - distance) * 7, 0, 1) * hem * (0.28 + 0.72 * np.clip(distance, 0, 1) ** 4)
    shine(light, dome, x, top, tint * 0.95)
    shine(light, glow(int(size * 1.9), 2.6), x, top, tint * 0.3)
    for thread in range(7):
        for knot in range(22):
            way = knot / 22
            sway = math.sin(TURN * phase * 4 - knot * 0.32 + thread) * size * 0.16 * way
            at_x = x + (thread - 3) / 3 * size * (0.7 - 0.25 * way) + sway
            shine(light, spark, at_x, top + size * (0.2 + way * 2.3), tint * 0.11 * (1 - way))
