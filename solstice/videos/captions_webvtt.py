"""Captions: WebVTT in, normalised WebVTT out, nothing in between that could do harm.

    cues = parse_webvtt(text, duration_s=30.0)        raises BadCaptions, naming the line
    text = render_webvtt(cues)

Only times and words survive, with bold, italic and underline.  Styles, regions, notes, cue
settings, classes, voices, links and any other markup are dropped; what is left is escaped, so a
cue can neither style nor script the page, and cannot break out of the file.  Characters that
reverse the direction of what follows, and control characters, are removed.

Source: W3C WebVTT, sections 4 (syntax) and 6 (parsing).
"""

import html
import re
from dataclasses import dataclass

from solstice.kit.errors import Malformed

SIZE_CHARS_MAX = 512 * 1024
CUES_MAX = 5_000
CUE_CHARS_MAX = 1_000
_END_SLACK_S = 5.0

_TIMING = re.compile(
    r"^(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+"
    r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t].*)?$"
)
_TAG = re.compile(r"</?([A-Za-z]*)[^<>]*>?")
_KEPT_TAGS = frozenset({"b", "i", "u"})
_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class BadCaptions(Malformed):
    """These captions are not WebVTT that we can read."""


@dataclass(frozen=True, kw_only=True)
class Cue:
    """Words shown from `start_s` to `end_s`; `markup` is escaped, with b, i and u tags at most."""

    start_s: float
    end_s: float
    markup: str


def parse_webvtt(text: str, *, duration_s: float) -> list[Cue]:
    """Read the cues, in order of their start.

    Errors: BadCaptions when it is no WebVTT, too large, or a time does not fit the video.
    """
    if len(text) > SIZE_CHARS_MAX:
        raise BadCaptions(f"The captions are longer than {SIZE_CHARS_MAX // 1024} KiB.")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise BadCaptions("The first line of captions must be WEBVTT.")
    cues: list[Cue] = []
    for number, block in _blocks(lines):
        at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
        if at is None:
            continue  # a note, a style, a region, or words without a time
        cue = _read_cue(block[at], block[at + 1 :], line_number=number + at, duration_s=duration_s)
        if cue.markup:
            cues.append(cue)
        if len(cues) > CUES_MAX:
            raise BadCaptions(f"There are more than {CUES_MAX} captions.")
    if not cues:
        raise BadCaptions("There is not one caption in this file.")
    return sorted(cues, key=lambda cue: (cue.start_s, cue.end_s))


def render_webvtt(cues: list[Cue]) -> str:
    """Render the cues as a WebVTT file of our own."""
    blocks = [
        f"{_render_time(cue.start_s)} --> {_render_time(cue.end_s)}\n{cue.markup}" for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Split at empty lines; each block comes with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    is_inside = False
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            is_inside = False
        elif is_inside:
            blocks[-1][1].append(line)
        else:
            blocks.append((number, [line]))
            is_inside = True
    return blocks


def _read_cue(timing: str, words: list[str], *, line_number: int, duration_s: float) -> Cue:
    match = _TIMING.match(timing.strip())
    if match is None:
        raise BadCaptions(f"Line {line_number}: the time is not like 00:01.000 --> 00:02.000.")
    numbers = [int(group or 0) for group in match.groups()]
    start_s, end_s = _seconds(numbers[:4]), _seconds(numbers[4:])
    if not start_s < end_s:
        raise BadCaptions(f"Line {line_number}: the caption ends before it starts.")
    if start_s > duration_s or end_s > duration_s + _END_SLACK_S:
        raise BadCaptions(f"Line {line_number}: the caption is later than the end of the video.")
    spoken = "\n".join(words)
    if len(spoken) > CUE_CHARS_MAX:
        raise BadCaptions(
            f"Line {line_number}: the caption is longer than {CUE_CHARS_MAX} letters."
        )
    return Cue(start_s=start_s, end_s=min(end_s, duration_s), markup=_clean(spoken))


def _seconds(numbers: list[int]) -> float:
    hours, minutes, seconds, milliseconds = numbers
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _clean(words: str) -> str:
    """Keep words and three harmless tags, balanced; escape the rest."""
    pieces: list[str] = []
    opened: list[str] = []
    at = 0
    for tag in _TAG.finditer(words):
        pieces.append(_escape(words[at : tag.start()]))
        at = tag.end()
        name = tag[1].lower()
        if name in _KEPT_TAGS and not tag[0].startswith("</") and name not in opened:
            opened.append(name)
            pieces.append(f"<{name}>")
        elif name in _KEPT_TAGS and tag[0].startswith("</") and opened and opened[-1] == name:
            opened.pop()
            pieces.append(f"</{name}>")
    pieces.append(_escape(words[at:]))
    pieces += [f"</{name}>" for name in reversed(opened)]
    lines = "".join(pieces).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _escape(words: str) -> str:
    return html.escape(_UNWANTED.sub("", html.unescape(words)), quote=False)


def _render_time(time_s: float) -> str:
    milliseconds = round(time_s * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"
