"""Cats: one asleep on the window sill, one that has found the wool."""

import math
from collections.abc import Iterator

from PIL import Image

from solstice.demo import music, sound
from solstice.demo.pen import Pen, Point, blank, taken
from solstice.demo.stage import TURN, Frame, Stage, Take

COATS = (
    ("#e58b3a", "#c46b22", "#fff1df"),
    ("#4a4a5c", "#353545", "#f4f0ea"),
    ("#f3e3d0", "#d9bfa1", "#fffaf2"),
)


def window_cat(stage: Stage) -> Take:
    """A cat sleeps while it rains."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=6)
    music.add_rain(score, chance, gain=0.05)
    score.play(0, sound.purr(stage.seconds), gain=0.3)
    return Take(frames=_window_frames(stage), score=score)


def _window_frames(stage: Stage) -> Iterator[Frame]:
    chance = stage.chance(1)
    room = _room(stage)
    drops = [
        (chance.uniform(1.3, 7.7), chance.uniform(), chance.uniform(0.3, 0.7)) for _ in range(70)
    ]
    coat = COATS[stage.seed % len(COATS)]
    for phase in stage.phases():
        page = room.copy()
        pen = Pen(page)
        for x, start, size in drops:
            y = 1.8 + (start + phase * 8) % 1 * (9.2 - size)
            pen.stroke([(x, y), (x - 0.06, y + size)], "#9fc0d8", width=0.03)
        pen.box(4.35, 1.5, 4.65, 11.1, "#f3e6d3")
        pen.box(1.1, 5.6, 7.9, 5.85, "#f3e6d3")
        _plant(pen, 7.35, 11.3, phase)
        _sleeping_cat(pen, phase, coat)
        yield taken(page)


def _room(stage: Stage) -> Image.Image:
    wall, sky = (
        ("#d9a679", ("#4b5f7d", "#8396a8")),
        ("#8fa998", ("#3d4f73", "#7f92b0")),
        ("#c98f8f", ("#40486b", "#8a86a8")),
    )[stage.seed % 3]
    room = blank(stage, wall, wall)
    pen = Pen(room)
    pen.box(0.8, 1.2, 8.2, 11.4, "#f3e6d3", corner=0.15)
    pane = blank(stage, *sky).crop((0, 0, round(6.8 * pen.unit), round(9.4 * pen.unit)))
    room.paste(pane, (round(1.1 * pen.unit), round(1.5 * pen.unit)))
    for house in range(6):
        left = 1.1 + house * 1.15
        top = 8.2 - (house * 7 % 4) * 0.55
        pen.box(left, top, left + 1.05, 10.9, "#3a4763")
        for lamp in range(3):
            if (house + lamp) % 2:
                pen.box(
                    left + 0.25,
                    top + 0.4 + lamp * 0.75,
                    left + 0.5,
                    top + 0.75 + lamp * 0.75,
                    "#ffd98a",
                )
    pen.box(0.3, 11.1, 8.7, 11.75, "#e9d5ba", corner=0.1)
    pen.box(0.3, 11.6, 8.7, 11.78, "#c9ae8b", corner=0.1)
    pen.box(0, 14.9, 9, 16, "#7a5236")
    for left in (1.2, 5.0):
        pen.box(left, 12.5, left + 2.8, 14.9, "#efe0c9", corner=0.08)
        for bar in range(6):
            pen.box(
                left + 0.25 + bar * 0.42,
                12.8,
                left + 0.5 + bar * 0.42,
                14.6,
                "#d8c3a3",
                corner=0.08,
            )
    return room


def _plant(pen: Pen, x: float, y: float, phase: float) -> None:
    pen.shape([(x - 0.5, y - 0.9), (x + 0.5, y - 0.9), (x + 0.36, y), (x - 0.36, y)], "#b85c38")
    for leaf in range(7):
        lean = (leaf - 3) * 0.3 + 0.05 * math.sin(TURN * phase + leaf)
        tip = (x + 1.2 * math.sin(lean), y - 0.9 - 1.5 * math.cos(lean))
        mid = (x + 0.5 * math.sin(lean * 0.6), y - 0.9 - 0.9 * math.cos(lean))
        pen.stroke([(x, y - 0.9), mid, tip], "#3f7d4e", width=0.16)


def _sleeping_cat(pen: Pen, phase: float, coat: tuple[str, str, str]) -> None:
    fur, stripe, light = coat
    breath = 0.07 * math.sin(TURN * phase * 2)
    flick = max(0.0, math.sin(TURN * phase * 3)) ** 6
    tail = [
        (5.6 + 0.09 * k, 11.0 + 0.12 * math.sin(k / 3) + k * k * 0.0085 - flick * 0.004 * k * k)
        for k in range(14)
    ]
    pen.stroke(tail, fur, width=0.42)
    pen.oval(4.3, 10.05 - breath / 2, 2.0, 1.12 + breath, fur)
    for bar in range(4):
        x = 3.9 + bar * 0.6
        pen.arc(x, 10.3 - breath, 1.15, stripe, start=250, end=300, width=0.16)
    pen.oval(4.4, 10.95, 1.75, 0.28, light)
    pen.disc(2.75, 10.2, 0.88, fur)
    twitch = 0.12 * max(0.0, math.sin(TURN * phase * 2 + 1)) ** 8
    for side in (-1, 1):
        base = 2.75 + side * 0.52
        tip: Point = (base + side * (0.22 + twitch), 9.0 - twitch)
        pen.shape([(base - 0.36, 9.75), tip, (base + 0.36, 9.75)], fur)
        pen.shape([(base - 0.17, 9.72), (tip[0], tip[1] + 0.26), (base + 0.17, 9.72)], "#f2a7a0")
        pen.arc(2.75 + side * 0.38, 10.12, 0.19, stripe, start=10, end=170, width=0.06)
    pen.oval(2.75, 10.52, 0.42, 0.28, light)
    pen.shape([(2.63, 10.36), (2.87, 10.36), (2.75, 10.5)], "#d9727a")
    for side in (-1, 1):
        for hair in (-0.06, 0.06):
            pen.stroke(
                [(2.75 + side * 0.35, 10.5 + hair), (2.75 + side * 1.05, 10.42 + hair * 3)],
                light,
                width=0.025,
            )
    for puff in range(3):
        age = (phase * 2 + puff / 3) % 1
        pen.text(
            1.9 - age * 0.8 + 0.15 * math.sin(age * 9),
            9.0 - age * 2.2,
            "z",
            (235, 240, 246),
            size=0.45 + 0.55 * age,
        )


def yarn_cat(stage: Stage) -> Take:
    """A kitten has found the wool."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=8, has_beat=True)
    for tap in range(8):
        score.play(tap * stage.seconds / 8, sound.knock(320 + 60 * (tap % 3)), gain=0.4)
    return Take(frames=_yarn_frames(stage), score=score)


def _yarn_frames(stage: Stage) -> Iterator[Frame]:
    coat = COATS[(stage.seed + 1) % len(COATS)]
    wall, floor, wool = (
        ("#bfe0dc", "#e8c9a0", "#e4576f"),
        ("#f4d5c8", "#c99f7d", "#3f88c5"),
        ("#d8d4f2", "#d6b38d", "#f2a541"),
    )[stage.seed % 3]
    room = blank(stage, wall, wall)
    pen = Pen(room)
    pen.box(0, 11.6, 9, 16, floor)
    pen.oval(4.5, 13.2, 4.1, 1.15, "#fff4e3")
    pen.oval(4.5, 13.2, 3.6, 0.92, "#f6ddc0")
    pen.box(5.6, 2.2, 8.1, 5.6, "#fff8ee", corner=0.1)
    pen.disc(6.85, 3.9, 0.9, "#ffcf70")
    pen.box(5.9, 4.2, 7.8, 5.3, "#7fb3c8")
    for phase in stage.phases():
        page = room.copy()
        pen = Pen(page)
        swing = math.sin(TURN * phase * 2)
        ball = 6.3 + 0.85 * swing
        thread = [
            (ball - 0.4 + k * 0.3, 13.35 + 0.16 * math.sin(k * 1.3 + phase * TURN * 2) + 0.03 * k)
            for k in range(12)
        ]
        _kitten(pen, phase, swing, coat)
        pen.stroke(thread, wool, width=0.07)
        pen.oval(ball, 13.42, 0.8, 0.14, "#d9b48c")
        pen.disc(ball, 12.75, 0.72, wool)
        for winding in range(5):
            turn = math.degrees(swing * 1.6) + winding * 37
            pen.arc(
                ball,
                12.75,
                0.62 - winding * 0.1,
                "#ffffff",
                start=turn,
                end=turn + 110,
                width=0.045,
            )
        yield taken(page)


def _kitten(pen: Pen, phase: float, swing: float, coat: tuple[str, str, str]) -> None:
    fur, _, light = coat
    wag = [
        (2.3 - 0.13 * k, 12.6 - 0.2 * k + 0.02 * k * k * math.sin(TURN * phase * 2))
        for k in range(11)
    ]
    pen.stroke(wag, fur, width=0.36)
    pen.oval(3.2, 11.9, 1.25, 1.45, fur)
    pen.oval(3.55, 12.1, 0.7, 1.05, light)
    for paw in (2.6, 3.6):
        pen.oval(paw, 13.2, 0.5, 0.26, fur)
    reach = 0.5 + 0.5 * swing
    pen.stroke(
        [(3.9, 11.6), (4.7, 11.9 - 0.35 * reach), (5.0 + 0.6 * reach, 12.5 - 0.3 * reach)],
        fur,
        width=0.46,
    )
    _kitten_head(pen, (3.5 + 0.18 * swing, 9.9 - 0.1 * abs(swing)), phase, swing=swing, coat=coat)


def _kitten_head(
    pen: Pen, head: Point, phase: float, *, swing: float, coat: tuple[str, str, str]
) -> None:
    fur, stripe, light = coat
    for side in (-1, 1):
        base = head[0] + side * 0.72
        pen.shape(
            [
                (base - 0.48, head[1] - 0.55),
                (base + side * 0.25, head[1] - 1.75),
                (base + 0.48, head[1] - 0.5),
            ],
            fur,
        )
        pen.shape(
            [
                (base - 0.24, head[1] - 0.6),
                (base + side * 0.2, head[1] - 1.4),
                (base + 0.24, head[1] - 0.6),
            ],
            "#f2a7a0",
        )
    pen.oval(*head, 1.28, 1.12, fur)
    for bar in (-0.3, 0, 0.3):
        pen.stroke(
            [(head[0] + bar, head[1] - 1.0), (head[0] + bar * 0.8, head[1] - 0.6)],
            stripe,
            width=0.13,
        )
    is_blink = (phase * 3) % 1 > 0.94
    for side in (-1, 1):
        eye = (head[0] + 0.15 + side * 0.48, head[1] - 0.02)
        pen.oval(*eye, 0.3, 0.03 if is_blink else 0.33, "#fdfdf0")
        if not is_blink:
            pen.oval(eye[0] + 0.08 + 0.05 * swing, eye[1] + 0.06, 0.2, 0.25, "#2b2b38")
            pen.disc(eye[0] + 0.15, eye[1] - 0.06, 0.07, "#ffffff")
    pen.oval(head[0] + 0.15, head[1] + 0.52, 0.42, 0.3, light)
    pen.shape(
        [
            (head[0], head[1] + 0.34),
            (head[0] + 0.3, head[1] + 0.34),
            (head[0] + 0.15, head[1] + 0.5),
        ],
        "#d9727a",
    )
    for side in (-1, 1):
        for hair in (-0.08, 0.08):
            pen.stroke(
                [
                    (head[0] + 0.15 + side * 0.45, head[1] + 0.5 + hair),
                    (head[0] + 0.15 + side * 1.45, head[1] + 0.42 + hair * 3),
                ],
                light,
                width=0.03,
            )
