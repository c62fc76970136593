"""Small pieces of music for scenes: chords, an arpeggio, perhaps a beat; always whole bars.

Four bars fill a clip whatever its length, so the last beat meets the first one when it loops.
"""

from typing import Literal

import numpy as np

from solstice.demo import sound
from solstice.demo.sound import Score, pitch_hz

ROOTS_HZ = (110.0, 116.54, 123.47, 130.81, 138.59, 146.83, 98.0, 103.83)
BARS = 4

Mood = Literal["warm", "wide", "night", "still"]
Voice = Literal["pluck", "bell"]


def compose(
    chance: np.random.Generator,
    seconds: float,
    *,
    mood: Mood = "warm",
    voice: Voice = "pluck",
    notes_per_bar: int = 8,
    has_beat: bool = False,
) -> Score:
    """Compose four bars over one chord progression."""
    score = Score(seconds)
    root_hz = float(chance.choice(ROOTS_HZ))
    chords = sound.PROGRESSIONS[mood]
    bar_s = seconds / BARS
    for bar, chord in enumerate(chords):
        held = sound.pad(chord, root_hz=root_hz, seconds=bar_s + 0.8)
        score.play(bar * bar_s - 0.4, held, gain=0.5)
        score.play(bar * bar_s, sound.pluck(pitch_hz(chord[0], root_hz / 2), seconds=2), gain=0.6)
    _arpeggio(score, chance, root_hz=root_hz, chords=chords, voice=voice, notes=notes_per_bar)
    score.echo(chance, share=0.5)
    if has_beat:
        add_beat(score, chance)
    return score


def _arpeggio(
    score: Score,
    chance: np.random.Generator,
    *,
    root_hz: float,
    chords: tuple[tuple[int, ...], ...],
    voice: Voice,
    notes: int,
) -> None:
    play = {"pluck": sound.pluck, "bell": sound.bell}[voice]
    order = chance.integers(0, 6, notes)
    silent = chance.uniform(size=notes) < 0.25  # the same rests in every bar: a motif, not chance
    for number in range(BARS * notes):
        step = number % notes
        if silent[step]:
            continue
        chord = chords[number // notes]
        turn, place = divmod(int(order[step]), len(chord))
        hertz = pitch_hz(chord[place] + 12 * (turn + 1), root_hz)
        at_s = number * score.seconds / (BARS * notes)
        score.play(at_s, play(hertz), gain=0.28, pan=float(np.sin(number * 1.7)) * 0.6)


def add_beat(score: Score, chance: np.random.Generator) -> None:
    """Add a soft drum and brushes, eight steps a bar."""
    step_s = score.seconds / (BARS * 8)
    for step in range(BARS * 8):
        if step % 4 == 0:
            score.play(step * step_s, sound.kick(), gain=0.9)
        if step % 4 == 2:
            score.play(step * step_s, sound.hat(chance, seconds=0.12), gain=0.5, pan=0.2)
        score.play((step + 0.03 * (step % 2)) * step_s, sound.hat(chance), gain=0.25, pan=-0.3)


def add_surf(score: Score, chance: np.random.Generator, *, gain: float = 0.12) -> None:
    """Add waves that come in twice a clip."""
    noise = score.weather(chance, low_hz=120, high_hz=1800, gain=gain)
    at = np.linspace(0, 2 * np.pi, noise.shape[1])
    swell = 0.35 + 0.65 * (0.5 + 0.5 * np.sin(2 * at + 0.6 * np.sin(at))) ** 2
    score.ring += (noise * swell).astype(np.float32)


def add_rain(score: Score, chance: np.random.Generator, *, gain: float = 0.1) -> None:
    """Add rain, with single drops near the ear."""
    score.ring += score.weather(chance, low_hz=900, high_hz=6500, gain=gain)
    for _ in range(int(9 * score.seconds)):
        score.play(
            chance.uniform(0, score.seconds),
            sound.drop(chance.uniform(900, 2600)),
            gain=chance.uniform(0.02, 0.12),
            pan=chance.uniform(-0.9, 0.9),
        )


def add_wind(score: Score, chance: np.random.Generator, *, gain: float = 0.05) -> None:
    """Add wind in two slow gusts."""
    noise = score.weather(chance, low_hz=200, high_hz=700, gain=gain)
    at = np.linspace(0, 2 * np.pi, noise.shape[1])
    score.ring += (noise * (0.6 + 0.4 * np.sin(at) * np.cos(2 * at))).astype(np.float32)


def add_crickets(score: Score, chance: np.random.Generator, *, gain: float = 0.03) -> None:
    """Add crickets on both sides of the meadow."""
    t = np.arange(score.ring.shape[1]) / sound.RATE_HZ
    for side in (0, 1):
        hertz = chance.uniform(4100, 4700)
        chirp = np.maximum(0, np.sin(2 * np.pi * round(score.seconds * 1.5) * t / score.seconds))
        flutter = 0.5 + 0.5 * np.sin(2 * np.pi * 32 * t + side)
        score.ring[side] += (gain * np.sin(2 * np.pi * hertz * t) * chirp * flutter).astype(
            np.float32
        )
