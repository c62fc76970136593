"""Decode one still picture inside the sandbox and write a square WebP.

    main([SOURCE, TARGET, LIMITS_AS_JSON])     prints "done", "too large" or "not a picture"

Runs by way of launch.py, which confines the process after the imports below.
"""

import json
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 82


def main(arguments: list[str]) -> None:
    """Print how it went; the picture itself is in the target."""
    source, target, limits = arguments
    print(_render(source, target, json.loads(limits)), flush=True)  # noqa: T201 - the parent reads


def _render(source: str, target: str, limits: dict[str, Any]) -> str:
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # counted below, before anything is unpacked
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            if picture.width * picture.height > limits["pixels_max"]:
                return "too large"
            side = limits["side_px"]
            picture.draft("RGB", (2 * side, 2 * side))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            square = ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS)
            paper = Image.new("RGBA", square.size, "white")
            paper.alpha_composite(square)
            with Path(target).open("wb") as file:
                paper.convert("RGB").save(file, "WEBP", quality=_QUALITY, method=4)
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
        return "not a picture"
    return "done"
