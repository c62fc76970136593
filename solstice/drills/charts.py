"""Charts as SVG text: a few lines over time, readable without a script, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 28, 32
NAME_WIDTH, NAME_HEIGHT, NAMES_IN_ROW = 104, 18, 6
COLOURS = (
    "#c2571a",
    "#2a6f97",
    "#5a8f29",
    "#8a4fa3",
    "#7a7a7a",
    "#b8860b",
    "#1f8a8a",
    "#b3365f",
)

STYLE = (
    "text{font:12px system-ui,sans-serif;fill:currentColor}"
    ".grid{stroke:currentColor;stroke-opacity:.15}"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}"
    ".title{font-weight:600;font-size:13px}"
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its name and a value for each step of the x axis; None leaves a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the x axis that is shaded: while a fault was on."""

    from_x: float
    to_x: float
    name: str


def render_chart(
    title: str,
    lines: Sequence[Line],
    *,
    unit: str,
    step: float = 1.0,
    spans: Sequence[Span] = (),
) -> str:
    """Draw lines over `step`-wide steps of x (seconds); the y axis begins at 0."""
    count = max((len(line.values) for line in lines), default=1)
    highest = max((v for line in lines for v in line.values if v is not None), default=1.0)
    ceiling = _round_up(highest or 1.0)
    x_max = max(1.0, (count - 1) * step)
    height = HEIGHT + NAME_HEIGHT * ceil(max(1, len(lines)) / NAMES_IN_ROW)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{escape(title)}"><style>{STYLE}</style>'
        ),
        f'<text class="title" x="{LEFT}" y="16">{escape(title)}</text>',
    ]
    for span in spans:
        left, right = _x(span.from_x, x_max), _x(min(span.to_x, x_max), x_max)
        parts.append(
            f'<rect x="{left:.1f}" y="{TOP}" width="{max(1.0, right - left):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}" fill="#c2571a" fill-opacity=".12">'
            f"<title>{escape(span.name)}</title></rect>"
        )
    parts += _axes(ceiling, unit, x_max)
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        parts += [
            f'<polyline class="line" stroke="{colour}" points="{points}"/>'
            for points in _strokes(line.values, step, x_max, ceiling)
        ]
        x = LEFT + NAME_WIDTH * (number % NAMES_IN_ROW)
        y = HEIGHT + NAME_HEIGHT * (number // NAMES_IN_ROW)
        parts.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="{y + 9}">{escape(line.name)}</text>')
    return "".join([*parts, "</svg>"])


def _axes(ceiling: float, unit: str, x_max: float) -> list[str]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share * ceiling, ceiling)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        label = f"{share * ceiling:g}"
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _x(share * x_max, x_max)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{share * x_max:g} s</text>'
        )
    parts.append(f'<text x="4" y="16">{escape(unit)}</text>')
    return parts


def _strokes(
    values: Sequence[float | None], step: float, x_max: float, ceiling: float
) -> list[str]:
    """Split a line at its gaps."""
    strokes: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            strokes.append([])
        else:
            strokes[-1].append(f"{_x(number * step, x_max):.1f},{_y(value, ceiling):.1f}")
    return [" ".join(points) for points in strokes if points]


def _x(value: float, x_max: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / x_max


def _y(value: float, ceiling: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, ceiling) / ceiling


def _round_up(value: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** (ceil(log10(value)) - 1)
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * 0.999)
