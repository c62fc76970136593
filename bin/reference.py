"""Write docs/settings.md and docs/openapi.json from the code, so that they cannot disagree."""

import ast
import inspect
import json
import tempfile
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

from litestar import Litestar

from solstice.app import build_app
from solstice.kit.configuration import PREFIX, name_settings
from solstice.settings import FEATURES, read_settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
HEAD = """# Settings

Environment variables, read once at start; a name that is not listed here is refused. Written by
`make docs` from the settings of each feature.

| variable | default | meaning |
|---|---|---|
| `SOLSTICE_STATE_DIR` | `var` | where everything is kept |
| `SOLSTICE_LOG_LEVEL` | `info` | debug, info, warning or error |
"""


def main() -> None:
    """Write both files."""
    (DOCS / "settings.md").write_text(render_settings())
    with tempfile.TemporaryDirectory() as place:
        app = build_app(read_settings({f"{PREFIX}STATE_DIR": place}))
        schema = find_litestar(app).openapi_schema.to_schema()
    (DOCS / "openapi.json").write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")


def find_litestar(app: Any) -> Litestar:
    """Unwrap the served application from the layers around it."""
    while not isinstance(app, Litestar):
        app = app.app
    return app


def render_settings() -> str:
    """Render one section for each feature."""
    parts = [HEAD]
    for feature, kind in FEATURES.items():
        summary = (kind.__doc__ or "").strip().splitlines()[0]
        rows = render_rows(feature, kind)
        parts.append(f"\n## {feature.capitalize()}\n\n{summary}\n\n{rows}")
    return "".join(parts)


def render_rows(feature: str, kind: type[Any]) -> str:
    """Render a feature's settings with the text that stands below each in the code."""
    texts, names = read_field_texts(kind), name_settings(feature, kind)
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for field in fields(kind):
        default = field.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        meaning = texts.get(field.name, field.name.replace("_", " "))
        cells = (f"`{names[field.name]}`", f"`{shown}`" if shown else "", meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def read_field_texts(kind: type[Any]) -> dict[str, str]:
    """Read the strings that follow fields in the source of a dataclass."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    texts = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(t))
            ):
                texts[name] = " ".join(t.split())
            case _:
                pass
    return texts


if __name__ == "__main__":
    main()
