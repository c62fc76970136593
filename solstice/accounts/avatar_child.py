"""The child that looks at a stranger's picture; a file of its own that imports nothing of ours.

Picture decoders have had holes, so the bytes are only ever read here: in a process without
rights to gain, that may open nothing, write nothing, start nothing, and lives seconds.  It reads
the picture from standard input and writes a square WebP to standard output.  Exit code 3 says
"not a picture we show", 4 "too many pixels"; any other ending says the same to the caller as 3.

Metadata do not survive: the pixels are drawn anew, turned upright as the orientation tag says.
"""

import contextlib
import copy  # noqa: F401  the GIF decoder imports it for its second frame
import ctypes
import io
import resource
import signal
import sys
import warnings

from PIL import Image, ImageOps

SIDE = 512
PIXELS_MAX = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MEMORY_BYTES = 1 << 30
CPU_S = 10
UNSUITABLE, TOO_LARGE = 3, 4
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def confine() -> None:
    """Give up everything that decoding does not need."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        with contextlib.suppress(ValueError):  # the limit is lower already
            resource.setrlimit(limit, (value, value))


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


def main() -> None:
    """Read a picture, write a picture."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    Image.init()
    practise()
    confine()
    data = sys.stdin.buffer.read()
    try:
        drawn = draw(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.exit(TOO_LARGE)
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the file is to blame
        sys.exit(UNSUITABLE)
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main()
