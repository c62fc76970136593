"""Texts: one JSON catalogue per language, the same for templates and for scripts.

English is complete and is what the others are checked against (tests/web).  `ar-XB` is not a
language but a proof: English written from right to left, so that every layout can be looked
at mirrored without knowing Arabic.  A catalogue reaches the browser as a module of its own,
so a page loads exactly one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "catalogues"
DEFAULT_LANGUAGE = "en"
PSEUDO_LANGUAGE = "ar-XB"

Entry = str | dict[str, str]

_RIGHT_TO_LEFT_OVERRIDE, _POP = "\u202e", "\u202c"
_WORDS = re.compile(r"(\{[a-z_]+\})|([^\W\d_]+)")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The texts of one language."""

    language: str
    direction: str
    name: str
    entries: Mapping[str, Entry]

    def text(self, key: str, **values: object) -> str:
        """Find the text and fill in its values; a missing key is a bug and raises KeyError."""
        entry = self.entries[key]
        if isinstance(entry, dict):
            entry = entry["one" if values.get("count") == 1 else "other"]
        return entry.format(**values) if values else entry


@cache
def load_catalogues() -> dict[str, Catalogue]:
    """Read every catalogue and make the right-to-left one."""
    found: dict[str, Catalogue] = {}
    for path in sorted(CATALOGUES.glob("*.json")):
        entries: dict[str, Entry] = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = Catalogue(
            language=path.stem,
            direction="ltr",
            name=str(entries["language.name"]),
            entries=entries,
        )
    found[PSEUDO_LANGUAGE] = make_pseudo(found[DEFAULT_LANGUAGE])
    return found


def make_pseudo(source: Catalogue) -> Catalogue:
    """Mirror a catalogue word by word, leaving placeholders alone."""
    entries = {
        key: {form: _mirror(text) for form, text in entry.items()}
        if isinstance(entry, dict)
        else _mirror(entry)
        for key, entry in source.entries.items()
    }
    entries["language.name"] = "Right-to-left proof"
    return Catalogue(
        language=PSEUDO_LANGUAGE, direction="rtl", name="Right-to-left proof", entries=entries
    )


def _mirror(text: str) -> str:
    return _WORDS.sub(
        lambda word: word[1] or f"{_RIGHT_TO_LEFT_OVERRIDE}{word[2]}{_POP}",
        text,
    )


def decide_language(*, chosen: str | None, accepted: str | None) -> str:
    """Choose the language: the person's own choice, else the browser's first that we have."""
    catalogues = load_catalogues()
    if chosen in catalogues:
        return chosen
    for part in (accepted or "").split(",")[:12]:
        tag = part.split(";")[0].strip()
        for candidate in (tag, tag.split("-")[0]):
            if candidate in catalogues:
                return candidate
    return DEFAULT_LANGUAGE


def render_module(catalogue: Catalogue) -> bytes:
    """Render a catalogue as the JavaScript module that scripts import as "texts"."""
    languages = [[each.language, each.name] for each in load_catalogues().values()]
    values = {
        "language": catalogue.language,
        "direction": catalogue.direction,
        "languages": languages,
        "texts": catalogue.entries,
    }
    lines = [
        f"export const {name} = {json.dumps(value, ensure_ascii=False)};"
        for name, value in values.items()
    ]
    return "\n".join([*lines, ""]).encode()
