"""Counters and histograms of one process, in Prometheus text format.

One registry per process: every endpoint is a process of its own here, so the client library's
multi-process mode (files, no gauges, growth) is never needed.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REQUESTS = Counter(
    "solstice_requests_total",
    "Answered requests",
    ("route", "method", "status"),
    registry=REGISTRY,
)
REQUEST_DURATION_S = Histogram(
    "solstice_request_duration_seconds",
    "Time from the first byte of application code to the last byte sent",
    ("route",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
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


def read_latency_buckets() -> dict[float, float]:
    """Sum the request histogram over all routes: cumulative counts by upper bound in seconds."""
    buckets: dict[float, float] = {}
    for family in REQUEST_DURATION_S.collect():
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                bound = float(sample.labels["le"])
                buckets[bound] = buckets.get(bound, 0.0) + sample.value
    return buckets


def count_answers() -> tuple[int, int]:
    """Count the answers of this process: all of them, and those with a 5xx status."""
    answered = failed = 0
    for family in REQUESTS.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                answered += int(sample.value)
                failed += int(sample.value) if sample.labels["status"].startswith("5") else 0
    return answered, failed


def render_metrics() -> bytes:
    """Render every metric of this process."""
    return bytes(generate_latest(REGISTRY))
