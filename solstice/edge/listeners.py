"""How viewers connect: plain HTTP, or HTTPS over TCP and QUIC, and the read-only metrics page.

Every connection is untrusted: what a client claims about itself (forwarded addresses,
request ids, our own internal headers) is removed before anything looks at it.
"""

from typing import Any

from solstice.edge.clusters import BUFFER_BYTES, TYPE, file_source
from solstice.edge.replies import render_local_replies
from solstice.edge.routes import COMPRESSORS, render_redirects
from solstice.edge.topology import EdgeTopology
from solstice.edge.valves import render_valve_filter

Json = dict[str, Any]

FILTERS = f"{TYPE}.extensions.filters"
HEADERS_KIB_MAX = 32
BUFFERED_BYTES_MAX = 6 * 1024 * 1024
"""Above the largest body that is no upload: a profile picture of 5 MiB."""
COMPRESSED_TYPES = (
    "text/html",
    "text/css",
    "text/plain",
    "text/vtt",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/problem+json",
    "application/manifest+json",
    "image/svg+xml",
)
COMPRESSED_BYTES_MIN = 512
COMPRESSOR_SETTINGS: dict[str, Json] = {
    # Levels for answers made per request: beyond these the CPU costs more than the bytes save.
    "zstd": {"compression_level": 3},
    "brotli": {"quality": 4},
    "gzip": {"compression_level": "COMPRESSION_LEVEL_4", "memory_level": 8, "window_bits": 15},
}
# Every flag of Envoy's that means a failure; being busy is none.
TROUBLE_FLAGS = [
    *("LH", "UH", "UT", "LR", "UR", "UF", "UC", "NR", "DI", "FI", "DC", "URX"),
    *("SI", "IH", "DPE", "UPE", "UMSDR", "NC", "DT", "DO"),
]
# Never believed from outside.  The edge makes its own request id and forwarded address.
FORGED_PREFIXES = ("x-solstice-", "x-request-", "x-real-ip", "x-envoy-")
FORWARDED = ("forwarded", "x-forwarded-")


def render_listeners(topology: EdgeTopology) -> list[Json]:
    """Render the listeners for viewers."""
    if topology.tls is None:
        return [_tcp("plain", topology, port=topology.port, manager=_viewers(topology))]
    redirecting = _manager(topology, name="redirect") | {
        "route_config": render_redirects(topology),
        "http_filters": [_router()],
    }
    return [
        _tcp("redirect", topology, port=topology.port, manager=redirecting),
        _tcp("secure", topology, port=topology.https_port, manager=_viewers(topology)),
        _quic(topology),
    ]


def render_metrics_listener(topology: EdgeTopology) -> Json:
    """Render the page for the metrics collector, on loopback, alive under any overload."""
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "metrics",
        "http_filters": [_router()],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "metrics",
                    "domains": ["*"],
                    "routes": [
                        _to_admin("/metrics", "/stats/prometheus?usedonly"),
                        _to_admin("/healthz/live", "/ready"),
                        _to_admin("/healthz/ready", "/ready"),
                    ],
                }
            ]
        },
    }
    return {
        "name": "metrics",
        "address": _socket("127.0.0.1", topology.metrics_port),
        "ignore_global_conn_limit": True,
        "bypass_overload_manager": True,
        "filter_chains": [{"filters": [_as_filter(manager)]}],
    }


def _to_admin(path: str, rewritten: str) -> Json:
    return {
        "match": {"path": path},
        "route": {"cluster": "admin", "prefix_rewrite": rewritten, "timeout": "5s"},
    }


def _tcp(name: str, topology: EdgeTopology, *, port: int, manager: Json) -> Json:
    chain: Json = {"filters": [_as_filter(manager)]}
    if name == "secure":
        chain["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": _tls_context(alpn=["h2", "http/1.1"]),
        }
        # A client that never finishes its handshake must not hold a socket.
        chain["transport_socket_connect_timeout"] = "5s"
    return {
        "@type": f"{TYPE}.config.listener.v3.Listener",
        "name": name,
        "address": _socket(topology.address, port),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "tcp_backlog_size": 1024,
        "filter_chains": [chain],
    }


def _quic(topology: EdgeTopology) -> Json:
    manager = _viewers(topology) | {"codec_type": "HTTP3", "http3_protocol_options": {}}
    manager.pop("http2_protocol_options")
    return {
        "@type": f"{TYPE}.config.listener.v3.Listener",
        "name": "quic",
        "address": _socket(topology.address, topology.https_port, protocol="UDP"),
        "udp_listener_config": {
            "quic_options": {
                "quic_protocol_options": {"max_concurrent_streams": 64},
                "idle_timeout": "60s",
                "crypto_handshake_timeout": "5s",
            },
            "downstream_socket_config": {"prefer_gro": True},
        },
        "filter_chains": [
            {
                "filters": [_as_filter(manager)],
                "transport_socket": {
                    "name": "envoy.transport_sockets.quic",
                    "typed_config": {
                        "@type": f"{TYPE}.extensions.transport_sockets"
                        ".quic.v3.QuicDownstreamTransport",
                        "downstream_tls_context": {
                            key: value
                            for key, value in _tls_context(alpn=["h3"]).items()
                            if key != "@type"
                        },
                    },
                },
            }
        ],
    }


def _tls_context(*, alpn: list[str]) -> Json:
    return {
        "@type": f"{TYPE}.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": alpn,
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificate_sds_secret_configs": [
                {"name": "certificate", "sds_config": file_source("sds.json")}
            ],
        },
    }


def _viewers(topology: EdgeTopology) -> Json:
    return _manager(topology, name="viewers") | {
        "rds": {"route_config_name": "viewers", "config_source": file_source("rds.json")},
        "http_filters": [
            render_valve_filter(),
            _buffer(),
            *(_compressor(name) for name in COMPRESSORS),
            _router(),
        ],
        "access_log": [_access_log()],
    }


def _manager(topology: EdgeTopology, *, name: str) -> Json:
    return {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "server_header_transformation": "PASS_THROUGH",
        "use_remote_address": True,
        "xff_num_trusted_hops": topology.trusted_proxy_hops,
        "generate_request_id": True,
        "always_set_request_id_in_response": True,
        "early_header_mutation_extensions": [_forget_claims(topology)],
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "strip_trailing_host_dot": True,
        "max_request_headers_kb": HEADERS_KIB_MAX,
        # Off by default: a client that never ends its headers would hold a connection.
        "request_headers_timeout": "5s",
        # Uploads may take an hour; their routes bound silence and total instead.
        "request_timeout": "0s",
        # Default 5 min.
        "stream_idle_timeout": "30s",
        "drain_timeout": "5s",
        # Default 1 s: every refused HTTP/1.1 client would hold its socket that long.
        "delayed_close_timeout": "0.2s",
        "common_http_protocol_options": {
            # Default 1 h.
            "idle_timeout": "60s",
            # Lets load even out again after a failure; streams in flight are finished first.
            "max_connection_duration": "900s",
            "max_headers_count": 100,
            # "x_forwarded_for" and "x-forwarded-for" become one in many servers behind us.
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 64,
            # 1 MiB in flight per stream: 64 KiB would hold an upload below 1 MB/s at 60 ms.
            "initial_stream_window_size": 1024 * 1024,
            "initial_connection_window_size": 2 * 1024 * 1024,
            "max_outbound_frames": 10_000,
            "max_outbound_control_frames": 1000,
        },
        "local_reply_config": render_local_replies(),
    }


def _forget_claims(topology: EdgeTopology) -> Json:
    forgotten = [*FORGED_PREFIXES, *(() if topology.trusted_proxy_hops else FORWARDED)]
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {
            "@type": f"{TYPE}.extensions.http.early_header_mutation"
            ".header_mutation.v3.HeaderMutation",
            "mutations": [
                {"remove_on_match": {"key_matcher": {"prefix": prefix, "ignore_case": True}}}
                for prefix in forgotten
            ],
        },
    }


def _buffer() -> Json:
    # A body that dribbles in must not hold a server's slot meanwhile; uploads have their own
    # (`routes.py` switches this off for them).
    return {
        "name": "buffer",
        "typed_config": {
            "@type": f"{FILTERS}.http.buffer.v3.Buffer",
            "max_request_bytes": BUFFERED_BYTES_MAX,
        },
    }


def _compressor(name: str) -> Json:
    return {
        "name": f"compress-{name}",
        "typed_config": {
            "@type": f"{FILTERS}.http.compressor.v3.Compressor",
            "choose_first": True,
            "response_direction_config": {
                "common_config": {
                    "min_content_length": COMPRESSED_BYTES_MIN,
                    "content_type_matcher": [
                        {"prefix": name, "ignore_case": True} for name in COMPRESSED_TYPES
                    ],
                },
                # Without it Envoy drops strong validators, and browsers fetch everything again.
                "weaken_etag_on_compress": True,
                "uncompressible_response_codes": [206],
            },
            "compressor_library": {
                "name": name,
                "typed_config": {
                    "@type": f"{TYPE}.extensions.compression.{name}"
                    f".compressor.v3.{name.capitalize()}",
                    **COMPRESSOR_SETTINGS[name],
                },
            },
        },
    }


def _access_log() -> Json:
    """Log trouble, and one request in a hundred; the servers log each request themselves.

    No address and no query: what a person watches stays out of the edge's files.
    """
    status = {"comparison": {"op": "GE", "value": {"default_value": 500, "runtime_key": "-"}}}
    share = {"percent_sampled": {"numerator": 1}, "runtime_key": "log.sample"}
    return {
        "name": "envoy.access_loggers.stdout",
        "filter": {
            "or_filter": {
                "filters": [
                    # Refusals by the thousand would cost more than they are worth in the log.
                    {"response_flag_filter": {"flags": TROUBLE_FLAGS}},
                    {"status_code_filter": status},
                    {"runtime_filter": share},
                ]
            }
        },
        "typed_config": {
            "@type": f"{TYPE}.extensions.access_loggers.stream.v3.StdoutAccessLog",
            "log_format": {
                "json_format": {
                    "timestamp": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
                    "level": "info",
                    "process": "edge",
                    "event": "request",
                    "request_id": "%REQ(X-REQUEST-ID)%",
                    "method": "%REQ(:METHOD)%",
                    "path": "%PATH(NQ:ORIG_OR_PATH):256%",
                    "protocol": "%PROTOCOL%",
                    "class": "%REQ(X-SOLSTICE-CLASS)%",
                    "status": "%RESPONSE_CODE%",
                    "detail": "%RESPONSE_CODE_DETAILS%",
                    "flags": "%RESPONSE_FLAGS%",
                    "duration_ms": "%DURATION%",
                    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
                    "endpoint": "%UPSTREAM_HOST%",
                    "received_bytes": "%BYTES_RECEIVED%",
                    "sent_bytes": "%BYTES_SENT%",
                }
            },
        },
    }


def _router() -> Json:
    # Upstreams learn what remains of the route's timeout from x-envoy-expected-rq-timeout-ms.
    return {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router"},
    }


def _as_filter(manager: Json) -> Json:
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}


def _socket(address: str, port: int, *, protocol: str = "TCP") -> Json:
    place = {"address": address, "port_value": port, "protocol": protocol}
    return {"socket_address": place}
