"""Render a file as processing does, and keep what came out."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from solstice.videos.ladder import decide_ladder
from solstice.videos.probe import Probe, Refused
from solstice.videos.probing import probe_video
from solstice.videos.rendering_settings import VideoLimits
from solstice.videos.renditions import RenderedFile, render_ladder


@dataclass(frozen=True, kw_only=True)
class Served:
    """What became of one file: its renditions, or why it was refused."""

    probe: Probe | None
    files: list[RenderedFile]
    refusal: Refused | None

    @property
    def top(self) -> RenderedFile:
        """The largest rendition."""
        assert self.refusal is None, f"refused: {self.refusal} {self.refusal.detail}"
        return max(self.files, key=lambda file: file.short_side)


async def serve(
    source: Path, into: Path, *, duration_s_max: float = 180.0, may_remux: bool = True
) -> Served:
    """Probe, decide and render; nothing but finished files may be left."""
    await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
    files: list[RenderedFile] = []
    probe = None
    try:
        limits = replace(VideoLimits(), duration_s_max=duration_s_max)
        probe = await probe_video(source, limits=limits)
        ladder = decide_ladder(probe, may_remux=may_remux)
        files.extend([file async for file in render_ladder(source, probe, ladder, into)])
    except Refused as refused:
        assert_only_finished(into, files)
        return Served(probe=probe, files=files, refusal=refused)
    assert_only_finished(into, files)
    return Served(probe=probe, files=files, refusal=None)


def assert_only_finished(into: Path, files: list[RenderedFile]) -> None:
    """Nothing temporary is left behind."""
    assert {path.name for path in into.iterdir()} == {file.path.name for file in files}
