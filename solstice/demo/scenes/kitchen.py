"""The kitchen: a bowl of noodles, a stack of pancakes."""

import math
from collections.abc import Iterator

from solstice.demo import music, sound
from solstice.demo.pen import Pen, blank, taken
from solstice.demo.stage import TURN, Frame, Stage, Take, colour


def ramen(stage: Stage) -> Take:
    """Steam over a bowl; the chopsticks cannot wait."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=8, has_beat=True)
    noise = score.weather(chance, low_hz=300, high_hz=1200, gain=0.02)
    score.ring += noise
    return Take(frames=_ramen_frames(stage), score=score)


def _ramen_frames(stage: Stage) -> Iterator[Frame]:
    cloth, bowl = (("#2f4858", "#d1495b"), ("#f0c987", "#2e5266"), ("#5b4b7a", "#f2a65a"))[
        stage.seed % 3
    ]
    table = blank(stage, cloth, cloth)
    pen = Pen(table)
    for stripe in range(9):
        pen.box(0, stripe * 2 + 0.6, 9, stripe * 2 + 0.75, "#ffffff" if stripe % 4 == 0 else bowl)
    pen.oval(4.6, 9.5, 4.0, 3.95, "#22303a")
    pen.disc(4.5, 9.0, 3.95, bowl)
    pen.disc(4.5, 9.0, 3.6, "#fdf6e7")
    pen.disc(4.5, 9.0, 3.35, "#c9752c")
    pen.disc(4.5, 9.0, 3.25, "#e09a45")
    chance = stage.chance(1)
    for _ in range(38):
        angle, reach = chance.uniform(0, TURN), 2.9 * math.sqrt(chance.uniform())
        pen.ring(
            4.5 + reach * math.cos(angle),
            9 + reach * math.sin(angle),
            chance.uniform(0.06, 0.16),
            "#f0bd6a",
            width=0.03,
        )
    for phase in stage.phases():
        page = table.copy()
        pen = Pen(page)
        _toppings(pen, phase)
        lift = max(0.0, math.sin(TURN * phase)) ** 1.5
        _chopsticks(pen, lift, phase)
        for wisp in range(5):
            _steam(pen, 2.3 + wisp * 1.05, phase * 2 + wisp * 0.27, cloth)
        yield taken(page)


def _toppings(pen: Pen, phase: float) -> None:
    bob = 0.06 * math.sin(TURN * phase * 2)
    for strand in range(11):
        line = [
            (2.0 + k * 0.21, 8.1 + strand * 0.19 + 0.17 * math.sin(k * 0.8 + strand + TURN * phase))
            for k in range(18)
        ]
        pen.stroke(line, "#f8dd8f" if strand % 2 else "#efc96f", width=0.13)
    for turn, (x, y) in enumerate(((5.9, 7.4), (3.0, 7.0))):
        pen.oval(x, y + bob, 0.95, 0.8, "#fffaf0")
        pen.disc(x + 0.03, y + bob, 0.46, "#f59f00" if turn == 0 else "#f7a823")
        pen.disc(x - 0.1, y - 0.12 + bob, 0.14, "#ffd166")
    for slab in range(2):
        pen.oval(6.1 - slab * 0.5, 10.2 + slab * 0.55 - bob, 1.05, 0.62, "#a8512f")
        pen.oval(6.1 - slab * 0.5, 10.15 + slab * 0.55 - bob, 0.9, 0.5, "#d98a5f")
        pen.arc(
            6.1 - slab * 0.5,
            10.15 + slab * 0.55 - bob,
            0.36,
            "#f6d3b8",
            start=20,
            end=320,
            width=0.09,
        )
    pen.shape([(1.5, 9.4), (2.9, 10.0), (2.5, 11.7), (1.4, 11.0)], "#1f3b2d")
    pen.shape([(1.6, 9.55), (2.7, 10.05), (2.4, 11.45), (1.55, 10.9)], "#2d5540")
    pen.disc(3.6, 11.1 - bob, 0.52, "#fff7f2")
    swirl = [
        (3.6 + 0.03 * k * math.cos(k * 0.55), 11.1 - bob + 0.03 * k * math.sin(k * 0.55))
        for k in range(13)
    ]
    pen.stroke(swirl, "#f26d8d", width=0.09)
    for leek in range(12):
        angle = leek * 2.4
        pen.ring(
            4.55 + 0.7 * math.cos(angle),
            6.75 + 0.45 * math.sin(angle) + bob,
            0.13,
            "#7cb518",
            width=0.06,
        )


def _chopsticks(pen: Pen, lift: float, phase: float) -> None:
    x, y = 4.4, 9.2 - 3.2 * lift
    if lift > 0.02:
        for strand in range(7):
            sway = 0.1 * math.sin(TURN * phase * 3 + strand)
            line = [
                (x - 0.35 + strand * 0.12 + sway * k / 8, y + (9.4 - y) * k / 8) for k in range(9)
            ]
            pen.stroke(line, "#f8dd8f" if strand % 2 else "#efc96f", width=0.11)
    for stick in (0, 1):
        pen.stroke(
            [(x - 0.3 + stick * 0.5, y + 0.2), (8.6 + stick * 0.6, y - 4.6 + stick * 0.9)],
            "#5a2e1b" if stick else "#6f3b24",
            width=0.2,
        )


def _steam(pen: Pen, x: float, phase: float, cloth: str) -> None:
    """Draw one ribbon that rises and thins; its ink is the cloth's, lightened."""
    for tone, wide in ((0.28, 0.22), (0.5, 0.11)):
        ink = tuple(int(band + (255 - band) * tone) for band in colour(cloth))
        spine = [
            (x + 0.45 * math.sin(k * 0.42 - TURN * phase + x), 5.6 - k * 0.21) for k in range(22)
        ]
        widths = [wide * math.sin(math.pi * (k + 1) / 23) for k in range(22)]
        left = [(at - w, y) for (at, y), w in zip(spine, widths, strict=True)]
        right = [(at + w, y) for (at, y), w in zip(spine, widths, strict=True)]
        pen.shape([*left, *right[::-1]], ink)


def pancakes(stage: Stage) -> Take:
    """Flip, land, butter, syrup; again."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=8, has_beat=True)
    score.ring += score.weather(chance, low_hz=2500, high_hz=7000, gain=0.012)
    for flip in range(2):
        score.play((flip + 0.92) * stage.seconds / 2, sound.knock(110), gain=1.2)
        score.play((flip + 0.2) * stage.seconds / 2, sound.drop(300), gain=0.6)
    return Take(frames=_pancake_frames(stage), score=score)


def _pancake_frames(stage: Stage) -> Iterator[Frame]:
    wall, tile = (("#ffe5b4", "#ffd68f"), ("#cfe8e4", "#b9dcd6"), ("#f9d3d3", "#f4bfc0"))[
        stage.seed % 3
    ]
    kitchen = blank(stage, wall, wall)
    pen = Pen(kitchen)
    for row in range(8):
        for column in range(6):
            pen.box(
                column * 1.6 - (row % 2) * 0.8,
                row * 1.6,
                column * 1.6 + 1.5 - (row % 2) * 0.8,
                row * 1.6 + 1.5,
                tile,
                corner=0.12,
            )
    pen.box(0.9, 2.0, 8.1, 2.3, "#b07a52", corner=0.06)
    for jar, ink in enumerate(("#e4572e", "#76b041", "#ffc914", "#2e86ab")):
        left = 1.3 + jar * 1.75
        pen.box(left, 0.75, left + 1.1, 2.0, "#fffaf0", corner=0.16)
        pen.box(left + 0.1, 1.15, left + 1.0, 1.9, ink, corner=0.12)
        pen.box(left + 0.12, 0.5, left + 0.98, 0.8, "#8a5a3c", corner=0.08)
    for hook, long in ((2.2, 1.3), (7.2, 1.6)):
        pen.stroke([(hook, 2.3), (hook, 2.3 + long)], "#8a5a3c", width=0.12)
        pen.oval(hook, 2.6 + long, 0.32, 0.45, "#b9b4ad")
    pen.box(0, 12.6, 9, 16, "#8a5a3c")
    pen.box(0, 12.4, 9, 12.75, "#b07a52")
    for phase in stage.phases():
        page = kitchen.copy()
        pen = Pen(page)
        way = (phase * 2) % 1
        _stack(pen, phase)
        tip = 0.5 * max(0.0, math.sin(math.pi * min(1, way * 4))) if way < 0.25 else 0.0
        _pan(pen, tip)
        _pancake(pen, way, tip)
        yield taken(page)


def _stack(pen: Pen, phase: float) -> None:
    pen.oval(6.6, 12.35, 2.1, 0.3, "#f8f4ec")
    for cake in range(5):
        y = 12.05 - cake * 0.36
        pen.oval(6.6 + 0.08 * math.sin(cake * 2), y, 1.6, 0.34, "#a9662b")
        pen.oval(6.6 + 0.08 * math.sin(cake * 2), y - 0.1, 1.55, 0.3, "#e0a04e")
    for run, (x, long) in enumerate(((5.7, 1.0), (6.4, 1.5), (7.3, 0.8))):
        flow = long + 0.16 * math.sin(TURN * phase + run)
        pen.box(x, 10.5, x + 0.3, 10.5 + flow, "#8a3f12", corner=0.15)
    pen.oval(6.6, 10.5, 1.2, 0.22, "#9c4a16")
    pen.box(6.3, 10.1, 6.95, 10.45, "#fff0a3", corner=0.08)


def _pan(pen: Pen, tip: float) -> None:
    pen.stroke([(3.6, 12.0 - tip), (0.2, 12.6 + tip * 0.6)], "#3a3a44", width=0.26)
    pen.oval(2.9, 12.0 - tip * 0.6, 1.75, 0.42, "#24242c")
    pen.oval(2.9, 11.9 - tip * 0.6, 1.6, 0.3, "#3a3a44")


def _pancake(pen: Pen, way: float, tip: float) -> None:
    """Draw the flying one: a parabola, and one and a half turns."""
    air = max(0.0, (way - 0.2) / 0.72) if way < 0.92 else 0.0
    height = 4 * air * (1 - air) * 8.2 if air else 0.0
    face = math.cos(math.pi * 3 * air) if air else 1.0
    y = 11.8 - height - tip * 0.6
    thick = 0.1 + 0.9 * abs(face) if height > 0.4 else 0.22
    pen.oval(
        2.9, y + 0.08, 1.35, max(0.2, 1.3 * thick * (0.25 if height < 0.4 else 0.75)), "#a9662b"
    )
    pen.oval(
        2.9,
        y - 0.05,
        1.3,
        max(0.14, 1.2 * thick * (0.2 if height < 0.4 else 0.72)),
        "#e9b160" if face > 0 else "#c9853c",
    )
    if abs(face) > 0.35 and height > 1.5:
        smile = "#7a4318"
        for side in (-1, 1):
            pen.oval(2.9 + side * 0.42, y - 0.22 * thick, 0.12, 0.16 * thick, smile)
        pen.arc(2.9, y + 0.05, 0.42 * thick, smile, start=20, end=160, width=0.08)
