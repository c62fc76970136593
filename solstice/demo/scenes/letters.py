"""Letters: a breath to follow, a greeting that falls into place."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from solstice.demo import music, sound
from solstice.demo.pen import Pen, around, blank, taken
from solstice.demo.sound import Score, pitch_hz
from solstice.demo.stage import TURN, Frame, Stage, Take, colour, develop, ramp, shade, shine


def breathe(stage: Stage) -> Take:
    """Breathe in, hold, breathe out: one slow minute's worth in a loop."""
    chance = stage.chance()
    score = Score(stage.seconds)
    for swell, semitones in ((0.0, (0, 7, 12)), (0.5, (-5, 2, 7))):
        held = sound.pad(semitones, root_hz=110, seconds=stage.seconds * 0.55)
        score.play(swell * stage.seconds, held, gain=0.9)
    for beat in range(8):
        score.play(
            beat * stage.seconds / 8, sound.bell(pitch_hz((0, 7, 12, 14)[beat % 4], 440)), gain=0.08
        )
    noise = score.weather(chance, low_hz=300, high_hz=1400, gain=0.1)
    wave = np.sin(np.linspace(0, TURN, noise.shape[1])) ** 2
    score.ring += (noise * wave).astype(np.float32)
    score.echo(chance, share=0.5)
    return Take(frames=_breathe_frames(stage), score=score)


def _breathe_frames(stage: Stage) -> Iterator[Frame]:
    _, y = stage.grid()
    back, petals = (
        (("#0f2c3f", "#1b5560", "#0f2c3f"), ("#7bdff2", "#b2f7ef", "#f7d6e0")),
        (("#2a1a3f", "#5b3a6e", "#2a1a3f"), ("#ffb3c6", "#ffd6a5", "#fdffb6")),
    )[stage.seed % 2]
    ground = shade(ramp(*back), (y + 16 / 9) / (32 / 9))
    tints = [np.array(colour(petal)) for petal in petals]
    for phase in stage.phases():
        breath = 0.5 - 0.5 * math.cos(TURN * phase)
        size = 0.16 + 0.26 * breath
        reach = size * stage.width / 2 * 1.05
        span = np.arange(-math.ceil(reach) - 1, math.ceil(reach) + 2, dtype=np.float32)
        gap = np.hypot(*np.meshgrid(span, span)) / reach
        soft = np.clip((1 - gap) * reach * 0.4, 0, 1) * (0.35 + 0.65 * np.clip(gap, 0, 1))
        light = ground.copy()
        for petal in range(9):
            angle = petal * TURN / 9 + TURN * phase / 9
            at_x = (1 + size * math.cos(angle)) * stage.width / 2
            at_y = stage.height / 2 + size * math.sin(angle) * stage.width / 2
            shine(light, soft, at_x, at_y, tints[petal % 3] * 0.27)
        page = Image.fromarray(develop(light), "RGB")
        words = "breathe in" if phase < 0.5 else "breathe out"
        strength = min(1.0, abs(math.sin(TURN * phase)) * 2.2)
        ink = tuple(int(150 + 105 * strength) if strength > 0.05 else 90 for _ in range(3))
        if strength > 0.12:
            Pen(page).text(4.5, 13.4, words, ink, size=0.85)
        yield taken(page)


GREETINGS = ("good", "morning", "you")


def good_morning(stage: Stage) -> Take:
    """Three words drop in, the sun comes up, and off they go."""
    chance = stage.chance()
    score = music.compose(chance, stage.seconds, mood="warm", notes_per_bar=8, has_beat=True)
    for number in range(sum(map(len, GREETINGS))):
        at_s = (0.05 + number * 0.035) * stage.seconds
        score.play(at_s, sound.knock(260 + 40 * (number % 5)), gain=0.7)
    return Take(frames=_greeting_frames(stage), score=score)


def _greeting_frames(stage: Stage) -> Iterator[Frame]:
    ground, ink, sun = (
        ("#ffcf56", "#e4572e", "#fff3d6"),
        ("#17bebb", "#fff8e7", "#ffc914"),
        ("#f7a6b4", "#3d2c5e", "#fff0c9"),
    )[stage.seed % 3]
    paper = blank(stage, ground, ground)
    ray_ink = tuple(min(255, band + 18) for band in colour(ground))
    columns = [Pen(paper).columns(4.5, word, size=1.9) for word in GREETINGS]
    for phase in stage.phases():
        page = paper.copy()
        pen = Pen(page)
        rise = min(1.0, max(0.0, (phase - 0.1) * 2.2)) - min(1.0, max(0.0, (phase - 0.86) * 8))
        height = 17.5 - 4.6 * (1 - (1 - rise) ** 3) if rise > 0 else 17.5
        for ray in range(0, 24, 2):
            fan = around(4.5, height, 20, 24, turn=TURN * phase / 12)
            pen.shape([(4.5, height), fan[ray], fan[ray + 1]], ray_ink)
        pen.disc(4.5, height, 2.3, sun)
        for side in (-1, 1):
            pen.disc(4.5 + side * 0.75, height - 0.5, 0.16, ink)
        pen.arc(4.5, height - 0.35, 0.85, ink, start=30, end=150, width=0.12)
        number = 0
        for line, word in enumerate(GREETINGS):
            for place, letter in enumerate(word):
                _letter(
                    pen,
                    columns[line][place],
                    3.2 + line * 2.1,
                    letter,
                    ink,
                    since=phase - 0.05 - number * 0.035,
                    leave=phase - 0.88,
                )
                number += 1
        yield taken(page)


def _letter(
    pen: Pen, x: float, y: float, letter: str, ink: str, *, since: float, leave: float
) -> None:
    """Let a letter fall to its line and spring there; at the end all fly up."""
    if since <= 0:
        return
    spring = math.exp(-since * 26) * math.cos(since * 62)
    gone = max(0.0, leave) ** 2 * 900
    pen.text(x, y - spring * 5 - gone, letter, ink, size=1.9)
