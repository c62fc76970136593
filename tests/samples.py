"""Where tests find real clips, and how they make the hostile ones.

The real files lie beside the checkout (`../shared/data`) or where SOLSTICE_SAMPLES says.  A test
that needs them fails, and says what is missing, when they are not there.  Hostile files are made
once a session by the data set's own script, with the ffmpeg of the wheel.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from solstice.videos.ffmpeg import find_program

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


class SamplesMissing(AssertionError):
    """The sample files are not there: put them at ../shared/data or set SOLSTICE_SAMPLES."""


@dataclass(frozen=True, kw_only=True)
class HostileCase:
    """One made file and what must become of it: accept, reject or either."""

    path: Path
    kind: str
    expect: str


def samples_dir() -> Path:
    """Find the directory of the sample data."""
    found = Path(os.environ.get("SOLSTICE_SAMPLES", str(_BESIDE)))
    if not (found / "videos").is_dir():
        raise SamplesMissing(f"{SamplesMissing.__doc__} Looked in {found}.")
    return found


def clip(name: str) -> Path:
    """Find one of the files that must end up playable."""
    return samples_dir() / "videos" / "clips" / name


def odd(name: str) -> Path:
    """Find one of the odd files."""
    return samples_dir() / "videos" / "odd" / name


def make_hostile(into: Path, *, canary: str, secret: Path) -> list[HostileCase]:
    """Run the data set's script; return its cases that are files to upload, each once."""
    programs = into / "programs"
    programs.mkdir(parents=True)
    (programs / "ffmpeg").symlink_to(find_program())
    made = into / "files"
    script = samples_dir() / "videos" / "make_hostile.py"
    subprocess.run(
        [sys.executable, script, made, "--canary", canary, "--secret", secret],
        check=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "PATH": f"{programs}:{os.environ.get('PATH', '')}"},
    )
    cases = json.loads((made / "manifest.json").read_text())
    return [
        HostileCase(path=made / case["file"], kind=case["class"], expect=case["expect"])
        for case in cases
        if case["class"] != "filename"
    ]


def run_ffmpeg(*arguments: str | Path) -> None:
    """Make a file with the wheel's ffmpeg."""
    command = [find_program(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
