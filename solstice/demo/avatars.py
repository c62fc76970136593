"""Faces: a small creature before a sky in its owner's colours, drawn by us."""

import io

from PIL import Image

from solstice.demo.pen import Pen, blank
from solstice.demo.people import Persona
from solstice.demo.stage import Stage

SIDE_PIXELS = 384
_DARK, _CHEEK = "#2b2b38", "#f2a7a0"


def render_avatar(persona: Persona) -> bytes:
    """Draw one face; returns a PNG file."""
    above, below, skin = persona.colours
    stage = Stage(width=SIDE_PIXELS * 2, height=SIDE_PIXELS * 2, seconds=1, seed=0)
    page = blank(stage, above, below)
    pen = Pen(page)  # a square page: 9 by 9 units
    _draw_ears(pen, persona.ears, skin)
    pen.oval(4.5, 8.9, 3.1, 1.6, skin)
    pen.oval(4.5, 5.2, 2.6, 2.4, skin)
    look = (sum(map(ord, persona.name)) % 5 - 2) * 0.06
    for side in (-1, 1):
        pen.oval(4.5 + side * 1.05 + look, 4.95, 0.3, 0.38, _DARK)
        pen.disc(4.6 + side * 1.05 + look, 4.8, 0.11, "#ffffff")
        pen.oval(4.5 + side * 1.75 + look, 5.8, 0.4, 0.24, _CHEEK)
    pen.arc(4.5 + look, 5.3, 0.75, _DARK, start=30, end=150, width=0.14)
    file = io.BytesIO()
    page.resize((SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _draw_ears(pen: Pen, ears: str, skin: str) -> None:
    for side in (-1, 1):
        x = 4.5 + side * 1.7
        match ears:
            case "pointed":
                pen.shape([(x - 0.9, 4.0), (x + side * 0.5, 1.7), (x + 0.9, 4.2)], skin)
                pen.shape([(x - 0.45, 3.9), (x + side * 0.4, 2.5), (x + 0.45, 4.0)], _CHEEK)
            case "long":
                pen.oval(x - side * 0.5, 2.3, 0.6, 1.7, skin)
                pen.oval(x - side * 0.5, 2.4, 0.3, 1.2, _CHEEK)
            case "antenna":
                pen.stroke([(x - side * 0.7, 3.4), (x, 1.9)], skin, width=0.2)
                pen.disc(x, 1.8, 0.38, skin)
            case _:
                pen.disc(x + side * 0.2, 3.5, 0.85, skin)
                pen.disc(x + side * 0.2, 3.5, 0.45, _CHEEK)
