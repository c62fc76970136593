"""The tidy checks: each takes sources and lists what is wrong, one sentence a finding.

They are heuristics over text and syntax trees, so they stay simple: a finding that is wrong gets
an entry, with its reason, in the tables of `tests/test_tidy.py`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.tidy.source import Source

VAGUE_NAMES = frozenset({"service", "services", "manager", "helpers", "utils", "common", "misc"})
MARKS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
FUNCTION_LINES_MAX = 60
SECRETS = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/\w"),
    "a private key": re.compile("^-----BEGIN [A-Z ]*PRIVATE" + " KEY-----$"),
    "a cloud key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a token": re.compile(r"\b(?:ghp|gho|glpat|xox[bp])[_-][0-9A-Za-z_-]{20,}\b"),
}
THIN = re.compile(r"(^|_)(routes|queries|settings|errors|jobs|__init__|__main__)$")
"""Files whose behaviour is another's: they are tested through it."""
SQL_TABLE = r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?({})\b"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def list_missing_docstrings(sources: list[Source]) -> list[str]:
    """A module says what it is, why this way and what it refuses to do."""
    return [
        f"{source.path} does not say what it is"
        for source in sources
        if source.text.strip() and not ast.get_docstring(source.tree)
    ]


def list_vague_names(sources: list[Source]) -> list[str]:
    """A file is named for a behaviour or a noun, not for a place to put things."""
    return [
        f"{source.path} has a name that says nothing"
        for source in sources
        if VAGUE_NAMES & {source.name, *Path(source.path).parent.parts}
    ]


def list_marks(sources: list[Source]) -> list[str]:
    """What is left to do is in the issue tracker, not in the code."""
    return [
        f"{source.path}:{number} has a leftover mark"
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        if MARKS.search(line)
    ]


def list_secrets(sources: list[Source]) -> list[str]:
    """Nothing of one machine or of one person is committed."""
    return [
        f"{source.path}:{number} holds {what}"
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        for what, pattern in SECRETS.items()
        if pattern.search(line)
    ]


def list_tables(migrations: list[Source]) -> set[str]:
    """Every table our migrations create."""
    return {
        table
        for migration in migrations
        for table in re.findall(
            r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)", migration.text
        )
    }


def list_stray_tables(sources: list[Source], tables: set[str]) -> list[str]:
    """Only query files name tables, so that a table's users can be listed by looking at names."""
    pattern = re.compile(SQL_TABLE.format("|".join(sorted(tables))))
    return [
        f"{source.path} names the table {found.group(1)}"
        for source in sources
        if not source.name.endswith("queries")
        for text in _literals(source.tree)
        for found in [pattern.search(text)]
        if found
    ]


def list_untested(sources: list[Source], tests: list[Source]) -> list[str]:
    """Every file with behaviour has its mirror among the tests, or a test that imports it.

    Thin files (routes, queries, settings, errors, jobs) are tested through the behaviour.
    """
    mirrors = {test.path for test in tests}
    imported = {name for test in tests for name in _imports(test.tree)}
    return [
        f"{source.path} has no {mirror} and no test imports it"
        for source in sources
        if not THIN.search(source.name) and _has_behaviour(source.tree)
        for mirror in [_mirror(source.path)]
        if mirror not in mirrors and source.module not in imported
    ]


def list_unused_names(sources: list[Source], users: list[Source]) -> list[str]:
    """What is defined is used somewhere; a name counts wherever it appears as a word."""
    uses = Counter(word for user in users for word in _words(user))
    return [
        f"{source.path} defines {name}, which nothing uses"
        for source in sources
        for name in _definitions(source.tree)
        if uses[name] < 2
    ]


def list_long_functions(sources: list[Source]) -> dict[str, int]:
    """Map every function of more than a screen to its number of lines, docstring included."""
    return {
        f"{source.path}:{node.name}": lines
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, FUNCTIONS)
        for lines in [(node.end_lineno or node.lineno) - node.lineno + 1]
        if lines > FUNCTION_LINES_MAX
    }


def list_ratchet_breaks(found: Mapping[str, int], allowed: Mapping[str, int]) -> list[str]:
    """A list of old sins may only shrink: nothing new, nothing longer, nothing forgotten."""
    return [
        *(
            f"{name} has {lines} lines; {allowed.get(name, FUNCTION_LINES_MAX)} are allowed"
            for name, lines in found.items()
            if lines > allowed.get(name, FUNCTION_LINES_MAX)
        ),
        *(f"{name} is short now: take it off the list" for name in allowed if name not in found),
    ]


def list_uncontracted(packages: set[str], contracts: list[Mapping[str, object]]) -> list[str]:
    """Every package has its place in an import contract."""
    words = set(re.findall(r"solstice\.\w+", " ".join(map(str, contracts))))
    return [
        f"{name} is in no import contract"
        for name in sorted(packages)
        if f"solstice.{name}" not in words
    ]


def _literals(tree: ast.Module) -> Iterator[str]:
    """Yield every string that is not a docstring."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def _mirror(path: str) -> str:
    parent, _, name = path.removeprefix("solstice/").rpartition("/")
    return f"tests/{parent}/test_{name}" if parent else f"tests/test_{name}"


def _has_behaviour(tree: ast.Module) -> bool:
    return any(isinstance(node, FUNCTIONS) for node in ast.walk(tree))


def _imports(tree: ast.Module) -> Iterator[str]:
    """Yield the modules a file imports, and the names from them, which may be modules too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _definitions(tree: ast.Module) -> Iterator[str]:
    """Yield the names a module defines for others, and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (
                part.name
                for part in node.body
                if isinstance(part, FUNCTIONS) and not part.name.startswith("__")
            )
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        yield from (
            target.id
            for target in targets
            if isinstance(target, ast.Name) and not target.id.startswith("__")
        )


def _words(source: Source) -> Iterator[str]:
    return (found.group() for found in re.finditer(r"[A-Za-z_]\w*", source.text))
