"""What a run recorded: one row a second and action, latencies in HDR histograms.

Latency counts from the scheduled instant, so waiting for a connection or behind a slow
generator is never left out.  Client time-outs are failures, whatever came later.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

LATENCY_US_MAX = 120_000_000
DIGITS = 2


def new_histogram() -> HdrHistogram:
    """Make a histogram of microseconds with two significant digits, up to two minutes."""
    return HdrHistogram(1, LATENCY_US_MAX, DIGITS)


@dataclass
class Second:
    """One second of one action, by the scheduled instant."""

    offered: int = 0
    good: int = 0
    refused: int = 0
    failed: int = 0
    attempts: int = 0
    latency_us: HdrHistogram = field(default_factory=new_histogram)
    """Of good actions, from the scheduled instant, pauses between tries included."""
    accepted_us: HdrHistogram = field(default_factory=new_histogram)
    """Of the one request that was accepted, from when it was due."""


@dataclass
class Record:
    """Everything one run saw."""

    duration_s: int
    seconds: dict[str, list[Second]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    late_us: HdrHistogram = field(default_factory=new_histogram)
    """How late the generator itself was: its own ceiling shows here."""

    def row(self, action: str, at_s: float) -> Second:
        """Return the row of an action at an instant."""
        if action not in self.seconds:
            self.seconds[action] = [Second() for _ in range(self.duration_s + 1)]
        return self.seconds[action][min(self.duration_s, int(at_s))]

    def goodput_per_s(self, *, from_s: int, to_s: int, action: str | None = None) -> float:
        """Mean good answers a second in `[from_s, to_s)`."""
        rows = self._rows(from_s, to_s, action)
        return sum(row.good for row in rows) / max(1, to_s - from_s)

    def share_good(self, *, from_s: int, to_s: int, action: str | None = None) -> float:
        """Good answers over offered actions in `[from_s, to_s)`; 1 when nothing was offered."""
        rows = self._rows(from_s, to_s, action)
        offered = sum(row.offered for row in rows)
        return sum(row.good for row in rows) / offered if offered else 1.0

    def attempts_per_action(self, *, from_s: int, to_s: int) -> float:
        """Requests sent over actions offered."""
        rows = self._rows(from_s, to_s, None)
        return sum(row.attempts for row in rows) / max(1, sum(row.offered for row in rows))

    def latency_ms(
        self, percentile: float, *, from_s: int, to_s: int, action: str | None = None
    ) -> float:
        """A percentile of the good answers' latencies, in milliseconds; 0 without any."""
        merged = new_histogram()
        for row in self._rows(from_s, to_s, action):
            merged.add(row.latency_us)
        return float(merged.get_value_at_percentile(percentile)) / 1000

    def accepted_ms(
        self, percentile: float, *, from_s: int, to_s: int, actions: Sequence[str]
    ) -> float:
        """The same of accepted requests alone, without the tries and pauses before them."""
        merged = new_histogram()
        for action in actions:
            for row in self._rows(from_s, to_s, action):
                merged.add(row.accepted_us)
        return float(merged.get_value_at_percentile(percentile)) / 1000

    def _rows(self, from_s: int, to_s: int, action: str | None) -> list[Second]:
        chosen = [self.seconds[action]] if action else list(self.seconds.values())
        return [row for rows in chosen for row in rows[from_s:to_s]]
