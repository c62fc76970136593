"""The picture's way from the decoder to each rendition, as FFmpeg filter text: pure.

Order, and why: pictures too close in time are dropped first, so nothing is done for them; then
the size goes down to the largest rendition wanted; tone mapping, mirroring and turning come
after that, on fewer pixels; smaller renditions are scaled from the largest, which costs less
than scaling each from the source.  Side data (captions, matrices, dynamic metadata, whatever a
camera wrote) is deleted at the start and can reach no encoder.
"""

from collections.abc import Sequence

from solstice.videos.ladder import FPS_MAX, Ladder, Rung
from solstice.videos.probe import Orientation, Probe

_FRAME_GAP_S_MIN = 1 / 125
_SD_HEIGHT_MAX = 719
_SDR_MATRICES = frozenset({"bt709", "smpte170m", "bt470bg"})
_SDR_PRIMARIES = frozenset({"bt709", "smpte170m", "bt470bg", "smpte432"})
_WIDE_MATRICES = frozenset({"bt2020nc", "bt2020c"})
_SCALED_MATRICES = frozenset({"gbr", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m"})
"""What the scaler converts from; at any other one, as at rare curves and primaries, it gives up."""
_MAPPED_CURVES = frozenset(
    {"bt709", "smpte170m", "iec61966-2-1", "iec61966-2-4", "linear", "bt2020-10", "bt2020-12"}
)
_REFERENCE_WHITE_NITS = 203  # ITU-R BT.2408: where HDR puts the white of a page

_PEAK_NITS = 1000  # what phones master for; files that state 10,000 would come out nearly black


def render_graph(probe: Probe, ladder: Ladder, rungs: Sequence[Rung]) -> str:
    """Render the graph from input 0 to one pad `v0`, `v1`, … a rung, in the order given."""
    top = max(rungs, key=lambda rung: rung.width * rung.height)
    shared = ",".join(_shared_steps(probe, ladder, top))
    ends = [f"[s{index}]" for index in range(len(rungs))]
    parts = [f"[0:{probe.index}]{shared},split={len(rungs)}{''.join(ends)}"]
    parts += [
        f"{end}{_finish(probe, rung, is_scaled=rung is top)}[v{index}]"
        for index, (end, rung) in enumerate(zip(ends, rungs, strict=True))
    ]
    return ";".join(parts)


def render_stills_graph(probe: Probe, sizes: Sequence[tuple[int, int]]) -> str:
    """Render the graph that makes one upright, tone-mapped picture of each size."""
    width, height = sizes[0]
    steps = ",".join(["sidedata=mode=delete", *_picture_steps(probe, width, height), "setsar=1"])
    pads = [f"[s{index}]" for index in range(len(sizes))]
    parts = [f"[0:{probe.index}]{steps},split={len(sizes)}{''.join(pads)}"]
    parts += [
        f"{pad}scale={width}:{height}:flags=area[v{index}]"
        for index, (pad, (width, height)) in enumerate(zip(pads, sizes, strict=True))
    ]
    return ";".join(parts)


def _shared_steps(probe: Probe, ladder: Ladder, top: Rung) -> list[str]:
    steps = ["sidedata=mode=delete"]
    if probe.fps > ladder.fps:
        steps.append(f"fps={FPS_MAX:g}")
    elif 0 < probe.frame_gap_s_min < _FRAME_GAP_S_MIN:
        steps.append(
            f"select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{_FRAME_GAP_S_MIN:g})'"
        )
    if probe.is_interlaced:
        steps.append("bwdif=mode=send_frame:deint=interlaced")
    return [*steps, *_picture_steps(probe, top.width, top.height)]


def _picture_steps(probe: Probe, width: int, height: int) -> list[str]:
    """Scale, map tones, turn; the size is the upright one."""
    if probe.orientation.swaps_sides:
        width, height = height, width
    if probe.is_hdr or probe.matrix in _WIDE_MATRICES:
        steps = _map_tones(probe, width, height)
    else:
        steps = [
            *_plain_tags(probe),
            f"scale={width}:{height}:flags=bicubic:out_range=tv",
            "format=yuv420p",
        ]
    return [*steps, *render_turn(probe.orientation)]


def _plain_tags(probe: Probe) -> list[str]:
    """Take away tags that change nothing here and that the scaler may not know."""
    steps = ["zscale=m=bt709:r=tv"] if probe.matrix == "ycgco" else []
    matrix = probe.matrix if probe.matrix in _SCALED_MATRICES else "unknown"
    return [*steps, f"setparams=colorspace={matrix}:color_primaries=unknown:color_trc=unknown"]


def _map_tones(probe: Probe, width: int, height: int) -> list[str]:
    """Bring HDR and wide colour to BT.709: linear light, its primaries, a soft shoulder.

    Tags a decoder did not give are filled in: without them the conversion refuses to work.
    """
    curve = probe.transfer if probe.transfer in _MAPPED_CURVES else "bt709"
    if probe.is_hdr:
        curve = probe.transfer or "smpte2084"
    tags = (
        f"setparams=color_primaries={probe.primaries or 'bt2020'}:color_trc={curve}"
        # Constant luminance is what some files say and no camera writes; the scaler refuses it.
        ":colorspace=bt2020nc"
        f":range={'pc' if probe.is_full_range else 'tv'}"
    )
    size = f"scale={width}:{height}:flags=bicubic"
    if not probe.is_hdr:
        return [tags, size, "zscale=t=bt709:p=bt709:m=bt709:r=tv", "format=yuv420p"]
    return [
        tags,
        size,
        f"zscale=t=linear:npl={_REFERENCE_WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=hable:desat=0.5:peak={_PEAK_NITS / _REFERENCE_WHITE_NITS:.3f}",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv420p",
    ]


def render_turn(orientation: Orientation) -> list[str]:
    """Render the mirror, then the clockwise quarter turns."""
    turns = {0: [], 1: ["transpose=clock"], 2: ["hflip", "vflip"], 3: ["transpose=cclock"]}
    return [*(["hflip"] if orientation.is_mirrored else []), *turns[orientation.quarter_turns]]


def _finish(probe: Probe, rung: Rung, *, is_scaled: bool) -> str:
    steps = [] if is_scaled else [f"scale={rung.width}:{rung.height}:flags=bicubic"]
    return ",".join([*steps, "setsar=1", _render_tags(probe), "settb=1/90000"])


def _render_tags(probe: Probe) -> str:
    """Say aloud which colours these are; a player that must guess, guesses by size."""
    if probe.is_hdr or probe.matrix in _WIDE_MATRICES:
        primaries = matrix = "bt709"
    else:
        is_small = min(probe.width, probe.height) <= _SD_HEIGHT_MAX
        guess = "smpte170m" if is_small and probe.matrix != "ycgco" else "bt709"
        matrix = probe.matrix if probe.matrix in _SDR_MATRICES else guess
        primaries = probe.primaries if probe.primaries in _SDR_PRIMARIES else "bt709"
    return (
        f"setparams=range=tv:color_primaries={primaries}:color_trc=bt709:colorspace={matrix}"
        ":field_mode=prog"
    )
