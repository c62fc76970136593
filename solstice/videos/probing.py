"""Find out what an uploaded file is, without trusting it.

    probe = await probe_video(path, limits=VideoLimits())      raises Refused(reason, sentence)

The measuring happens in a sandboxed child (probing_child.py); what it prints is turned into a
typed `Probe` here and held against the limits.  A child that crashes, runs out of its limits or
is killed means a file nobody can use: it is refused as unreadable, never retried for ever.
"""

import asyncio
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from solstice.kit.confinement import Confinement
from solstice.kit.sandbox import run_module
from solstice.videos.probe import Orientation, Probe, Reason, Refused, Sound
from solstice.videos.rendering_settings import MIB, VideoLimits

_CHILD = "solstice.videos.probing_child"
_TURNS = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))


async def probe_video(path: Path, *, limits: VideoLimits) -> Probe:
    """Measure the file.

    Errors: Refused, with a reason and a sentence for the owner.
    """
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    if size_bytes == 0:
        raise Refused(Reason.EMPTY)
    if size_bytes > limits.size_bytes_max:
        raise Refused(Reason.TOO_LARGE, size_mib_max=limits.size_bytes_max // MIB)
    probe = await _measure(path, limits)
    if probe.duration_s > limits.duration_s_max:
        raise Refused(Reason.TOO_LONG, duration_s_max=f"{limits.duration_s_max:g}")
    return probe


def decide_orientation(matrix: list[int] | None) -> Orientation:
    """Choose the turn and mirror nearest to a display matrix (a, b, c, d); none means upright.

    Phones write exact quarter turns.  Anything between is rounded, a tie towards less turning:
    a clip turned by 45 degrees would otherwise need black corners.
    """
    if matrix is None:
        return Orientation()
    choices = [
        (turns, is_mirrored, (-a if is_mirrored else a, -b if is_mirrored else b, c, d))
        for is_mirrored in (False, True)
        for turns, (a, b, c, d) in enumerate(_TURNS)
    ]
    turns, is_mirrored, _ = max(
        choices, key=lambda choice: sum(x * y for x, y in zip(choice[2], matrix, strict=True))
    )
    return Orientation(quarter_turns=turns, is_mirrored=is_mirrored)


async def _measure(path: Path, limits: VideoLimits) -> Probe:
    source = await asyncio.to_thread(path.resolve)
    finished = await run_module(
        _CHILD,
        [str(source), json.dumps(asdict(limits))],
        confinement=Confinement(
            readable=(str(source),),
            memory_bytes=limits.probe_memory_bytes,
            cpu_s=limits.probe_cpu_s,
            file_bytes=0,
        ),
        deadline_s=limits.probe_deadline_s,
    )
    try:
        answer = json.loads(finished.output) if finished.is_good else {}
        if "facts" in answer:
            return _read_facts(answer["facts"])
    except (ValueError, KeyError, TypeError):  # a decoder taken over may print anything
        answer = {}
    reason = Reason(answer.get("refused", Reason.UNREADABLE))
    raise Refused(reason, duration_s_max=f"{limits.duration_s_max:g}")


def _read_facts(facts: dict[str, Any]) -> Probe:
    sound = facts.pop("sound")
    matrix = facts.pop("matrix_numbers")
    keyframes_s = tuple(facts.pop("keyframes_s"))
    numbers = (facts["duration_s"], facts["fps"], facts["pixel_aspect"], facts["start_s"])
    if not all(math.isfinite(number) for number in (*numbers, *keyframes_s)):
        raise ValueError("the child printed a number that is none")
    return Probe(
        **facts,
        keyframes_s=keyframes_s,
        orientation=decide_orientation(matrix),
        sound=Sound(**sound) if sound is not None else None,
    )
