"""The repertoire: every scene by its name.

A scene is a function of a stage; a seed makes it one of many.  `MIST` and `SOFT` ones are
computed on a stage of 270 by 480 or 360 by 640 and enlarged, `CRISP` ones drawn on 1080 by 1920
and reduced, `EXACT` ones computed pixel by pixel at the clip's own 720 by 1280.
"""

from dataclasses import dataclass

from solstice.demo.scenes import (
    cats,
    city,
    fields,
    figures,
    garden,
    kitchen,
    letters,
    liquids,
    motion,
    paper,
    skies,
    water,
)
from solstice.demo.stage import Scene

MIST = (270, 480)
SOFT = (360, 640)
EXACT = (720, 1280)
CRISP = (1080, 1920)


@dataclass(frozen=True, kw_only=True)
class Number:
    """One scene of the repertoire: how it is drawn, on which stage, how long."""

    draw: Scene
    stage: tuple[int, int]
    seconds: float = 8.0
    clip: tuple[int, int] = (720, 1280)


REPERTOIRE: dict[str, Number] = {
    "sunrise": Number(draw=skies.sunrise, stage=SOFT, seconds=10, clip=(1080, 1920)),
    "aurora": Number(draw=skies.aurora, stage=MIST, seconds=10),
    "star_trails": Number(draw=skies.star_trails, stage=EXACT, seconds=8),
    "meteors": Number(draw=skies.meteors, stage=SOFT, seconds=8),
    "moon_lake": Number(draw=water.moon_lake, stage=SOFT, seconds=9),
    "koi": Number(draw=water.koi, stage=CRISP, seconds=8),
    "jellyfish": Number(draw=water.jellyfish, stage=SOFT, seconds=8),
    "flow": Number(draw=fields.flow, stage=EXACT, seconds=8),
    "coral": Number(draw=fields.coral, stage=SOFT, seconds=9),
    "colonies": Number(draw=fields.colonies, stage=EXACT, seconds=8),
    "marble": Number(draw=liquids.marble, stage=MIST, seconds=9, clip=(1080, 1920)),
    "lava_lamp": Number(draw=liquids.lava_lamp, stage=MIST, seconds=8),
    "soap": Number(draw=liquids.soap, stage=MIST, seconds=8),
    "harmonograph": Number(draw=figures.harmonograph, stage=EXACT, seconds=8),
    "sunflower": Number(draw=figures.sunflower, stage=CRISP, seconds=8),
    "kaleidoscope": Number(draw=figures.kaleidoscope, stage=SOFT, seconds=8),
    "julia": Number(draw=figures.julia, stage=SOFT, seconds=10),
    "mountains": Number(draw=paper.mountains, stage=EXACT, seconds=8),
    "night_train": Number(draw=paper.night_train, stage=CRISP, seconds=8),
    "balloons": Number(draw=paper.balloons, stage=CRISP, seconds=9),
    "rain_on_glass": Number(draw=city.rain_on_glass, stage=SOFT, seconds=10),
    "skyline": Number(draw=city.skyline, stage=EXACT, seconds=8),
    "highway": Number(draw=city.highway, stage=SOFT, seconds=6),
    "bouncing": Number(draw=motion.bouncing, stage=CRISP, seconds=8),
    "pendulums": Number(draw=motion.pendulums, stage=CRISP, seconds=10),
    "double_pendulum": Number(draw=motion.double_pendulum, stage=EXACT, seconds=10),
    "window_cat": Number(draw=cats.window_cat, stage=CRISP, seconds=8),
    "yarn_cat": Number(draw=cats.yarn_cat, stage=CRISP, seconds=6),
    "ramen": Number(draw=kitchen.ramen, stage=CRISP, seconds=8),
    "pancakes": Number(draw=kitchen.pancakes, stage=CRISP, seconds=6),
    "ferns": Number(draw=garden.ferns, stage=EXACT, seconds=8),
    "fireflies": Number(draw=garden.fireflies, stage=SOFT, seconds=9),
    "snow_cabin": Number(draw=garden.snow_cabin, stage=CRISP, seconds=9),
    "breathe": Number(draw=letters.breathe, stage=SOFT, seconds=10),
    "good_morning": Number(draw=letters.good_morning, stage=CRISP, seconds=7),
}
