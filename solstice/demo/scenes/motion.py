"""Motion: balls that play their own tune, pendulums in and out of step, sweet chaos."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solstice.demo import music, sound
from solstice.demo.pen import Pen, blank, taken
from solstice.demo.sound import Score, pitch_hz
from solstice.demo.stage import TURN, Frame, Stage, Take, colour, develop, glow, ramp, shade, shine

PAINTS = ("#ff595e", "#ff924c", "#ffca3a", "#8ac926", "#1982c4", "#6a4c93", "#f15bb5")
PENTATONIC = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24)


def bouncing(stage: Stage) -> Take:
    """Balls that bounce a whole number of times each; every bounce is a note."""
    bounces = _bounces(stage)
    score = Score(stage.seconds)
    chance = stage.chance(2)
    root_hz = float(chance.choice(music.ROOTS_HZ)) * 2
    for number, count in enumerate(bounces):
        note = sound.pluck(pitch_hz(PENTATONIC[len(bounces) - 1 - number], root_hz))
        for bounce in range(count):
            score.play(bounce * stage.seconds / count, note, gain=0.5, pan=number / 4 - 0.8)
    score.echo(chance, share=0.4)
    return Take(frames=_bouncing_frames(stage), score=score)


def _bounces(stage: Stage) -> list[int]:
    fewest = 5 + stage.seed % 3
    return [fewest + number for number in range(7)]


def _bouncing_frames(stage: Stage) -> Iterator[Frame]:
    ground = blank(
        stage,
        *(("#fff6e9", "#ffe9d2"), ("#14213d", "#0b132b"), ("#e9f5f2", "#d2ebe5"))[stage.seed % 3],
    )
    is_dark = stage.seed % 3 == 1
    bounces = _bounces(stage)
    Pen(ground).box(0, 13.6, 9, 16, "#f2c9a1" if not is_dark else "#1f3160")
    for phase in stage.phases():
        page = ground.copy()
        pen = Pen(page)
        for number, count in enumerate(bounces):
            _ball(
                pen,
                0.75 + number * 1.25,
                (phase * count) % 1,
                11.5 * (bounces[0] / count) ** 2,
                PAINTS[number],
                is_dark=is_dark,
            )
        yield taken(page)


def _ball(pen: Pen, x: float, way: float, tall: float, paint: str, *, is_dark: bool) -> None:
    """Draw one ball at its way between two bounces: a parabola, squashed at the floor."""
    height = 4 * way * (1 - way) * tall
    squash = max(0.0, 1 - min(way, 1 - way) * 16) * 0.3
    shadow = max(0.12, 0.5 - height * 0.035)
    pen.oval(x, 13.66, shadow, shadow * 0.22, "#0a1024" if is_dark else "#d99f6c")
    for ghost in (3, 2, 1):
        late = way - ghost * 0.022
        if late > 0:
            faint = (
                tuple(int(c + (255 - c) * (0.35 + 0.18 * ghost)) for c in colour(paint))
                if not is_dark
                else tuple(int(c * (0.62 - 0.16 * ghost)) for c in colour(paint))
            )
            pen.disc(x, 13.1 - 4 * late * (1 - late) * tall, 0.5 - 0.05 * ghost, faint)
    y = 13.1 - height + squash * 0.45
    pen.oval(x, y, 0.52 * (1 + squash), 0.52 * (1 - squash), paint)
    pen.oval(x - 0.17, y - 0.2 * (1 - squash), 0.13, 0.1, "#ffffff")


def pendulums(stage: Stage) -> Take:
    """Fifteen pendulums: together, apart, and together again."""
    score = Score(stage.seconds)
    chance = stage.chance(2)
    root_hz = float(chance.choice(music.ROOTS_HZ)) * 2
    for number in range(15):
        swings = 6 + number
        hertz = pitch_hz(PENTATONIC[number % 11] + 12 * (number // 11), root_hz)
        note = sound.bell(hertz, seconds=1.2)
        for swing in range(swings * 2):
            at_s = (swing + 0.5) * stage.seconds / (swings * 2)
            score.play(at_s, note, gain=0.16, pan=(-1) ** swing * 0.5)
    score.echo(chance, share=0.5)
    return Take(frames=_pendulum_frames(stage), score=score)


def _pendulum_frames(stage: Stage) -> Iterator[Frame]:
    ground = blank(
        stage,
        *(("#1b1b3a", "#33265c", "#693668"), ("#062925", "#0c4a43", "#2c7a6b"))[stage.seed % 2],
    )
    Pen(ground).box(3.4, 1.0, 5.6, 1.2, "#f5e9d8", corner=0.1)
    table = ramp("#ffe66d", "#ff9f68", "#ff5d8f", "#b388eb", "#7bdff2", steps=15)
    for phase in stage.phases():
        page = ground.copy()
        pen = Pen(page)
        for number in range(14, -1, -1):
            swing = 0.46 * math.cos(TURN * phase * (6 + number))
            rope = 13.2 - number * 0.66
            x, y = 4.5 + rope * math.sin(swing), 1.2 + rope * math.cos(swing)
            pen.stroke([(4.5, 1.2), (x, y)], (96, 84, 128), width=0.025)
            ink = tuple(int(band) for band in table[number])
            pen.disc(x, y, 0.34, ink)
            pen.disc(x - 0.1, y - 0.12, 0.08, "#ffffff")
        yield taken(page)


def double_pendulum(stage: Stage) -> Take:
    """Two arms, one path of light, no repetition."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="wide", notes_per_bar=12)
    return Take(frames=_chaos_frames(stage), score=score)


def _chaos_frames(stage: Stage) -> Iterator[Frame]:
    """Integrate with small steps (1/1200 s): the energy stays within a per cent for ten seconds."""
    chance = stage.chance(1)
    _, y = stage.grid()
    ground = shade(ramp("#080c1c", "#15183a", "#080c1c"), (y + 16 / 9) / (32 / 9))
    table = ramp("#ff5d8f", "#ffd166", "#4cc9f0", "#b388eb", "#ff5d8f", steps=300)
    state = np.array([chance.uniform(1.9, 2.6), chance.uniform(1.6, 2.8), 0.0, 0.0])
    arm = stage.width * 0.235
    trail = np.zeros_like(ground)
    spark, bob = glow(5, 1.1), glow(20, 0.7)
    for number, _ in enumerate(stage.phases()):
        trail *= 0.982
        for _ in range(40):
            state = state + _swing(state + _swing(state) / 2400) / 1200
            x1, y1 = (
                stage.width / 2 + arm * math.sin(state[0]),
                stage.height * 0.5 + arm * math.cos(state[0]),
            )
            x2, y2 = x1 + arm * math.sin(state[1]), y1 + arm * math.cos(state[1])
            shine(trail, spark, x2, y2, table[number % 300] * 0.3)
        light = ground + np.minimum(trail, 300)
        for along in np.linspace(0, 1, 60):
            shine(
                light,
                spark,
                stage.width / 2 + (x1 - stage.width / 2) * along,
                stage.height / 2 + (y1 - stage.height / 2) * along,
                np.array((90, 96, 130)),
            )
            shine(
                light,
                spark,
                x1 + (x2 - x1) * along,
                y1 + (y2 - y1) * along,
                np.array((90, 96, 130)),
            )
        shine(light, bob, x1, y1, np.array((255, 244, 220)))
        shine(light, bob, x2, y2, np.array((255, 255, 255)))
        yield develop(light)


def _swing(state: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rates of change of two equal arms of length 1 under g = 9.81."""
    a, b, spin_a, spin_b = state
    gap = a - b
    below = 3 - math.cos(2 * gap)
    rate_a = (
        -29.43 * math.sin(a)
        - 9.81 * math.sin(a - 2 * b)
        - 2 * math.sin(gap) * (spin_b**2 + spin_a**2 * math.cos(gap))
    ) / below
    rate_b = (
        2
        * math.sin(gap)
        * (2 * spin_a**2 + 19.62 * math.cos(a) + spin_b**2 * math.cos(gap))
        / below
    )
    return np.array([spin_a, spin_b, rate_a, rate_b])
