"""Contrast: text stays legible over any frame of any film, and in both themes.

Source: WCAG 2.2, success criterion 1.4.3 (4.5 : 1) and its definition of relative luminance.
"""

import re

import pytest

from solstice.web.assets import STATIC

RATIO_MIN = 4.5
WHITE = (255.0, 255.0, 255.0)


def luminance(colour: tuple[float, ...]) -> float:
    """Tell the relative luminance of an sRGB colour."""
    parts = [value / 255 for value in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Tell the contrast of two colours."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def parse_hex(colour: str) -> tuple[float, ...]:
    """Read `#rrggbb`."""
    return tuple(float(int(colour[n : n + 2], 16)) for n in (1, 3, 5))


def over_white(colour: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Lay a scrim over the brightest frame there is."""
    return tuple(part * alpha + 255 * (1 - alpha) for part in colour)


def read_tokens(selector: str) -> dict[str, str]:
    """Read the colours of one theme."""
    css = (STATIC / "styles" / "tokens.css").read_text("utf-8")
    block = css.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", block))


DARK = read_tokens(":root")
LIGHT = DARK | read_tokens(':root[data-theme="light"]')
PAIRS = [
    ("text", "night"),
    ("text", "surface"),
    ("text", "surface-2"),
    ("text", "raised"),
    ("text-soft", "night"),
    ("text-soft", "surface"),
    ("text-soft", "surface-2"),
    ("sun-text", "night"),
    ("sun-text", "surface"),
    ("dusk-text", "night"),
    ("dusk-text", "surface"),
    ("dusk-text", "surface-2"),
    ("good-text", "surface-2"),
    ("on-sun", "sun"),
    ("on-sun", "sun-pressed"),
]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_stands_out_from_its_ground(
    theme: dict[str, str], text: str, ground: str
) -> None:
    """Each pair of tokens that meets on a page, in both themes."""
    assert contrast(parse_hex(theme[text]), parse_hex(theme[ground])) >= RATIO_MIN


def test_both_ways_to_the_light_theme_are_the_same() -> None:
    """Chosen or taken from the device, light is one theme."""
    assert read_tokens(':root[data-theme="light"]') == read_tokens(':root[data-theme="system"]')


OVER_FILM = ("#ffffff", "#dcdad6", "#ffc978")
LIKED = "#ff7a8d"
GRAPHICS_RATIO_MIN = 3.0


def test_text_over_film_is_legible_over_a_white_frame() -> None:
    """Wherever text lies over film, enough black lies between them for each of its colours."""
    css = "".join(
        (STATIC / "styles" / name).read_text("utf-8") for name in ("feed.css", "pages.css")
    )
    alphas = [float(alpha) for alpha in re.findall(r"rgb\(4 5 8 / (\.\d+)\)", css)]
    assert len(alphas) >= 8
    for alpha in alphas:
        ground = over_white((4, 5, 8), alpha)
        for colour in OVER_FILM:
            assert contrast(parse_hex(colour), ground) >= RATIO_MIN, (colour, alpha)


def test_what_is_pressed_shows_over_a_white_frame() -> None:
    """A filled heart is told from its button: 3 : 1, as for graphics; its count stays white."""
    tokens = (STATIC / "styles" / "tokens.css").read_text("utf-8")
    shade = re.search(r"--shade: rgb\(4 5 8 / (\.\d+)\)", tokens)
    assert shade
    ground = over_white((4, 5, 8), float(shade[1]))
    assert contrast(parse_hex(LIKED), ground) >= GRAPHICS_RATIO_MIN
    assert contrast(WHITE, ground) >= RATIO_MIN
