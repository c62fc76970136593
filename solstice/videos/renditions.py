"""Make the renditions of one video: something playable first, then the rest.

    async for file in render_ladder(source, probe, ladder, out_dir, on_progress=tell): …

A video that may be copied is copied, which takes a fraction of a second.  Otherwise the smallest
rendition is made alone, because it is ready in the time one rendition takes; then one run decodes
once more and makes all the others side by side.  The second decoding costs under a tenth of the
whole; waiting for all renditions would make the first viewer wait five times as long.  The sound
is encoded once and copied.  Measured: docs/decisions/0023, bench/transcode.py.

Every file is measured again (probing.py) before anybody hears of it, and only then moved to its
final name `<short side>.mp4`, so a directory never holds a half-written or unplayable rendition.
A later file of the same short side replaces the earlier one: that happens when a copied clip
turns out to be damaged inside, which is known once picture and sound have been decoded.
"""

import asyncio
import errno
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from solstice.kit.confinement import Confinement
from solstice.kit.sandbox import Finished, run_program
from solstice.videos import ffmpeg
from solstice.videos.ladder import AUDIO_BPS, Ladder, Rung, decide_ladder
from solstice.videos.names import hash_file
from solstice.videos.probe import Probe, Reason, Refused
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import MIB, RenderingLimits, VideoLimits

_SOUND_CODEC_STRING = "mp4a.40.2"
_DURATION_SLACK_S = 0.6
_LOST_SHARE_MAX = 0.5
_DISK_SLACK_BYTES = 4 * MIB
_OUT_OF_BOUNDS = frozenset({-signal.SIGXCPU, -signal.SIGXFSZ})
_DAMAGE_SIGNS = (
    "error while decoding",
    "Error submitting packet",
    "corrupt",
    "Invalid data",
    "concealing",
    "missing picture",
)


class RenderingFailed(Exception):
    """The child died for a reason that is not the file's; trying again may help."""


@dataclass(frozen=True, kw_only=True)
class RenderedFile:
    """One finished, checked rendition."""

    path: Path
    short_side: int
    width: int
    height: int
    bitrate_bps: int
    fps: float
    duration_s: float
    codecs: str
    """For `video/mp4; codecs="…"`."""
    size_bytes: int
    sha256: str
    is_remuxed: bool = False


async def render_ladder(
    source: Path,
    probe: Probe,
    ladder: Ladder,
    out_dir: Path,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    limits: RenderingLimits | None = None,
) -> AsyncIterator[RenderedFile]:
    """Yield each rendition as soon as it can be played; `on_progress` hears shares from 0 to 1.

    Errors: Refused when the file cannot be rendered; RenderingFailed when a later try may work;
    OSError with ENOSPC when the disk is full.  Temporary files are gone in every case.
    """
    with tempfile.TemporaryDirectory(prefix=".rendering-", dir=out_dir) as name:
        kitchen = _Kitchen(
            source=source,
            probe=probe,
            scratch=Path(name),
            out_dir=out_dir,
            limits=limits or RenderingLimits(),
            on_progress=on_progress,
        )
        async for file in kitchen.serve(ladder):
            yield file


class _Kitchen:
    """One video being rendered: what all its runs share."""

    def __init__(
        self,
        *,
        source: Path,
        probe: Probe,
        scratch: Path,
        out_dir: Path,
        limits: RenderingLimits,
        on_progress: Callable[[float], None],
    ) -> None:
        self._source = source.absolute()
        self._probe = probe
        self._work = scratch.absolute() / "work"
        self._work.mkdir()
        # A second name for the first rendition, outside what a child may write: the caller may
        # have moved the file away by the time its sound is copied.
        self._sound = scratch.absolute() / "sound.mp4"
        self._out_dir = out_dir
        self._limits = limits
        self._on_progress = on_progress

    async def serve(self, ladder: Ladder) -> AsyncIterator[RenderedFile]:
        if ladder.remuxed is None:
            async for file in self._encode_all(ladder):
                yield file
            return
        try:
            copied = await self._remux(ladder.remuxed)
        except Refused:  # plain by its facts, and yet no player's file: encode it
            async for file in self._encode_all(decide_ladder(self._probe, may_remux=False)):
                yield file
            return
        yield copied
        async for file in self._encode_rest(ladder):
            yield file
        self._on_progress(1.0)

    async def _remux(self, rung: Rung) -> RenderedFile:
        target = self._work / f"{rung.short_side}.mp4"
        command = ffmpeg.render_remux(self._probe, self._source, target)
        await self._run(command, [rung], is_copy=True, is_first=True, began=0.0, share=0.0)
        await asyncio.to_thread(self._keep_sound_of, target)
        return await self._publish(rung, target, is_remuxed=True)

    async def _encode_all(self, ladder: Ladder) -> AsyncIterator[RenderedFile]:
        """Encode the smallest alone, then the others in one run."""
        first, *others = ladder.encoded
        share = _cost(self._probe, [first]) / (
            _cost(self._probe, [first]) + (_cost(self._probe, others) if others else 0)
        )
        made, _ = await self._encode(ladder, [first], is_first=True, began=0.0, share=share)
        yield made[0]
        if others:
            rest, _ = await self._encode(
                ladder, others, is_first=False, began=share, share=1 - share
            )
            for file in rest:
                yield file
        self._on_progress(1.0)

    async def _encode_rest(self, ladder: Ladder) -> AsyncIterator[RenderedFile]:
        """Make what is below the copy; where decoding complains, make everything again, properly.

        Players give up at damage that FFmpeg conceals, and the copy has it unchanged.
        """
        if ladder.encoded:
            rest, is_damaged = await self._encode(
                ladder, ladder.encoded, is_first=False, listens=True, began=0.0, share=1.0
            )
            for file in rest:
                yield file
        else:
            is_damaged = await self._is_damaged(ladder)
        if is_damaged:
            async for file in self._encode_all(decide_ladder(self._probe, may_remux=False)):
                yield file

    async def _is_damaged(self, ladder: Ladder) -> bool:
        command = ffmpeg.render_check(self._probe, self._source, threads=self._limits.threads)
        finished = await self._run(
            command, ladder.rungs, is_copy=False, is_first=False, began=0.0, share=1.0
        )
        return _complains(finished)

    async def _encode(
        self,
        ladder: Ladder,
        rungs: Sequence[Rung],
        *,
        is_first: bool,
        listens: bool = False,
        began: float,
        share: float,
    ) -> tuple[list[RenderedFile], bool]:
        targets = [(rung, self._work / f"{rung.short_side}.mp4") for rung in rungs]
        command = ffmpeg.render_encode(
            self._probe,
            ladder,
            targets,
            source=self._source,
            sound_from=None if is_first else self._sound,
            listens=listens,
            threads=self._limits.threads,
        )
        finished = await self._run(
            command, rungs, is_copy=False, is_first=is_first, began=began, share=share
        )
        if is_first:
            await asyncio.to_thread(self._keep_sound_of, targets[0][1])
        made = [await self._publish(rung, target, is_remuxed=False) for rung, target in targets]
        return made, _complains(finished)

    async def _run(
        self,
        command: Sequence[str],
        rungs: Sequence[Rung],
        *,
        is_copy: bool,
        is_first: bool,
        began: float,
        share: float,
    ) -> Finished:
        limits, probe = self._limits, self._probe
        work_s = _cost(probe, rungs) / limits.pixels_per_s_floor
        deadline_s = limits.deadline_s_min + (0.0 if is_copy else work_s)
        tell = ffmpeg.follow_progress(
            probe.duration_s, lambda part: self._on_progress(began + part * share)
        )
        finished = await run_program(
            command,
            confinement=Confinement(
                readable=(str(self._source), str(self._sound)),
                writable=(str(self._work),),
                memory_bytes=limits.memory_bytes_for(probe.frame_bytes),
                cpu_s=1 + int(deadline_s * (limits.threads + 1)),
                file_bytes=_file_bytes_max(probe, rungs, is_copy=is_copy),
                niceness=0 if is_first else limits.niceness,
            ),
            deadline_s=deadline_s,
            on_line=tell,
        )
        if not finished.is_good:
            self._raise_failure(finished)
        return finished

    def _raise_failure(self, finished: Finished) -> None:
        free = shutil.disk_usage(self._out_dir).free
        if "No space left" in finished.log or free < _DISK_SLACK_BYTES:
            raise OSError(errno.ENOSPC, "no space left for renditions", str(self._out_dir))
        if finished.is_late or finished.returncode in _OUT_OF_BOUNDS:
            raise Refused(Reason.TOO_COMPLEX, detail=finished.log[-2000:])
        if finished.returncode in (-signal.SIGKILL, -signal.SIGTERM):
            raise RenderingFailed(f"killed: {finished.log[-500:]}")
        raise Refused(Reason.UNREADABLE, detail=finished.log[-2000:])

    def _keep_sound_of(self, target: Path) -> None:
        self._sound.unlink(missing_ok=True)
        try:
            self._sound.hardlink_to(target)
        except FileNotFoundError as missing:
            raise Refused(Reason.UNREADABLE, detail="nothing was written") from missing

    async def _publish(self, rung: Rung, target: Path, *, is_remuxed: bool) -> RenderedFile:
        """Measure the file, refuse it unless every player takes it, and move it into place."""
        made, sha256 = await asyncio.gather(
            probe_video(target, limits=_output_limits(self._probe)),
            asyncio.to_thread(hash_file, target),
        )
        _require_playable(self._probe, rung, made)
        final = self._out_dir / target.name
        await asyncio.to_thread(target.replace, final)
        codecs = [made.codec_string, *([_SOUND_CODEC_STRING] if made.sound is not None else [])]
        return RenderedFile(
            path=final,
            short_side=rung.short_side,
            width=made.width,
            height=made.height,
            bitrate_bps=round(made.bitrate_bps),
            fps=round(made.fps, 3),
            duration_s=round(made.duration_s, 3),
            codecs=", ".join(codecs),
            size_bytes=made.size_bytes,
            sha256=sha256,
            is_remuxed=is_remuxed,
        )


def _complains(finished: Finished) -> bool:
    return any(sign in finished.log for sign in _DAMAGE_SIGNS)


def _require_playable(source: Probe, rung: Rung, made: Probe) -> None:
    """Raise unless the file is what every browser plays, upright, as long, and with its sound."""
    is_right_picture = (
        made.codec == "h264"
        and made.pixel_format == "yuv420p"
        and made.orientation.is_upright
        and (made.width, made.height) == (rung.width, rung.height)
        and bool(made.codec_string)
    )
    is_right_sound = (made.sound is not None) == (source.sound is not None) and (
        made.sound is None or made.sound.codec == "aac"
    )
    is_too_long = made.duration_s > source.duration_s + _DURATION_SLACK_S
    is_too_short = made.duration_s < source.duration_s * _LOST_SHARE_MAX - _DURATION_SLACK_S
    if not is_right_picture or not is_right_sound or is_too_long or is_too_short:
        raise Refused(Reason.UNREADABLE, detail=f"rendered {made} from {source}")


def _output_limits(probe: Probe) -> VideoLimits:
    return replace(
        VideoLimits(),
        size_bytes_max=1 << 40,
        duration_s_max=probe.duration_s + 10,
        packets_max=1 << 24,
    )


def _cost(probe: Probe, rungs: Sequence[Rung]) -> float:
    """Pixels to be touched: each decoded once, each encoded counted twice."""
    frame = probe.width * probe.height + 2 * sum(rung.width * rung.height for rung in rungs)
    return max(1, probe.frame_count) * float(frame)


def _file_bytes_max(probe: Probe, rungs: Sequence[Rung], *, is_copy: bool) -> int:
    if is_copy:
        return probe.size_bytes + 16 * MIB
    rate_bps = max(rung.rate_bps_max for rung in rungs) + AUDIO_BPS
    return int(rate_bps / 8 * (probe.duration_s + 2) * 2) + 16 * MIB
