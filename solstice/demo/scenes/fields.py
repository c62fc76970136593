"""Fields that organise themselves: particles in a flow, Turing's coral, colonies of cells."""

from collections.abc import Iterator

import numpy as np

from solstice.demo import music
from solstice.demo.stage import TURN, Frame, Plane, Stage, Take, develop, ramp, shade, smooth_noise

FLOWS = (
    ("#0b1026", ("#ffd166", "#ef476f", "#06d6a0", "#118ab2", "#f8f1e5")),
    ("#f6efe3", ("#c8553d", "#2d6a8a", "#588157", "#e9b44c", "#3d2b3d")),
    ("#1a0b2e", ("#ff9e00", "#ff4d6d", "#c77dff", "#7bdff2", "#ffffff")),
)


def flow(stage: Stage) -> Take:
    """Thousands of brushes follow one invisible wind."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", notes_per_bar=8, has_beat=True)
    return Take(frames=_flow_frames(stage), score=score)


def _flow_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    height, width = stage.height, stage.width
    ground, inks = FLOWS[stage.seed % len(FLOWS)]
    angle = smooth_noise(chance, height, width, scale=2.2) * TURN * 1.6
    count = 2600
    place = chance.uniform((0, 0), (height, width), (count, 2))
    table = ramp(*inks, steps=256)
    hue = smooth_noise(chance, height, width, scale=1.6)
    canvas = np.empty((height, width, 3), dtype=np.float32)
    paper = ramp(ground, ground)[0]
    canvas[:] = paper
    for number, phase in enumerate(stage.phases()):
        for _ in range(4):
            row, column = place[:, 0].astype(int) % height, place[:, 1].astype(int) % width
            ink = table[(hue[row, column] * 255).astype(int)]
            for down, right in ((0, 0), (1, 0), (0, 1)):
                at = (row + down) % height, (column + right) % width
                canvas[at] += (ink - canvas[at]) * 0.5
            way = angle[row, column]
            place[:, 0] += np.sin(way) * 1.6
            place[:, 1] += np.cos(way) * 1.6
        reborn = chance.uniform(size=count) < 0.012
        place[reborn] = chance.uniform((0, 0), (height, width), (int(reborn.sum()), 2))
        if phase > 0.9 or number % 3 == 0:
            canvas += (paper - canvas) * (0.16 if phase > 0.9 else 0.008)
        yield develop(canvas)


def coral(stage: Stage) -> Take:
    """Two substances, one eating the other: spots and mazes as on a pufferfish."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="night", voice="bell", notes_per_bar=6)
    return Take(frames=_coral_frames(stage), score=score)


def _coral_frames(stage: Stage) -> Iterator[Frame]:
    """Grow a Gray-Scott system.  Source: Pearson, Complex Patterns in a Simple System (1993)."""
    chance = stage.chance(1)
    feed, kill = ((0.0545, 0.062), (0.037, 0.0605), (0.029, 0.057))[stage.seed % 3]
    height, width = stage.height // 2, stage.width // 2
    food = np.ones((height, width), dtype=np.float32)
    eater = np.zeros_like(food)
    for row, column in chance.integers((8, 8), (height - 8, width - 8), (34, 2)):
        eater[row - 4 : row + 4, column - 4 : column + 4] = 0.5
    table = ramp(
        *(
            ("#071e3d", "#1f4e79", "#21a0a0", "#f6f1d1", "#ff7f50"),
            ("#2b0a3d", "#7b2d8b", "#f26ca7", "#ffd6a5", "#fff8e7"),
            ("#0b2b26", "#1d6b52", "#8fd694", "#f7f4b2", "#f2a65a"),
        )[stage.seed % 3]
    )
    for _ in range(700):
        _react(food, eater, feed, kill)
    for _ in stage.phases():
        for _ in range(11):
            _react(food, eater, feed, kill)
        value = np.clip(eater * 2.7, 0, 1)
        slope = (np.roll(value, 1, axis=0) - np.roll(value, -1, axis=1)) * 60
        light = shade(table, value) + slope[..., None]
        yield develop(light.repeat(2, axis=0).repeat(2, axis=1))


def _react(food: Plane, eater: Plane, feed: float, kill: float) -> None:
    """Advance both substances by one step, in place."""
    eaten = food * eater * eater
    food += 0.16 * _spread(food) - eaten + feed * (1 - food)
    eater += 0.08 * _spread(eater) + eaten - (feed + kill) * eater


def _spread(plane: Plane) -> Plane:
    """Return how far each point is below its four neighbours, on a torus."""
    result = plane * -4
    result[1:] += plane[:-1]
    result[:-1] += plane[1:]
    result[0] += plane[-1]
    result[-1] += plane[0]
    result[:, 1:] += plane[:, :-1]
    result[:, :-1] += plane[:, 1:]
    result[:, 0] += plane[:, -1]
    result[:, -1] += plane[:, 0]
    return result


def colonies(stage: Stage) -> Take:
    """Conway's game in colour: the old glow, the new shine."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=12, has_beat=True)
    return Take(frames=_colony_frames(stage), score=score)


def _colony_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    cell = 16
    height, width = stage.height // cell, stage.width // cell
    alive = chance.uniform(size=(height, width)) < 0.3
    warmth = np.zeros((height, width), dtype=np.float32)
    table = ramp("#10152b", "#1d2f5f", "#2b7a9b", "#45d0b4", "#f4f7b6", "#ffffff")
    for number, _ in enumerate(stage.phases()):
        if number % 4 == 0:
            around = sum(
                np.roll(alive, (down, right), axis=(0, 1)).astype(int)
                for down in (-1, 0, 1)
                for right in (-1, 0, 1)
                if down or right
            )
            alive = (around == 3) | (alive & (around == 2))
            if number % 60 == 0:
                row, column = chance.integers(0, height - 6), chance.integers(0, width - 6)
                alive[row : row + 6, column : column + 6] ^= chance.uniform(size=(6, 6)) < 0.5
        warmth += np.where(alive, (1 - warmth) * 0.45, -warmth * 0.055)
        frame = develop(shade(table, warmth)).repeat(cell, axis=0).repeat(cell, axis=1)
        for line in (0, 1):
            frame[line::cell] = frame[:, line::cell] = table[0] * 0.7
        yield frame
