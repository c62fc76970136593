"""What the bench writes down: one reading a run and figure, and every second of every run.

Two files of JSON lines in one directory, appended to, so that parts of the bench can be run at
different times and the table still be made from all of them.  Nothing is averaged here.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from solstice.drills.record import Record


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One figure of one run."""

    figure: str
    setup: str
    run: int
    value: float
    commit: str = ""


class Results:
    """The two files of one directory."""

    def __init__(self, directory: Path, *, commit: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.readings_path = directory / "readings.jsonl"
        self.series_path = directory / "series.jsonl"
        self.commit = commit

    def note(self, figure: str, *, setup: str, run: int, value: float) -> None:
        """Write one reading down and say it."""
        reading = Reading(figure=figure, setup=setup, run=run, value=value, commit=self.commit)
        with self.readings_path.open("a") as file:
            file.write(json.dumps(asdict(reading)) + "\n")
        print(f"  {setup:9} {figure}: {value:.4g}", flush=True)

    def keep(self, record: Record, *, measure: str, setup: str, run: int) -> None:
        """Write every second of a run down, by action, and how late the generator was."""
        late_ms = record.late_us.get_value_at_percentile(99) / 1000
        self.note(f"generator late p99 ms, {measure}", setup=setup, run=run, value=late_ms)
        with self.series_path.open("a") as file:
            for row in list_seconds(record):
                line = {"measure": measure, "setup": setup, "run": run, **row}
                file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def forget(self, prefix: str) -> None:
        """Drop earlier readings and series of a measurement that is about to run again."""
        for path, key in ((self.readings_path, "figure"), (self.series_path, "measure")):
            if path.exists():
                lines = path.read_text().splitlines(keepends=True)
                path.write_text("".join(_without(lines, key, prefix)))

    def list_readings(self) -> list[Reading]:
        """Read all readings back."""
        if not self.readings_path.exists():
            return []
        lines = self.readings_path.read_text().splitlines()
        return [Reading(**json.loads(line)) for line in lines]

    def list_series(self, measure: str) -> list[dict]:  # type: ignore[type-arg]
        """Read the seconds of one measurement back."""
        if not self.series_path.exists():
            return []
        rows = (json.loads(line) for line in self.series_path.read_text().splitlines())
        return [row for row in rows if row["measure"] == measure]


def list_seconds(record: Record) -> Iterator[dict[str, float | str | None]]:
    """Turn a record into rows."""
    for action, seconds in record.seconds.items():
        for at_s, second in enumerate(seconds):
            if second.offered:
                latency = second.latency_us.get_value_at_percentile(99) if second.good else None
                yield {
                    "action": action,
                    "at_s": at_s,
                    "offered": second.offered,
                    "good": second.good,
                    "refused": second.refused,
                    "failed": second.failed,
                    "attempts": second.attempts,
                    "p99_ms": latency / 1000 if latency is not None else None,
                }


def _without(lines: list[str], key: str, prefix: str) -> Iterator[str]:
    for line in lines:
        name = json.loads(line)[key].removeprefix("generator late p99 ms, ")
        if name != prefix and not name.startswith(prefix + " "):
            yield line
