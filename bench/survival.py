"""Two hundred kills of random processes at random moments, and the reckoning afterwards.

    python -m bench.survival [--short] [--rounds 200] [--seed N]

The same people and the same reckoning as in tests/acceptance/test_survival.py, for longer.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

from bench.asking import parse
from bench.table import Figure, print_figures
from tests.acceptance.actor import make_clips
from tests.acceptance.instance import Instance
from tests.acceptance.survival import (
    LEASE_S,
    SETTINGS,
    Notes,
    list_strangers,
    reckon,
    run_rounds,
    settle,
)

ROUNDS = 200
PATIENCE_S = 600.0


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    chosen = parse(parser, rounds=4)
    rounds, seed = chosen.rounds, chosen.seed
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="solstice-survival-") as temporary:
        place = Path(temporary)
        place.chmod(0o755)
        instance = Instance(place / "var", **SETTINGS)
        try:
            instance.start_and_wait()
            began = time.monotonic()
            notes = run_rounds(
                instance, rounds=rounds, clips=make_clips(place), seed=seed, tell=print
            )
            took_s = time.monotonic() - began
            settled_s, finished_s = settle(instance, notes, within_s=PATIENCE_S)
            reckon(instance, notes)
            instance.stop()
            strangers = list_strangers(instance)
        except AssertionError:
            print(instance.explain())
            raise
        finally:
            instance.end()
    figures = _report(
        notes,
        rounds=rounds,
        took_s=took_s,
        settled_s=settled_s,
        finished_s=finished_s,
        stranger_count=len(strangers),
    )
    raise SystemExit(0 if print_figures("Survival", figures) else 1)


def _report(
    notes: Notes,
    *,
    rounds: int,
    took_s: float,
    settled_s: float,
    finished_s: float,
    stranger_count: int,
) -> list[Figure]:
    writes = len(notes.captions) + len(notes.likes) + len(notes.comments) + len(notes.deleted)
    return [
        Figure(
            name=f"acknowledged uploads there after {rounds} kills",
            target="all",
            measured=f"{len(notes.uploads)} of {len(notes.uploads)}",
            met=True,
            yardstick=f"{took_s:.0f} s of kills",
        ),
        Figure(
            name="acknowledged edits, deletions, likes, comments there",
            target="all",
            measured=f"{writes} of {writes}",
            met=True,
        ),
        Figure(
            name="last kill to every video live or refused",
            target=f"<= {2 * LEASE_S} s (two leases)",
            measured=f"{settled_s:.1f} s",
            met=settled_s <= 2 * LEASE_S,
        ),
        Figure(
            name="last kill to every rendition of every video there",
            target="-",
            measured=f"{finished_s:.1f} s",
            met=None,
        ),
        Figure(
            name="processes left after the stop",
            target="0",
            measured=str(stranger_count),
            met=stranger_count == 0,
        ),
    ]


if __name__ == "__main__":
    main()
