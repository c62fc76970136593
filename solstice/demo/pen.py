"""A pen for crisp pictures: shapes on a page of 9 by 16 units, whatever its pixels.

Scenes say where things are, not how many pixels they have; ffmpeg reduces the page to the
clip's size afterwards, which smooths all edges at once.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from solstice.demo.stage import Frame, Plane, Stage, ramp

WIDE, TALL = 9.0, 16.0

Point = tuple[float, float]
Ink = tuple[int, ...] | str


class Pen:
    """Draws on one page."""

    def __init__(self, page: Image.Image) -> None:
        self.page = page
        self.unit = page.width / WIDE
        self._draw = ImageDraw.Draw(page)

    def disc(self, x: float, y: float, radius: float, ink: Ink) -> None:
        """Fill a circle."""
        self.oval(x, y, radius, radius, ink)

    def oval(self, x: float, y: float, across: float, down: float, ink: Ink) -> None:
        """Fill an ellipse, given its two radii."""
        u = self.unit
        box = ((x - across) * u, (y - down) * u, (x + across) * u, (y + down) * u)
        self._draw.ellipse(box, fill=ink)

    def ring(self, x: float, y: float, radius: float, ink: Ink, *, width: float = 0.06) -> None:
        """Draw a circle's outline."""
        u = self.unit
        box = ((x - radius) * u, (y - radius) * u, (x + radius) * u, (y + radius) * u)
        self._draw.ellipse(box, outline=ink, width=max(1, round(width * u)))

    def arc(
        self,
        x: float,
        y: float,
        radius: float,
        ink: Ink,
        *,
        start: float,
        end: float,
        width: float = 0.06,
    ) -> None:
        """Draw a part of a circle's outline, angles in degrees clockwise from the right."""
        u = self.unit
        box = ((x - radius) * u, (y - radius) * u, (x + radius) * u, (y + radius) * u)
        self._draw.arc(box, start, end, fill=ink, width=max(1, round(width * u)))

    def shape(self, points: Sequence[Point], ink: Ink) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=ink)

    def stroke(self, points: Sequence[Point], ink: Ink, *, width: float = 0.06) -> None:
        """Draw a line with round joints and ends."""
        u = self.unit
        size = max(1, round(width * u))
        self._draw.line([(x * u, y * u) for x, y in points], fill=ink, width=size, joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, ink)

    def box(
        self, left: float, top: float, right: float, bottom: float, ink: Ink, *, corner: float = 0
    ) -> None:
        """Fill a rectangle, its corners rounded."""
        u = self.unit
        self._draw.rounded_rectangle(
            (left * u, top * u, right * u, bottom * u), corner * u, fill=ink
        )

    def text(self, x: float, y: float, words: str, ink: Ink, *, size: float = 1.0) -> None:
        """Write centred on x, standing on the line y; `size` in units."""
        font = ImageFont.load_default(size=round(size * self.unit))
        self._draw.text((x * self.unit, y * self.unit), words, fill=ink, font=font, anchor="ms")

    def columns(self, x: float, word: str, *, size: float) -> list[float]:
        """List where each letter's middle belongs when the word is centred on x."""
        font = ImageFont.load_default(size=round(size * self.unit))
        ends = [font.getlength(word[:count]) / self.unit for count in range(len(word) + 1)]
        left = x - ends[-1] / 2
        return [left + (start + end) / 2 for start, end in pairwise(ends)]


def blank(stage: Stage, *stops: str) -> Image.Image:
    """Make a page whose colour runs from the first stop at the top to the last at the bottom."""
    column = ramp(*(stops if len(stops) > 1 else stops * 2), steps=stage.height)
    grain = np.random.default_rng(5).uniform(0, 1, (stage.height, stage.width, 1))
    return Image.fromarray((column[:, None, :] + grain).clip(0, 255).astype(np.uint8), "RGB")


def taken(page: Image.Image) -> Frame:
    """Return the page as a frame."""
    return np.asarray(page, dtype=np.uint8)


def soft_disc(
    stage: Stage, page: Image.Image, at: Point, radius: float, tint: Plane
) -> Image.Image:
    """Return the page with a soft light around a point, for suns, lamps and moons."""
    unit = stage.width / WIDE
    y, x = np.ogrid[: stage.height, : stage.width]
    distance = np.hypot(x - at[0] * unit, y - at[1] * unit) / (radius * unit)
    light = np.exp(-(distance**2) * 2.5)[..., None] * tint
    return Image.fromarray(np.clip(np.asarray(page) + light, 0, 255).astype(np.uint8), "RGB")


def around(x: float, y: float, radius: float, corners: int, *, turn: float = 0) -> list[Point]:
    """List the corners of a regular polygon."""
    angles = (turn + 2 * math.pi * corner / corners for corner in range(corners))
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
