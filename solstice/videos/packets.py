"""What the packets of a track tell without being decoded: times, gaps, keyframes, damage, locks.

Used by the probing child only; times are sorted here because pictures are stored in the order
of decoding and not of showing.
"""

from itertools import pairwise
from typing import Any

_PARAMETER_SETS_CHANGED = "new_extradata"
_AVCC = 1
_LAST_NAL_TYPE = 21
_KEYFRAMES_MAX = 100
_LOCKED = "encryption_info"
_JUMP_S_MIN = 10.0
_BACK_S_MIN = 0.1


class Seams:
    """The places where a transport stream begins to count anew: recordings that were joined.

    The renderer closes every gap of 10 s and every step back, for all tracks at once (FFmpeg's
    `-dts_delta_threshold`), and a clip is as long as it is rendered: so the same is done here.
    """

    def __init__(self) -> None:
        """Start with a stream that has no seam yet."""
        self._shift_s = 0.0
        self._last_s: float | None = None
        self._expected_s: dict[int, float] = {}
        self._latest_s: dict[int, float] = {}

    def close(self, packet: Any) -> float:
        """Say by how much the packet's times are shifted, in seconds."""
        at = packet.dts if packet.dts is not None else packet.pts
        if at is None:
            return self._shift_s
        index, dts_s = packet.stream.index, float(at * packet.time_base) + self._shift_s
        jump_s = self._jump_s(index, dts_s)
        self._shift_s -= jump_s
        dts_s -= jump_s
        self._last_s = self._latest_s[index] = dts_s
        self._expected_s[index] = dts_s + float((packet.duration or 0) * packet.time_base)
        return self._shift_s

    def _jump_s(self, index: int, dts_s: float) -> float:
        """Say how far from where it should be a packet is, if that is a seam, else 0."""
        expected_s = self._expected_s.get(index)
        if expected_s is None:
            jump_s = dts_s - self._last_s if self._last_s is not None else 0.0
            return jump_s if abs(jump_s) > _JUMP_S_MIN else 0.0
        is_back = dts_s + _BACK_S_MIN < self._latest_s[index]
        jump_s = dts_s - expected_s
        return jump_s if is_back or abs(jump_s) > _JUMP_S_MIN else 0.0


class PictureTrack:
    """Collects facts of the picture track, packet by packet."""

    def __init__(self, stream: Any) -> None:
        """Start with nothing seen."""
        self.stream = stream
        self.packet_count = 0
        self.is_intact = True
        self.is_locked = False
        self._times: list[float] = []
        self._keyframe_times: list[float] = []
        self._last_duration_s = 0.0
        extradata = bytes(stream.codec_context.extradata or b"")
        self._extradata = extradata
        is_length_prefixed = len(extradata) > 4 and extradata[0] == _AVCC  # noqa: PLR2004
        self._length_bytes = (extradata[4] & 3) + 1 if is_length_prefixed else 0

    def add(self, packet: Any, *, shift_s: float) -> None:
        """Take one packet into account, its times shifted."""
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.size == 0:
            return
        self.packet_count += 1
        self.is_locked = self.is_locked or packet.has_sidedata(_LOCKED)
        if packet.is_discard:
            self.is_intact = False
            return
        time_s = float(at * packet.time_base) + shift_s
        if not self._times and not packet.is_keyframe:
            self.is_intact = False
        self._times.append(time_s)
        if packet.is_keyframe:
            self._keyframe_times.append(time_s)
        if packet.duration and time_s >= max(self._times[-8:]):
            self._last_duration_s = float(packet.duration * packet.time_base)
        if self.is_intact and self.stream.codec_context.name == "h264":
            self.is_intact = self._is_whole(packet)

    def _is_whole(self, packet: Any) -> bool:
        """Say whether an H.264 packet is cleanly made of units; a bit flip inside is not seen."""
        if packet.is_corrupt or packet.has_sidedata(_PARAMETER_SETS_CHANGED):
            return False
        if not self._length_bytes:
            return True
        data, at = memoryview(packet), 0
        while at + self._length_bytes < len(data):
            size = int.from_bytes(data[at : at + self._length_bytes], "big")
            at += self._length_bytes
            if not 0 < size <= len(data) - at or not 0 < data[at] & 31 <= _LAST_NAL_TYPE:
                return False
            at += size
        return at == len(data)

    @property
    def start_s(self) -> float:
        """When the first picture is shown."""
        return min(self._times, default=0.0)

    @property
    def end_s(self) -> float:
        """When the last picture has been shown as long as the longest before it, at most."""
        gaps = _gaps(self._times)
        last_s = self._last_duration_s
        if gaps:
            last_s = min(last_s, max(gaps)) or sum(gaps) / len(gaps)
        return max(self._times, default=0.0) + last_s

    def summary(self, began_s: float) -> dict[str, Any]:
        """Sum up for the probe; times count from the beginning of the file's first track."""
        gaps = _gaps(self._times)
        keyframes = [*self._keyframe_times, self.end_s]
        shown_s = sum(gaps)
        return {
            "fps": len(gaps) / shown_s if shown_s > 0 else 0.0,
            "frame_count": len(self._times),
            "frame_gap_s_min": min(gaps, default=0.0),
            "frame_gap_s_max": max(gaps, default=0.0),
            "keyframe_gap_s_max": max(_gaps(keyframes), default=0.0),
            "keyframes_s": [at - began_s for at in self._keyframe_times[:_KEYFRAMES_MAX]],
            "is_intact": self.is_intact,
            "codec_string": self._codec_string(),
            "level": self._extradata[3] if self._length_bytes else 0,
        }

    def _codec_string(self) -> str:
        is_h264 = self.stream.codec_context.name == "h264"
        return f"avc1.{self._extradata[1:4].hex()}" if self._length_bytes and is_h264 else ""


class SoundTrack:
    """Collects facts of the sound track."""

    def __init__(self, stream: Any) -> None:
        """Start with nothing heard."""
        self.stream = stream
        self.packet_count = 0
        self.is_decodable = False
        self.is_locked = False
        self.start_s = float("inf")
        self.end_s = 0.0

    def add(self, packet: Any, *, shift_s: float) -> None:
        """Take one packet into account, its times shifted."""
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.size == 0:
            return
        self.packet_count += 1
        self.is_locked = self.is_locked or packet.has_sidedata(_LOCKED)
        if packet.is_discard:
            return
        time_s = float(at * packet.time_base) + shift_s
        self.start_s = min(self.start_s, time_s)
        self.end_s = max(self.end_s, time_s + float((packet.duration or 0) * packet.time_base))

    def summary(self, began_s: float) -> dict[str, Any]:
        """Sum up for the probe; times count from the beginning of the file's first track."""
        context = self.stream.codec_context
        return {
            "index": self.stream.index,
            "codec": context.codec.canonical_name,
            "profile": str(context.profile or ""),
            "channel_count": context.channels,
            "rate_hz": context.sample_rate,
            "start_s": self.start_s - began_s,
            "duration_s": self.end_s - self.start_s,
        }


def _gaps(times: list[float]) -> list[float]:
    ordered = sorted(times)
    return [later - earlier for earlier, later in pairwise(ordered)]
