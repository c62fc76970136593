"""What stands behind the edge: groups of endpoints, each with its own limits.

The same servers appear in three groups so that no kind of traffic can take the
slots of another (bulkheads): `app`, `uploads` (slow by nature; a thousand dribbling
phones must not stop the feed) and `deferrable` (telemetry, refused first).

Per server 100 + 40 + 24 connections and per media process 160, below the 192 a process works on at
once (`kit/serving.py`): the rest is for health and metrics, which must be answered however many
readers take nothing.  Upstream is HTTP/1.1, so a connection is a request.

Source: the defaults judged here are listed in decision 0005.
"""

import json
from collections.abc import Collection
from typing import Any

from solstice.edge.topology import EdgeTopology, Endpoint

Json = dict[str, Any]

APP, UPLOADS, DEFERRABLE, MEDIA = "app", "uploads", "deferrable", "media"
SERVERS = "servers"
TYPE = "type.googleapis.com/envoy"
BUFFER_BYTES = 256 * 1024
MEDIA_BUFFER_BYTES = 64 * 1024
"""512 who take nothing cost 86 MB and not 220 (measured)."""
CONNECT_TIMEOUT = "0.5s"

# cluster → (requests at once per endpoint, how many may wait, least healthy share in per cent)
LIMITS = {
    APP: (100, 64, 34),
    UPLOADS: (40, 8, 34),
    # Fail fast: telemetry is not worth trying a server that is known to be ill.
    # 128 may wait, 2 ms of work each: a hundred phones that report in the same moment are no
    # overload, and a refusal here costs each its connection (the body is not read first).  Who
    # waits for a connection to be made counts as well.
    DEFERRABLE: (24, 128, 0),
    # A phone on a slow network holds its place for as long as it reads, so many places.  As many
    # may wait: a request waits while its connection is made, and what comes within one turn of
    # the edge's loop (400 at once, measured) has none yet.
    MEDIA: (512, 512, 34),
}


def render_clusters(topology: EdgeTopology) -> list[Json]:
    """Render every group, with its endpoints by reference (`render_endpoints`)."""
    sizes = {name: len(topology.servers) for name in (APP, UPLOADS, DEFERRABLE)}
    sizes[MEDIA] = len(topology.media)
    return [_cluster(name, size=size) for name, size in sizes.items()]


def render_endpoints(topology: EdgeTopology) -> list[Json]:
    """Render the assignments that the groups refer to: `servers` and `media`."""
    return [
        _assignment(SERVERS, topology.servers),
        _assignment(MEDIA, topology.media),
    ]


def endpoints_file(name: str) -> str:
    """Name the file of one assignment: Envoy takes exactly one from each."""
    return f"endpoints-{name}.json"


def leave_out(text: str, servers: Collection[str]) -> str:
    """Return an endpoints file's text with these servers left out, and no others.

    They stay members: what they are working on goes on, and when too few others are well, Envoy
    asks everybody (the panic threshold).
    """
    document = json.loads(text)
    for entry in _entries(document):
        entry.pop("health_status", None)
        if address_of(entry["endpoint"]["address"]) in servers:
            entry["health_status"] = "UNHEALTHY"
    return json.dumps(document, indent=1) + "\n"


def without(text: str, servers: Collection[str]) -> str:
    """Return an endpoints file's text that knows nothing of these servers."""
    document = json.loads(text)
    for group in document["resources"][0]["endpoints"]:
        group["lb_endpoints"] = [
            entry
            for entry in group["lb_endpoints"]
            if address_of(entry["endpoint"]["address"]) not in servers
        ]
    return json.dumps(document, indent=1) + "\n"


def read_left_out(text: str) -> frozenset[str]:
    """Return who is left out in an endpoints file."""
    return frozenset(
        address_of(entry["endpoint"]["address"])
        for entry in _entries(json.loads(text))
        if "health_status" in entry
    )


def read_weights(text: str) -> dict[str, int]:
    """Return each server's address and weight in an endpoints file."""
    return {
        address_of(entry["endpoint"]["address"]): entry["load_balancing_weight"]
        for entry in _entries(json.loads(text))
    }


def address_of(address: Json) -> str:
    """Write an address of a file or of the admin page as `Endpoint.address` does."""
    place = address["socket_address"]
    return Endpoint(host=place["address"], port=place["port_value"]).address


def _entries(document: Json) -> list[Json]:
    groups = document["resources"][0]["endpoints"]
    return [entry for group in groups for entry in group["lb_endpoints"]]


def file_source(name: str) -> Json:
    """Refer to a file of the configuration directory; only a rename over it is noticed."""
    return {
        "resource_api_version": "V3",
        "initial_fetch_timeout": "5s",
        "path_config_source": {"path": name, "watched_directory": {"path": "."}},
    }


def _cluster(name: str, *, size: int) -> Json:
    requests, waiting, panic_percent = LIMITS[name]
    return {
        "@type": f"{TYPE}.config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "connect_timeout": CONNECT_TIMEOUT,
        "per_connection_buffer_limit_bytes": MEDIA_BUFFER_BYTES if name == MEDIA else BUFFER_BYTES,
        "eds_cluster_config": {
            "service_name": MEDIA if name == MEDIA else SERVERS,
            "eds_config": file_source(endpoints_file(MEDIA if name == MEDIA else SERVERS)),
        },
        "load_balancing_policy": _least_busy(),
        "common_lb_config": {
            "healthy_panic_threshold": {"value": panic_percent},
            # Default 1 s: later health changes would wait while requests go to a dead server.
            "update_merge_window": "0s",
        },
        "circuit_breakers": _circuit_breakers(requests=requests, waiting=waiting, size=size),
        "health_checks": [_health_check()],
        "outlier_detection": _outlier_detection(size=size),
        "typed_extension_protocol_options": _http1_options(),
    }


def _least_busy() -> Json:
    # All endpoints are looked at: with tens of them that costs nothing, and one that hangs
    # delayed 13 of 400 requests instead of 100 of 400 with round robin.
    return {
        "policies": [
            {
                "typed_extension_config": {
                    "name": "envoy.load_balancing_policies.least_request",
                    "typed_config": {
                        "@type": f"{TYPE}.extensions.load_balancing_policies"
                        ".least_request.v3.LeastRequest",
                        "selection_method": "FULL_SCAN",
                    },
                }
            }
        ]
    }


def _circuit_breakers(*, requests: int, waiting: int, size: int) -> Json:
    # 1024 waiting requests is Envoy's default: a hidden queue of many seconds.
    threshold = {
        "max_connections": requests * size,
        "max_requests": requests * size,
        "max_pending_requests": waiting,
        "track_remaining": True,
        # In flight, not per second: a fifth of the traffic, and enough for one dead server.
        "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 5},
    }
    return {
        "thresholds": [{"priority": "DEFAULT", **threshold}],
        "per_host_thresholds": [{"priority": "DEFAULT", "max_connections": requests}],
    }


def _health_check() -> Json:
    # Only whether somebody listens.  A busy or flapping server still takes connections, so a
    # storm of bad answers to checks removes nobody (decision 0016).
    return {
        "timeout": "1s",
        "interval": "2s",
        "interval_jitter_percent": 20,
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        # Defaults are 60 s: a quiet instance would notice a dead server a minute late.
        "no_traffic_interval": "2s",
        "no_traffic_healthy_interval": "2s",
        "unhealthy_interval": "0.5s",
        "unhealthy_edge_interval": "0.5s",
        "tcp_health_check": {},
    }


def _outlier_detection(*, size: int) -> Json:
    return {
        # Defaults react after 10 s and eject for 30 s and more: an outage of its own.
        "interval": "1s",
        "base_ejection_time": "5s",
        # Short: when all failed from one cause, its end must not find half of them still out.
        "max_ejection_time": "15s",
        "max_ejection_time_jitter": "1s",
        # Half at most: with two servers one, with one server none.
        "max_ejection_percent": 100 * (size // 2) // size,
        "always_eject_one_host": False,
        # `true` never ejected a server that accepts connections and drops them.
        "split_external_local_origin_errors": False,
        # A busy server answers 429, which does not count; 5xx in a row are real trouble.
        # Few: a server that fails at once looks idle, and would be given ever more.
        "consecutive_5xx": 5,
        "enforcing_consecutive_5xx": 100,
        # Nothing came back in time, or the connection broke: a server never means to do that.
        "consecutive_gateway_failure": 3,
        "enforcing_consecutive_gateway_failure": 100,
        # And one that fails most of the time, though never five times in a row.
        "failure_percentage_threshold": 60,
        "failure_percentage_minimum_hosts": 3,
        "failure_percentage_request_volume": 20,
        "enforcing_failure_percentage": 100,
        "enforcing_success_rate": 0,
        # Default true: one good probe would undo the ejection.
        "successful_active_health_check_uneject_host": False,
    }


def _http1_options() -> Json:
    return {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": f"{TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http_protocol_options": {}},
            "common_http_protocol_options": {"idle_timeout": "30s"},
        }
    }


def _assignment(name: str, endpoints: tuple[Endpoint, ...]) -> Json:
    return {
        "@type": f"{TYPE}.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": [_endpoint(endpoint) for endpoint in endpoints]}],
    }


def _endpoint(endpoint: Endpoint) -> Json:
    address = {"address": endpoint.host, "port_value": endpoint.port}
    return {
        "load_balancing_weight": endpoint.weight,
        "endpoint": {"address": {"socket_address": address}},
    }
