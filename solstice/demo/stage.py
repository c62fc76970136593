"""What every scene is drawn on: a portrait stage, its clock, its colours and its light.

Scenes are functions of a `Stage` and yield finished frames.  Soft pictures (skies, liquids) are
computed with numpy on a small stage and enlarged by ffmpeg: a quarter of the pixels, and nobody
can tell.  Crisp pictures (paper, letters) are drawn with `solstice.demo.pen` on a large stage and
reduced, which smooths their edges.  Time runs in phases from 0 to 1 so that a scene made of whole
waves ends where it began and loops without a jump.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solstice.demo.sound import Score

FPS = 30
TURN = 2 * np.pi

Frame = NDArray[np.uint8]
Plane = NDArray[np.float32]
Light = NDArray[np.floating[Any]]
"""Whatever numpy made of planes on the way; only `develop` decides about precision."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How large and how long one performance is, and the seed that makes it this one."""

    width: int
    height: int
    seconds: float
    seed: int

    @property
    def frame_count(self) -> int:
        """How many frames the performance has."""
        return round(self.seconds * FPS)

    def chance(self, purpose: int = 0) -> np.random.Generator:
        """Return this performance's dice; each purpose has its own, always the same."""
        return np.random.default_rng([self.seed, purpose])

    def phases(self) -> Iterator[float]:
        """Yield the moment of each frame, from 0 up to, but not including, 1."""
        for number in range(self.frame_count):
            yield number / self.frame_count

    def grid(self) -> tuple[Plane, Plane]:
        """Return x in [-1, 1] and y in [-16/9, 16/9] (downwards) of every pixel."""
        tall = self.height / self.width
        x = np.linspace(-1, 1, self.width, dtype=np.float32)
        y = np.linspace(-tall, tall, self.height, dtype=np.float32)
        columns, rows = np.meshgrid(x, y)
        return columns, rows


@dataclass(frozen=True, kw_only=True)
class Take:
    """One performance: its frames, made as they are asked for, and its sound."""

    frames: Iterator[Frame]
    score: Score


Scene = Callable[[Stage], Take]


def colour(text: str) -> tuple[int, int, int]:
    """Read `#rrggbb`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def ramp(*stops: str, steps: int = 1024) -> Plane:
    """Blend colours evenly into a table of `steps` rows; Shape: (steps, 3), values 0 to 255."""
    anchors = np.array([colour(stop) for stop in stops], dtype=np.float32)
    at = np.linspace(0, len(stops) - 1, steps)
    return np.stack(
        [np.interp(at, range(len(stops)), anchors[:, band]) for band in range(3)], axis=1
    ).astype(np.float32)


def shade(table: Plane, value: Light) -> Plane:
    """Colour a plane of values in [0, 1] by a ramp."""
    index = np.clip(value * (len(table) - 1), 0, len(table) - 1).astype(np.int32)
    coloured: Plane = table.take(index, axis=0)
    return coloured


def develop(light: Light) -> Frame:
    """Turn light (0 to 255, any excess is white) into a frame, dithered against banding."""
    height, width = light.shape[:2]
    grain = _GRAIN[:height, :width, None]
    frame: Frame = np.clip(light + grain, 0, 255).astype(np.uint8)
    return frame


def glow(radius: int, falloff: float = 2.0) -> Plane:
    """Make a round soft light to be added with `shine`; Shape: (2 radius + 1, same)."""
    span = np.linspace(-1, 1, 2 * radius + 1, dtype=np.float32)
    across, down = np.meshgrid(span, span)
    light: Plane = np.maximum(0, 1 - np.hypot(across, down)) ** np.float32(falloff)
    return light


def shine(light: Plane, sprite: Light, x: float, y: float, tint: NDArray[Any]) -> None:
    """Add a sprite of light, tinted, centred on pixel (x, y); parts outside are left out."""
    height, width = light.shape[:2]
    size = sprite.shape[0]
    left, top = round(x) - size // 2, round(y) - size // 2
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, width), min(top + size, height)
    if x0 < x1 and y0 < y1:
        part = sprite[y0 - top : y1 - top, x0 - left : x1 - left, None]
        light[y0:y1, x0:x1] += part * tint.astype(np.float32)


def smooth_noise(chance: np.random.Generator, height: int, width: int, *, scale: float) -> Plane:
    """Make noise in [0, 1] without hard edges that wraps around on all sides."""
    spectrum = np.fft.rfft2(chance.standard_normal((height, width)))
    across = np.fft.rfftfreq(width)[None, :] * width
    down = np.fft.fftfreq(height)[:, None] * height
    spectrum *= np.exp(-(across**2 + down**2) / (2 * scale**2))
    plane = np.fft.irfft2(spectrum, s=(height, width))
    low, high = plane.min(), plane.max()
    even: Plane = ((plane - low) / (high - low)).astype(np.float32)
    return even


_GRAIN: Plane = np.random.default_rng(7).uniform(0, 1, (1920, 1080)).astype(np.float32)
