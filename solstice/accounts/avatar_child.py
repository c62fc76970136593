"""The child that looks at a stranger's picture; a file of its own that imports nothing of ours.

Picture decoders have had holes, so the bytes are only ever read here: in the sandbox
(`kit/sandbox.py`), where besides no file at all may be opened.  It reads the picture from
standard input and writes a square WebP to standard output.  Exit code 3 says "not a picture we
show", 4 "too many pixels"; any other ending says the same to the caller as 3.

Metadata do not survive: the pixels are drawn anew, turned upright as the orientation tag says.
"""

import copy  # noqa: F401  the GIF decoder imports it for its second frame
import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

SIDE = 512
PIXELS_MAX = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
UNSUITABLE, TOO_LARGE = 3, 4


def draw(data: bytes) -> bytes:
    """Turn a picture into an upright square WebP."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > PIXELS_MAX:
            sys.exit(TOO_LARGE)
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    square = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)
    drawn = io.BytesIO()
    square.save(drawn, "WEBP", quality=82, method=4)
    return drawn.getvalue()


def practise() -> None:
    """Draw a picture of our own of each kind: decoders import parts of themselves on first use.

    Afterwards no file may be opened any more, not even Python's own.
    """
    tag = Image.Exif()
    tag[0x0112] = 6
    for kind in FORMATS:
        file = io.BytesIO()
        frames = [Image.new("P", (2, 2), colour).convert("RGBA") for colour in (0, 1)]
        frame = frames[0].convert("RGB") if kind == "JPEG" else frames[0]
        options = {"exif": tag} if kind == "JPEG" else {"save_all": True}
        frame.save(file, kind, append_images=frames[1:], **options)
        draw(file.getvalue())


def main(_arguments: list[str]) -> None:
    """Read a picture, write a picture."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    Image.init()
    practise()
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        drawn = draw(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.exit(TOO_LARGE)
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the file is to blame
        sys.exit(UNSUITABLE)
    sys.stdout.buffer.write(drawn)
