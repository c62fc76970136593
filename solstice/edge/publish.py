"""Publish a configuration: validated whole by Envoy itself, then put in place file by file.

Envoy notices only a rename over a file, and keeps the last good one when it cannot
accept the new; so every file is written beside its place and renamed.  Order matters
when a change spans files: what is referred to comes before what refers to it (certificates,
routes and endpoints, then clusters, then listeners).
"""

import importlib.util
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from solstice.edge.configuration import render_files, render_merged
from solstice.edge.last_good import keep, publishing, replace
from solstice.edge.topology import BadTopology, EdgeTopology
from solstice.kit.remedies import OperatorError

VALIDATION_TIMEOUT_S = 20.0
DRAIN_S = 2
LOG_FORMAT = (
    '{"timestamp":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","process":"edge","event":"%j","part":"%n"}'
)


def find_envoy() -> Path:
    """Where the wheel keeps its program; its Python wrapper would only cost 50 ms.

    Errors: OperatorError when it is not installed.
    """
    spec = importlib.util.find_spec("envoy")
    for folder in spec.submodule_search_locations or () if spec else ():
        program = Path(folder) / "_bin" / "envoy"
        if program.exists():
            return program
    raise OperatorError("Envoy is not installed.", remedy="Run `make up` again.")


def envoy_command(*, worker_count: int) -> list[str]:
    """Return the command line; it must run inside the configuration directory."""
    return [
        str(find_envoy()),
        *("-c", "bootstrap.json"),
        *("--concurrency", str(worker_count)),
        *("--log-level", "warning"),
        # Its own start and stop are not worth a warning.
        *("--component-log-level", "main:error"),
        *("--log-format", LOG_FORMAT),
        *("--drain-time-s", str(DRAIN_S)),
        # Default 10 s: an operator following a complaint would look at an old log.
        *("--file-flush-interval-msec", "500"),
        # Restarts come from the supervisor: no shared memory that a kill could leave behind.
        "--disable-hot-restart",
    ]


def publish(topology: EdgeTopology, *, directory: Path) -> None:
    """Validate a configuration, put it in place and keep it as the last good one.

    For an edge that is about to start; a running one is changed by `rollout.roll_out`.
    Errors: BadTopology with Envoy's own words, in which case nothing was changed.
    """
    files = render_valid(topology, directory=directory)
    with publishing(directory):
        place(files, directory=directory)
        keep(files, directory=directory)


def render_valid(topology: EdgeTopology, *, directory: Path) -> dict[str, str]:
    """Render every file, after Envoy has judged all of them together.

    Errors: BadTopology with Envoy's own words.
    """
    directory.mkdir(parents=True, exist_ok=True)
    validate(topology, directory=directory)
    return render_files(topology)


def place(files: Mapping[str, str], *, directory: Path) -> None:
    """Rename each file into its place, in the order in which they are given."""
    for name, text in files.items():
        replace(directory / name, text)


def validate(topology: EdgeTopology, *, directory: Path) -> None:
    """Ask Envoy whether it would accept all of it together.

    Errors: BadTopology with the reason Envoy gives.
    """
    merged = directory / f"candidate.{os.getpid()}.json"
    try:
        replace(merged, render_merged(topology))
        outcome = subprocess.run(
            [find_envoy(), "--mode", "validate", "-c", merged.name, "--log-level", "error"],
            cwd=directory,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=VALIDATION_TIMEOUT_S,
            check=False,
        )
    finally:
        merged.unlink(missing_ok=True)
    if outcome.returncode != 0:
        words = (outcome.stderr or outcome.stdout).strip().splitlines()
        raise BadTopology(f"Envoy refuses this configuration: {words[-1] if words else 'silently'}")
