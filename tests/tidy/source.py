"""The code as the tidy checks see it: files with their text and syntax tree."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT_SUFFIXES = frozenset({".py", ".js", ".mjs", ".sql", ".css", ".html", ".md", ".toml", ".json"})


@dataclass(frozen=True)
class Source:
    """One file, its path relative to the project."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text)

    @property
    def name(self) -> str:
        """The file's own name without its suffix."""
        return Path(self.path).stem

    @property
    def module(self) -> str:
        """The name it is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def read_project(root: Path = ROOT) -> list[Source]:
    """Read every text file of the project that is, or is about to be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else _walk(root)
    paths = [root / name for name in names if Path(name).suffix in TEXT_SUFFIXES]
    return [
        Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(paths)
        if path.is_file()
    ]


def python_in(sources: list[Source], *folders: str) -> list[Source]:
    """Choose the Python files below some folders."""
    return [
        source
        for source in sources
        if source.path.endswith(".py") and source.path.startswith(tuple(f"{f}/" for f in folders))
    ]


def _walk(root: Path) -> list[str]:
    """List what an unpacked archive holds: there is no git to ask."""
    skipped = {".venv", "node_modules", "var", "__pycache__", ".git"}
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if not skipped & set(path.relative_to(root).parts)
    ]
