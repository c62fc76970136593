"""Measure one file with PyAV, inside the sandbox, and print the facts as JSON.

    main([PATH, LIMITS_AS_JSON])  prints  {"facts": {…}}  or  {"refused": "reason"}

Every packet of the two tracks that matter is read, which is the only way to know how long a
clip really is; one picture and one piece of sound are decoded, which is the only way to know
that they can be.  Runs by way of launch.py, which confines the process after the imports below.
"""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging

from solstice.videos import allowed
from solstice.videos.packets import PictureTrack, Seams, SoundTrack
from solstice.videos.probe import Reason

_TRY_PACKETS_MAX = 240
_MAY_BEGIN_ANEW = "mpegts"
_MAGIC = (b"ftyp", b"\x1a\x45\xdf\xa3", b"RIFF", b"moov", b"mdat", b"styp")
_TRANSFERS = {
    1: "bt709", 4: "gamma22", 6: "smpte170m", 8: "linear", 11: "iec61966-2-4", 13: "iec61966-2-1",
    14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67",
}  # fmt: skip
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 11: "smpte431", 12: "smpte432"}
_MATRICES = {
    0: "gbr", 1: "bt709", 2: "", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m",
    8: "ycgco", 9: "bt2020nc", 10: "bt2020c",
}  # fmt: skip
_FULL_RANGE = 2


class NotAccepted(Exception):
    """The file is refused for the reason given."""


def main(arguments: list[str]) -> None:
    """Print what the file is, or why it is refused."""
    path, limits = arguments[0], json.loads(arguments[1])
    av.logging.set_level(av.logging.PANIC)
    try:
        answer = {"facts": _measure(path, limits)}
    except NotAccepted as refusal:
        answer = {"refused": refusal.args[0]}
    print(json.dumps(answer), flush=True)  # noqa: T201 - the parent reads it


def _measure(path: str, limits: dict[str, Any]) -> dict[str, Any]:
    with _open(path) as container:
        if len(container.streams) > limits["tracks_max"]:
            raise NotAccepted(Reason.TOO_COMPLEX)
        picture = PictureTrack(_choose_picture(container, limits))
        chosen = _choose_sound(container)
        sound = SoundTrack(chosen) if chosen is not None else None
        first = _scan(container, picture, sound, limits)
        if picture.is_locked or (sound is not None and sound.is_locked):
            raise NotAccepted(Reason.PROTECTED)  # decoders may take the noise for pictures
        if first is None:
            raise NotAccepted(Reason.UNREADABLE)
        if sound is not None and not sound.is_decodable:
            if sound.packet_count > 0:
                raise NotAccepted(Reason.UNSUPPORTED_SOUND)
            sound = None  # a track that was announced and is empty: a silent video
        _require_frame_size(first.width, first.height, limits)
        return _describe(container, path, picture, sound, first)


def _open(path: str) -> Any:
    try:
        return av.open(
            f"file:{path}", options=dict(allowed.OPEN_OPTIONS), metadata_errors="replace"
        )
    except (av.error.FFmpegError, ValueError, OSError) as failure:
        with Path(path).open("rb") as file:
            head = file.read(64)
        known = any(magic in head for magic in _MAGIC)
        raise NotAccepted(Reason.UNREADABLE if known else Reason.UNSUPPORTED_FORMAT) from failure


def _choose_picture(container: Any, limits: dict[str, Any]) -> Any:
    """Choose the default moving picture we can decode, or else the largest."""
    moving = [
        stream
        for stream in container.streams.video
        if not (stream.disposition & stream.disposition.__class__.attached_pic)
    ]
    if not moving:
        raise NotAccepted(Reason.NO_VIDEO)
    readable = [stream for stream in moving if _decoder(stream) in allowed.VIDEO_DECODERS]
    if not readable:
        raise NotAccepted(Reason.UNSUPPORTED_CODEC)
    best = max(
        readable,
        key=lambda stream: (
            bool(stream.disposition & stream.disposition.__class__.default),
            stream.codec_context.width * stream.codec_context.height,
        ),
    )
    _require_frame_size(best.codec_context.width, best.codec_context.height, limits)
    return best


def _choose_sound(container: Any) -> Any:
    tracks = list(container.streams.audio)
    readable = [stream for stream in tracks if _decoder(stream) in allowed.AUDIO_DECODERS]
    if tracks and not readable:
        raise NotAccepted(Reason.UNSUPPORTED_SOUND)
    return max(
        readable,
        key=lambda stream: bool(stream.disposition & stream.disposition.__class__.default),
        default=None,
    )


def _decoder(stream: Any) -> str:
    return stream.codec_context.name if stream.codec_context is not None else ""


def _require_frame_size(width: int, height: int, limits: dict[str, Any]) -> None:
    if width * height > limits["frame_pixels_max"] or max(width, height) > limits["frame_side_max"]:
        raise NotAccepted(Reason.FRAME_TOO_LARGE)


def _scan(
    container: Any, picture: PictureTrack, sound: SoundTrack | None, limits: dict[str, Any]
) -> Any:
    """Read all packets of both tracks; return the first picture that could be decoded."""
    tracks = [picture.stream] + ([sound.stream] if sound is not None else [])
    for track in tracks:
        track.codec_context.thread_count = 1
    seams = Seams() if container.format.name == _MAY_BEGIN_ANEW else None
    first, count = None, 0
    try:
        for packet in container.demux(tracks):
            count += 1
            if count > limits["packets_max"]:
                raise NotAccepted(Reason.TOO_COMPLEX)
            shift_s = seams.close(packet) if seams is not None else 0.0
            if packet.stream.index == picture.stream.index:
                picture.add(packet, shift_s=shift_s)
                if first is None and picture.packet_count <= _TRY_PACKETS_MAX:
                    first = _decode_picture(packet)
            elif sound is not None:
                sound.add(packet, shift_s=shift_s)
                if not sound.is_decodable and sound.packet_count <= _TRY_PACKETS_MAX:
                    sound.is_decodable = _decode_one(packet) is not None
    except av.error.FFmpegError:
        picture.is_intact = False  # damaged from here on; what came before counts
    return first


def _decode_picture(packet: Any) -> Any:
    """Decode a picture; after a keyframe the decoder is emptied.

    Else it holds back what it has until it knows the order of showing: four more pictures, which
    is 0.2 s in full HD.
    """
    picture = _decode_one(packet)
    if picture is None and packet.is_keyframe and not packet.is_discard:
        decoder = packet.stream.codec_context
        picture = _take_one(lambda: decoder.decode(None))
        decoder.flush_buffers()
    return picture


def _decode_one(packet: Any) -> Any:
    return _take_one(packet.decode)


def _take_one(decode: Callable[[], list[Any]]) -> Any:
    try:
        return next(iter(decode()), None)
    except (av.error.FFmpegError, ValueError):
        return None


def _describe(
    container: Any, path: str, picture: PictureTrack, sound: SoundTrack | None, first: Any
) -> dict[str, Any]:
    stream = picture.stream
    began_s = min([picture.start_s] + ([sound.start_s] if sound is not None else []))
    ended_s = max([picture.end_s] + ([sound.end_s] if sound is not None else []))
    side_data = {entry.type.name: bytes(entry) for entry in first.side_data}
    aspect = stream.sample_aspect_ratio
    return {
        "container": allowed.CONTAINERS[container.format.name],
        "size_bytes": Path(path).stat().st_size,
        "duration_s": ended_s - began_s,
        "index": stream.index,
        "codec": stream.codec_context.codec.canonical_name,
        "decoder": stream.codec_context.name,
        "profile": str(stream.codec_context.profile or ""),
        "pixel_format": first.format.name,
        "bit_depth": max(component.bits for component in first.format.components),
        "width": first.width,
        "height": first.height,
        "pixel_aspect": float(aspect) if aspect else 1.0,
        "matrix_numbers": _display_matrix(side_data.get("DISPLAYMATRIX")),
        "start_s": picture.start_s - began_s,
        "is_interlaced": bool(first.interlaced_frame),
        "transfer": _TRANSFERS.get(int(first.color_trc), ""),
        "primaries": _PRIMARIES.get(int(first.color_primaries), ""),
        "matrix": _MATRICES.get(int(first.colorspace), "other"),
        "is_full_range": int(first.color_range) == _FULL_RANGE
        or first.format.name.startswith("yuvj"),
        "has_dolby_vision": any(name.startswith("DOVI") for name in side_data),
        "track_count": len(container.streams),
        **picture.summary(began_s),
        "sound": sound.summary(began_s) if sound is not None else None,
    }


def _display_matrix(side_data: bytes | None) -> list[int] | None:
    """Return a, b, c, d of x' = ax + cy, y' = bx + dy, or None when there is no matrix."""
    if side_data is None or len(side_data) < 36:  # noqa: PLR2004 - nine 32-bit numbers
        return None
    numbers = struct.unpack("=9i", side_data[:36])
    return [numbers[0], numbers[1], numbers[3], numbers[4]]
