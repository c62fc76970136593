"""The sound of a clip: instruments as formulas on a ring of samples.

The ring is as long as the clip; a note that outlasts the end sounds on at the beginning, and
filters and echoes work on the ring's spectrum, so that the music loops as seamlessly as the
picture.  No recording and no sound font is used.
"""

import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000

Wave = NDArray[np.float32]

PROGRESSIONS = {
    "warm": ((0, 4, 7, 11), (-3, 0, 4, 7), (-7, -3, 0, 4), (-5, -1, 2, 7)),
    "wide": ((0, 7, 12, 16), (-4, 3, 8, 12), (-7, 0, 5, 9), (-2, 5, 10, 14)),
    "night": ((0, 3, 7, 10), (-4, 0, 3, 7), (-7, -4, 0, 3), (-2, 2, 5, 9)),
    "still": ((0, 7, 14), (-2, 5, 12), (-4, 3, 10), (-5, 2, 9)),
}


@dataclass
class Score:
    """A stereo ring of samples that instruments are mixed into; Shape: (2, samples)."""

    seconds: float
    ring: Wave = field(init=False)

    def __post_init__(self) -> None:
        """Start with silence."""
        self.ring = np.zeros((2, round(self.seconds * RATE_HZ)), dtype=np.float32)

    def play(self, at_s: float, note: Wave, *, gain: float = 1.0, pan: float = 0.0) -> None:
        """Mix a note in at a moment; `pan` from -1 (left) to 1 (right)."""
        length = self.ring.shape[1]
        start = round(at_s * RATE_HZ) % length
        sides = gain * np.array([np.sqrt((1 - pan) / 2), np.sqrt((1 + pan) / 2)])
        for offset in range(0, note.size, length):  # a note longer than the ring goes round again
            piece = note[offset : offset + length]
            head = min(piece.size, length - start)
            for side in (0, 1):
                self.ring[side, start : start + head] += piece[:head] * sides[side]
                self.ring[side, : piece.size - head] += piece[head:] * sides[side]

    def weather(
        self, chance: np.random.Generator, *, low_hz: float, high_hz: float, gain: float
    ) -> Wave:
        """Mix in a band of noise, different left and right; returned so it can be swelled."""
        length = self.ring.shape[1]
        spectrum = np.fft.rfft(chance.standard_normal((2, length)))
        hertz = np.fft.rfftfreq(length, 1 / RATE_HZ)
        spectrum *= 1 / (1 + (low_hz / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high_hz) ** 3)
        noise = np.fft.irfft(spectrum, n=length)
        noise *= gain / np.abs(noise).std()
        return noise.astype(np.float32)

    def echo(
        self, chance: np.random.Generator, *, seconds: float = 1.6, share: float = 0.3
    ) -> None:
        """Put everything so far into a room."""
        length = self.ring.shape[1]
        size = min(length, round(seconds * RATE_HZ))
        fading = np.exp(-5.0 * np.arange(size) / size)
        room = np.zeros((2, length))
        room[:, :size] = chance.standard_normal((2, size)) * fading
        room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
        hertz = np.fft.rfftfreq(length, 1 / RATE_HZ)
        dark = 1 / (1 + (hertz / 4500) ** 2)
        wet = np.fft.irfft(np.fft.rfft(self.ring) * np.fft.rfft(room) * dark, n=length)
        self.ring += (share * wet).astype(np.float32)

    def write(self, path: Path) -> None:
        """Write the ring as a WAV file, at a level comfortable beside other clips."""
        loudness = float(np.sqrt((self.ring**2).mean())) or 1.0
        level = self.ring * (0.11 / loudness)
        samples = (np.tanh(level * 1.2) * 0.83 * 32767).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples.T.tobytes())


def pitch_hz(semitones: float, root_hz: float = 220.0) -> float:
    """Return the pitch so many semitones above the root."""
    return float(root_hz * 2 ** (semitones / 12))


def pluck(hertz: float, *, seconds: float = 1.2, bright: float = 0.5) -> Wave:
    """Play a plucked string: overtones that fade the sooner the higher they are."""
    t = _time(seconds)
    note = np.zeros_like(t)
    for overtone in range(1, 9):
        if hertz * overtone < RATE_HZ / 2.5:
            fading = np.exp(-t * (2.5 + 2.2 * overtone))
            note += bright ** (overtone - 1) * np.sin(TURN * hertz * overtone * t) * fading
    return _soft_start(note, 0.004)


def bell(hertz: float, *, seconds: float = 2.4) -> Wave:
    """Play a small bell: overtones that are not whole multiples."""
    t = _time(seconds)
    note = np.zeros_like(t)
    for ratio, gain, fade in ((1, 1, 2.2), (2.76, 0.4, 3.6), (5.4, 0.18, 6.5), (0.5, 0.25, 2)):
        note += gain * np.sin(TURN * hertz * ratio * t) * np.exp(-fade * t)
    return _soft_start(note, 0.003)


def pad(semitones: tuple[int, ...], *, root_hz: float, seconds: float) -> Wave:
    """Hold a chord, swelling in and out, slightly detuned so that it breathes."""
    t = _time(seconds)
    chord = np.zeros_like(t)
    for semitone in semitones:
        hertz = pitch_hz(semitone, root_hz)
        for detune in (-0.004, 0.0, 0.005):
            angle = TURN * hertz * (1 + detune) * t
            chord += np.sin(angle) + 0.3 * np.sin(2 * angle) + 0.12 * np.sin(3 * angle)
    swell = np.minimum(1, np.minimum(t, seconds - t) / min(0.9, seconds / 2))
    return (chord * swell / (3 * len(semitones))).astype(np.float32)


def kick() -> Wave:
    """Play a soft bass drum."""
    t = _time(0.35)
    return _soft_start(
        np.sin(TURN * (48 * t + 9 * (1 - np.exp(-t * 30)) / 3)) * np.exp(-t * 11), 0.002
    )


def hat(chance: np.random.Generator, *, seconds: float = 0.07) -> Wave:
    """Play a brushed cymbal."""
    t = _time(seconds)
    noise = np.diff(np.diff(chance.standard_normal(t.size + 2)))
    return (noise * np.exp(-t * 70) * 0.3).astype(np.float32)


def knock(hertz: float, *, seconds: float = 0.25) -> Wave:
    """Tap on wood."""
    t = _time(seconds)
    note = np.sin(TURN * hertz * t) + 0.5 * np.sin(TURN * hertz * 2.4 * t)
    return _soft_start(note * np.exp(-t * 28), 0.001)


def drop(hertz: float) -> Wave:
    """Let a drop fall into water: a short tone that rises."""
    t = _time(0.18)
    return _soft_start(np.sin(TURN * (hertz * t + hertz * 1.6 * t * t)) * np.exp(-t * 24), 0.002)


def purr(seconds: float) -> Wave:
    """Purr like a cat, in and out with the breath."""
    t = _time(seconds)
    throat = np.maximum(0, np.sin(TURN * 25 * t)) ** 3
    body = np.sin(TURN * 75 * t) + 0.6 * np.sin(TURN * 150 * t) + 0.3 * np.sin(TURN * 310 * t)
    breath = 0.55 + 0.45 * np.sin(TURN * t / seconds * 4)
    return (throat * body * breath).astype(np.float32)


TURN = 2 * np.pi


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _soft_start(note: NDArray[np.float64], seconds: float) -> Wave:
    """Avoid the click of a note that starts at full strength."""
    size = round(seconds * RATE_HZ)
    note[:size] *= np.linspace(0, 1, size)
    tail = min(note.size, 480)
    note[-tail:] *= np.linspace(1, 0, tail)
    return note.astype(np.float32)
