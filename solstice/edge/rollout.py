"""Change running edges: one first, watched; then the rest; taken back where anything worsens.

What must not happen is what happened to Google in November 2021 and June 2025: a change that is
everywhere within seconds and wrong.  So one edge has it alone for a moment, and the last good
version is on disk, a rename away.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from solstice.edge.last_good import keep, publishing, read_last_good
from solstice.edge.publish import place, render_valid
from solstice.edge.topology import BadTopology, EdgeTopology
from solstice.edge.watching import Reading, find_worsening, read_counters

LOOK_S = 0.1
BASELINE_S = 0.5
WATCH_FIRST_S = 3.0
"""Long enough for a failing server to be noticed by its health check; see `clusters.py`."""
WATCH_REST_S = 1.0


class TakenBack(BadTopology):
    """A valid configuration made an edge worse; every edge has its last good one again."""


def roll_out(
    edges: Sequence[tuple[EdgeTopology, Path]], *, watch_first_s: float = WATCH_FIRST_S
) -> None:
    """Publish to the first edge, watch it, then to the others, each watched in turn.

    Errors: BadTopology when Envoy would refuse it (nothing was changed), TakenBack when it
    worsened anything (everything was put back).
    """
    rendered = [render_valid(topology, directory=directory) for topology, directory in edges]
    before: dict[Path, dict[str, str]] = {}
    for (_, directory), files in zip(edges, rendered, strict=True):
        with publishing(directory):
            good = read_last_good(directory)
            worse = _try(files, directory, watch_s=WATCH_REST_S if before else watch_first_s)
            if worse is None:
                keep(files, directory=directory)
                before[directory] = good
                continue
            place(good, directory=directory)
        for earlier, files_before in before.items():
            with publishing(earlier):
                place(files_before, directory=earlier)
                keep(files_before, directory=earlier)
        raise TakenBack(f"taken back from {directory}: {worse}")


def _try(files: dict[str, str], directory: Path, *, watch_s: float) -> str | None:
    """Put the files in place and watch; return what became worse."""
    before = read_counters(directory)
    if before is None:
        # Nothing runs here, so nothing can be watched or harmed: it starts with this.
        place(files, directory=directory)
        return None
    time.sleep(BASELINE_S)
    published = read_counters(directory) or Reading()
    place(files, directory=directory)
    deadline = time.monotonic() + watch_s
    while not (is_last := time.monotonic() > deadline):
        time.sleep(LOOK_S)
        if worse := find_worsening(before, published, read_counters(directory)):
            return worse
    return find_worsening(before, published, read_counters(directory), is_last=is_last)
