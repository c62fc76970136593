"""What a video may cost: limits on what comes in, and on the children that work on it.

Plain values; who reads the configuration hands them over.
"""

import os
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class VideoLimits:
    """What an uploaded file may be, and what looking at it may cost."""

    size_bytes_max: int = 512 * MIB
    duration_s_max: float = 180.0
    frame_pixels_max: int = 7680 * 4320
    frame_side_max: int = 8192
    packets_max: int = 400_000
    """Twenty times what 180 s at 60 fps with sound have; a file of more is a bomb, not a clip."""
    tracks_max: int = 64
    probe_deadline_s: float = 60.0
    probe_cpu_s: int = 40
    probe_memory_bytes: int = 2048 * MIB
    """An 8K 10-bit frame is 100 MB, and HEVC keeps up to six of them before the first is shown."""


@dataclass(frozen=True, kw_only=True)
class RenderingLimits:
    """What making the renditions of one video may cost."""

    threads: int = max(1, min(8, os.cpu_count() or 1))
    memory_bytes_base: int = 2048 * MIB
    pixels_per_s_floor: float = 4e6
    """The slowest machine we wait for: a 30 s clip of 1080x1920 at 30 fps may take half an hour,
    where two cores of 2023 take a minute for a noisy one."""
    deadline_s_min: float = 120.0
    memory_bytes_max: int = 16 << 30
    frames_in_flight: int = 48
    """Pictures a decoder and its filters may hold: 16 references, queues, and as much again."""
    niceness: int = 5
    """Servers on the same machine answer people; what follows the first rendition yields to
    them.  The first one does not: somebody waits for it."""

    def memory_bytes_for(self, frame_bytes: int) -> int:
        """Bound the address space of a child that decodes pictures of this size."""
        return min(
            self.memory_bytes_max, self.memory_bytes_base + self.frames_in_flight * frame_bytes
        )
