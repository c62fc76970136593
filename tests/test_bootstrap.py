"""The way in: from nothing but a Python, with make, and in CI the same."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOTSTRAP = ROOT / "bin" / "bootstrap.py"
TARGETS = ("up", "demo", "test", "test-fast", "check", "fix", "bench", "docs")


def test_an_old_python_can_at_least_read_why_it_is_too_old() -> None:
    """The file parses on Python 3.6, so that the sentence comes and not a syntax error."""
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 6))


def test_the_installer_needs_nothing_that_is_not_there_yet() -> None:
    """It imports the standard library only."""
    modules = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).split(".")[0]
        for node in ast.walk(ast.parse(BOOTSTRAP.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert modules <= sys.stdlib_module_names


def test_a_second_installation_does_nothing_and_says_nothing() -> None:
    """The stamp makes the next start fast."""
    for _ in range(2):
        outcome = subprocess.run(
            [sys.executable, BOOTSTRAP], capture_output=True, text=True, timeout=600, check=False
        )
        assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout == ""


def test_a_checkout_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """A read-only checkout, here one whose build directory is a file."""
    (tmp_path / "bin").mkdir()
    copy = tmp_path / "bin" / "bootstrap.py"
    copy.write_text(BOOTSTRAP.read_text())
    (tmp_path / "build").write_text("in the way")
    outcome = subprocess.run(
        [sys.executable, copy], capture_output=True, text=True, timeout=60, check=False
    )
    assert outcome.returncode == 2
    assert len(outcome.stderr.splitlines()) == 2
    assert "remedy: " in outcome.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_make_help_lists_what_an_engineer_can_do(target: str) -> None:
    """The list comes from the targets themselves."""
    outcome = subprocess.run(
        ["/usr/bin/env", "make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"make {target} " in outcome.stdout


def test_ci_runs_what_a_contributor_runs() -> None:
    """Nothing is tested in CI that cannot be tested at home."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
