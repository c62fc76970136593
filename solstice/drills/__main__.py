"""`make drill NAME=overload`: break an instance on purpose, and say what held.

    python -m solstice.drills NAME [--seed N] [--report FILE]

Starts an instance of its own, fills it, runs the drill, writes the report; ends with 0 when every
promise was kept.  The seed and the commit it prints repeat the same schedule.
"""

import argparse
import asyncio
import random
import sys
from pathlib import Path

from solstice.drills.catalogue import DRILLS, Drilling
from solstice.drills.instance import drill_instance
from solstice.drills.report import render_report
from solstice.drills.scenario import Journal, current_commit, run_scenario
from solstice.drills.viewers import gather
from solstice.kit.remedies import OPERATOR_EXIT_CODE, OperatorError

CLIPS = "2"
PEOPLE = 3


def main() -> None:
    """Run one drill."""
    parser = argparse.ArgumentParser(prog="python -m solstice.drills", description=__doc__)
    parser.add_argument("name", choices=[*DRILLS])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))  # noqa: S311
    parser.add_argument("--report", type=Path, help="var/drills/NAME.html by default")
    chosen = parser.parse_args()
    print(f"drill {chosen.name}, seed {chosen.seed}, commit {current_commit()}", flush=True)
    report = chosen.report or Path("var/drills") / f"{chosen.name}.html"
    try:
        journal = run_drill(chosen.name, seed=chosen.seed, report=report)
    except OperatorError as error:
        print(f"{error.sentence}\n  remedy: {error.remedy}", file=sys.stderr)
        raise SystemExit(OPERATOR_EXIT_CODE) from None
    for finding in journal.findings:
        held = "held  " if finding.is_good else "BROKEN"
        print(f"{finding.at_s:6.1f} s  {held}  {finding.kind}: {finding.name} {finding.detail}")
    print(f"report: {report}")
    raise SystemExit(0 if journal.is_kept else 1)


def run_drill(name: str, *, seed: int, report: Path) -> Journal:
    """Run a drill on an instance of its own and write its report."""
    with drill_instance() as instance:
        instance.run("demo", "--url", f"http://127.0.0.1:{instance.port}", "--clips", CLIPS)
        audience = gather(instance.port, count=PEOPLE, seed=seed)
        drill = Drilling(instance, audience, seed)
        journal = asyncio.run(run_scenario(DRILLS[name](drill), seed=seed))
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(render_report(journal, drill.record, spans=drill.spans))
    return journal


if __name__ == "__main__":
    main()
