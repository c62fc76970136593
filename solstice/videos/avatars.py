"""Turn an uploaded picture into an avatar: a square WebP that carries nothing of the original.

    await render_avatar(uploaded, target, limits=PictureLimits())     raises Refused

The picture is decoded in the same sandbox as videos (picture_child.py): image decoders have as
long a history of holes.  Its size in pixels is read before any pixel is unpacked, so a file of
110 KB that would become 3.6 GB is refused for the price of reading its header.
"""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from solstice.videos.confinement import Confinement
from solstice.videos.probe import Reason, Refused
from solstice.videos.rendering_settings import MIB, PictureLimits
from solstice.videos.sandbox import run_module

_CHILD = "solstice.videos.picture_child"


async def render_avatar(source: Path, target: Path, *, limits: PictureLimits | None = None) -> None:
    """Write the square WebP to `target`, whose directory must exist.

    Errors: Refused with NOT_A_PICTURE, PICTURE_TOO_LARGE, TOO_LARGE or EMPTY; then nothing is
    left at `target`.
    """
    limits = limits or PictureLimits()
    size_bytes = (await asyncio.to_thread(source.stat)).st_size
    if size_bytes == 0:
        raise Refused(Reason.EMPTY)
    if size_bytes > limits.size_bytes_max:
        raise Refused(Reason.TOO_LARGE, size_mib_max=limits.size_bytes_max // MIB)
    await asyncio.to_thread(target.write_bytes, b"")  # the child may write this file only
    try:
        await _render(source.absolute(), target.absolute(), limits)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


async def _render(source: Path, target: Path, limits: PictureLimits) -> None:
    finished = await run_module(
        _CHILD,
        [str(source), str(target), json.dumps(asdict(limits))],
        confinement=Confinement(
            readable=(str(source),),
            writable=(str(target),),
            memory_bytes=limits.memory_bytes,
            cpu_s=limits.cpu_s,
            file_bytes=4 * MIB,
        ),
        deadline_s=limits.deadline_s,
    )
    answer = finished.output.decode(errors="replace").strip() if finished.is_good else ""
    if answer == "done":
        return
    reason = Reason.PICTURE_TOO_LARGE if answer == "too large" else Reason.NOT_A_PICTURE
    raise Refused(reason, megapixels_max=limits.pixels_max // 1_000_000, detail=finished.log[-500:])
