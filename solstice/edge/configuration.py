"""The whole configuration of one edge as files, and the same merged into one for validation.

`envoy --mode validate` does not read the files that a bootstrap refers to.  The merged
form therefore holds everything statically: what passes there is what the files say.
"""

import json
import resource
from typing import Any

from solstice.edge.clusters import (
    TYPE,
    endpoints_file,
    file_source,
    render_clusters,
    render_endpoints,
)
from solstice.edge.listeners import render_listeners, render_metrics_listener
from solstice.edge.routes import render_routes
from solstice.edge.topology import EdgeTopology

Json = dict[str, Any]

ADMIN_SOCKET = "admin.sock"
CONNECTIONS_MAX = 20_000
"""Each with a request costs 20 KiB: all of them fit into the heap.  Fewer where the machine allows
fewer open files (`_connections_max`)."""
FILES_RESERVED = 2048
"""For connections to what stands behind, and for Envoy's own files."""
HEAP_BYTES_MAX = 512 * 1024 * 1024
ADMIN_PAGES = (
    {"exact": "/ready"},
    {"prefix": "/stats"},
    {"prefix": "/clusters"},
    {"prefix": "/config_dump"},
    {"exact": "/server_info"},
    {"prefix": "/healthcheck/"},
    {"prefix": "/drain_listeners"},
)


def render_files(topology: EdgeTopology) -> dict[str, str]:
    """Render every file of the configuration directory: name → JSON text."""
    documents = {
        "rds.json": _resources([render_routes(topology)]),
        **{
            endpoints_file(assignment["cluster_name"]): _resources([assignment])
            for assignment in render_endpoints(topology)
        },
        "cds.json": _resources(render_clusters(topology)),
        "lds.json": _resources(render_listeners(topology)),
        "bootstrap.json": render_bootstrap(topology),
    }
    if topology.tls:
        documents = {"sds.json": _resources([_certificate(topology)]), **documents}
    return {name: json.dumps(document, indent=1) + "\n" for name, document in documents.items()}


def render_bootstrap(topology: EdgeTopology) -> Json:
    """Render what Envoy reads once: where the files are, the admin socket, its own limits."""
    return {
        "node": {"id": "edge", "cluster": "edge"},
        "admin": {
            "address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}},
            "allow_paths": list(ADMIN_PAGES),
        },
        "dynamic_resources": {
            "cds_config": file_source("cds.json"),
            "lds_config": file_source("lds.json"),
        },
        "static_resources": {
            "clusters": [_admin_cluster()],
            "listeners": [render_metrics_listener(topology)],
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "base",
                    "static_layer": {
                        # A server that does not accept connections must not look idle.
                        "envoy.reloadable_features.least_request_lb_count_pending_requests": True,
                        # Rapid reset (CVE-2023-44487): a connection is ended when more than half
                        # of its first 200 streams lived less than a second; the default is 500.
                        "overload.premature_reset_total_stream_count": 200,
                        # Default: all that one read brings, before anybody else has a turn.
                        "http.max_requests_per_io_cycle": 8,
                    },
                }
            ]
        },
        "overload_manager": _overload_manager(),
        # A spinning event loop is killed, so that the supervisor restarts it (Bilibili, 2021).
        "watchdogs": {"main_thread_watchdog": _watchdog(), "worker_watchdog": _watchdog()},
    }


def _watchdog() -> Json:
    # Envoy looks as often as the smallest of these: every 0.2 s by default, for each thread and
    # its dog, which is half of all that wakes an idle edge.  9 s and one look make at most 10.
    return {"miss_timeout": "1s", "megamiss_timeout": "2s", "kill_timeout": "9s"}


def render_merged(topology: EdgeTopology) -> str:
    """Render one static document that `envoy --mode validate` can judge as a whole."""
    document = render_bootstrap(topology)
    del document["dynamic_resources"]
    endpoints = {entry["cluster_name"]: entry for entry in render_endpoints(topology)}
    for cluster in render_clusters(topology):
        service = cluster.pop("eds_cluster_config")["service_name"]
        cluster |= {"type": "STATIC", "load_assignment": _plain(endpoints[service])}
        cluster["load_assignment"]["cluster_name"] = cluster["name"]
        document["static_resources"]["clusters"].append(_plain(cluster))
    for listener in render_listeners(topology):
        _inline_references(listener, topology)
        document["static_resources"]["listeners"].append(_plain(listener))
    return json.dumps(document)


def _inline_references(value: Any, topology: EdgeTopology) -> None:
    """Put routes and certificates where the listener only names their files."""
    if isinstance(value, list):
        for item in value:
            _inline_references(item, topology)
    elif isinstance(value, dict):
        if value.pop("rds", None):
            value["route_config"] = _plain(render_routes(topology))
        if value.pop("tls_certificate_sds_secret_configs", None) and topology.tls:
            value["tls_certificates"] = [_certificate(topology)["tls_certificate"]]
        for item in value.values():
            _inline_references(item, topology)


def _plain(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key != "@type"}


def _resources(resources: list[Json]) -> Json:
    return {"resources": resources}


def _certificate(topology: EdgeTopology) -> Json:
    if topology.tls is None:
        raise ValueError("an edge without TLS has no certificate")
    certificate, key = topology.tls.certificate.resolve(), topology.tls.key.resolve()
    return {
        "@type": f"{TYPE}.extensions.transport_sockets.tls.v3.Secret",
        "name": "certificate",
        "tls_certificate": {
            "certificate_chain": {"filename": str(certificate)},
            "private_key": {"filename": str(key)},
            # A renewed certificate is taken up without a restart.
            "watched_directory": {"path": str(certificate.parent)},
        },
    }


def _admin_cluster() -> Json:
    endpoint = {"endpoint": {"address": {"pipe": {"path": ADMIN_SOCKET}}}}
    return {
        "name": "admin",
        "type": "STATIC",
        "connect_timeout": "0.5s",
        "load_assignment": {
            "cluster_name": "admin",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _overload_manager() -> Json:
    heap, connections = (
        "envoy.resource_monitors.fixed_heap",
        "envoy.resource_monitors.global_downstream_max_connections",
    )
    return {
        "refresh_interval": "0.25s",
        # Streams that hold 128 KiB and more are known by size, and the largest are reset first:
        # clients that never read, and bodies that never end.
        "buffer_factory_config": {"minimum_account_to_track_power_of_two": 17},
        "resource_monitors": [
            {
                "name": heap,
                "typed_config": {
                    "@type": f"{TYPE}.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
                    "max_heap_size_bytes": HEAP_BYTES_MAX,
                },
            },
            {
                "name": connections,
                "typed_config": {
                    "@type": f"{TYPE}.extensions.resource_monitors"
                    ".downstream_connections.v3.DownstreamConnectionsConfig",
                    "max_active_downstream_connections": _connections_max(),
                },
            },
        ],
        "actions": _actions(heap),
    }


def _actions(heap: str) -> list[Json]:
    return [
        {
            "name": "envoy.overload_actions.reduce_timeouts",
            "triggers": [{"name": heap, "scaled": _between(0.3, 0.75)}],
            "typed_config": {
                "@type": f"{TYPE}.config.overload.v3.ScaleTimersOverloadActionConfig",
                "timer_scale_factors": [
                    {"timer": "HTTP_DOWNSTREAM_CONNECTION_IDLE", "min_timeout": "2s"},
                    {"timer": "HTTP_DOWNSTREAM_STREAM_IDLE", "min_timeout": "3s"},
                ],
            },
        },
        {
            "name": "envoy.overload_actions.reset_high_memory_stream",
            "triggers": [{"name": heap, "scaled": _between(0.75, 0.95)}],
        },
        {
            "name": "envoy.overload_actions.shrink_heap",
            "triggers": [{"name": heap, "threshold": {"value": 0.85}}],
        },
        {
            "name": "envoy.overload_actions.disable_http_keepalive",
            "triggers": [{"name": heap, "threshold": {"value": 0.92}}],
        },
        {
            "name": "envoy.overload_actions.stop_accepting_requests",
            "triggers": [
                {
                    "name": heap,
                    "scaled": _between(0.93, 0.98),
                }
            ],
        },
    ]


def _between(scaling: float, saturation: float) -> Json:
    return {"scaling_threshold": scaling, "saturation_threshold": saturation}


def _connections_max() -> int:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return max(1024, min(CONNECTIONS_MAX, files - FILES_RESERVED))
