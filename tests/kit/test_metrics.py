"""Requests are counted as plain numbers, and told in Prometheus' form."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from solstice.kit.metrics import Requests


def test_answers_are_told_by_route_method_and_status() -> None:
    """A duration falls into the bucket whose bound it does not pass; buckets add up."""
    requests = Requests()
    requests.note("/a", "GET", 200, 0.001)
    requests.note("/a", "GET", 200, 0.3)
    requests.note("/b", "POST", 503, 20.0)
    registry = CollectorRegistry()
    registry.register(requests)
    told = generate_latest(registry).decode().splitlines()
    duration = "solstice_request_duration_seconds"
    assert set(told) >= {
        'solstice_requests_total{method="GET",route="/a",status="200"} 2.0',
        'solstice_requests_total{method="POST",route="/b",status="503"} 1.0',
        f'{duration}_bucket{{le="0.001",route="/a"}} 1.0',
        f'{duration}_bucket{{le="0.25",route="/a"}} 1.0',
        f'{duration}_bucket{{le="0.5",route="/a"}} 2.0',
        f'{duration}_bucket{{le="10.0",route="/b"}} 0.0',
        f'{duration}_bucket{{le="+Inf",route="/b"}} 1.0',
        f'{duration}_sum{{route="/a"}} 0.301',
    }


def test_percentiles_and_failures_are_read_from_the_same_numbers() -> None:
    """Over all routes; a server nobody asked yet has none."""
    requests = Requests()
    assert requests.read_latency_buckets() == {}
    assert requests.count_answers() == (0, 0)
    requests.note("/a", "GET", 200, 0.002)
    requests.note("/b", "GET", 500, 0.02)
    buckets = requests.read_latency_buckets()
    assert (buckets[0.001], buckets[0.0025], buckets[0.025], buckets[float("inf")]) == (0, 1, 2, 2)
    assert requests.count_answers() == (2, 1)
