"""Counters and histograms of one process, in Prometheus text format.

One registry per process: every endpoint is a process of its own here, so the client library's
multi-process mode (files, no gauges, growth) is never needed.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_DURATIONS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Requests(Collector):
    """Answered requests and how long they took: numbers while requests run, metrics when asked.

    The library's own counter and histogram take three locks a request, 3 µs of a page's 50.
    Bounded: by the routes there are, known methods, and statuses.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._durations: dict[str, list[float]] = {}
        """For each route the sum in seconds, then a count for each bucket and one for the rest."""

    def note(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one answer."""
        key = (route, method, status)
        self._counts[key] = self._counts.get(key, 0) + 1
        durations = self._durations.get(route)
        if durations is None:
            durations = self._durations[route] = [0.0] * (len(_DURATIONS_S) + 2)
        durations[0] += took_s
        durations[1 + bisect_left(_DURATIONS_S, took_s)] += 1

    def collect(self) -> Iterator[Metric]:
        """Tell all of it in the library's form."""
        counts = CounterMetricFamily(
            "solstice_requests_total", "Answered requests", labels=("route", "method", "status")
        )
        for (route, method, status), count in self._counts.items():
            counts.add_metric((route, method, str(status)), count)
        yield counts
        durations = HistogramMetricFamily(
            "solstice_request_duration_seconds",
            "Time from the first byte of application code to the last byte sent",
            labels=("route",),
        )
        bounds = [*map(str, _DURATIONS_S), "+Inf"]
        for route, (sum_s, *counted) in self._durations.items():
            buckets = list(zip(bounds, accumulate(counted), strict=True))
            durations.add_metric((route,), buckets=buckets, sum_value=sum_s)
        yield durations

    def read_latency_buckets(self) -> dict[float, float]:
        """Sum durations over all routes: cumulative counts by upper bound in seconds."""
        summed = [sum(counts) for counts in zip(*self._durations.values(), strict=True)][1:]
        return dict(zip((*_DURATIONS_S, float("inf")), accumulate(summed), strict=False))

    def count_answers(self) -> tuple[int, int]:
        """Count the answers of this process: all of them, and those with a 5xx status."""
        failed = sum(n for (_, _, status), n in self._counts.items() if status >= 500)  # noqa: PLR2004
        return sum(self._counts.values()), failed


REQUESTS = Requests()
REGISTRY.register(REQUESTS)
FAILED_OPEN = Counter(
    "solstice_failed_open_total",
    "Answers given although a dependency was missing, by the decision that allows it",
    ("decision",),
    registry=REGISTRY,
)
ADMITTED_TOTAL = Counter(
    "solstice_admitted_total", "Requests let in, by priority", ("priority",), registry=REGISTRY
)
REFUSED_TOTAL = Counter(
    "solstice_refused_total",
    "Requests refused with 429, by priority",
    ("priority",),
    registry=REGISTRY,
)
DEGRADED_TOTAL = Counter(
    "solstice_degraded_total",
    "Requests let in, by what their answers were to leave out",
    ("step",),
    registry=REGISTRY,
)
ADMISSION = Gauge(
    "solstice_admission",
    "The state of admission: openness, limit, delay, …",
    ("value",),
    registry=REGISTRY,
)
JOBS_ENDED = Counter(
    "solstice_jobs_ended_total",
    "Background jobs that ended, by how",
    ("job", "outcome"),
    registry=REGISTRY,
)
JOB_DURATION_S = Histogram(
    "solstice_job_duration_seconds",
    "Time from a job's start to its end",
    ("job",),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600),
    registry=REGISTRY,
)
POOL = Gauge(
    "solstice_database_pool",
    "The database pool's own counters",
    ("counter",),
    registry=REGISTRY,
)


def render_metrics() -> bytes:
    """Render every metric of this process."""
    return bytes(generate_latest(REGISTRY))
