"""Which request goes where, how long it may take, and what may be tried again.

Read top to bottom: the first match wins.  Refusals come first, then slow kinds with
their own limits, then reads (tried once more elsewhere when a server breaks) and
writes (tried again only when provably nothing was begun).

A plain 5xx is never retried: the server did answer, and repeating its work while it
is in trouble is how a small failure becomes a large one.
"""

from typing import Any

from solstice.edge.clusters import APP, DEFERRABLE, MEDIA, TYPE, UPLOADS
from solstice.edge.topology import EdgeTopology
from solstice.edge.valves import VALVE_FILTER, render_valve

Json = dict[str, Any]

COMPRESSORS = ("zstd", "brotli", "gzip")
# Seconds to answer once the whole request has arrived; the servers' own deadline is 10 s.
READ_TIMEOUT = "5s"
# Five times the slowest answer at full load.  The first try goes on beside the second (hedging:
# Dean and Barroso, "The tail at scale", 2013), so a slow read is late and not lost.
READ_TRY_TIMEOUT = "0.8s"
WRITE_TIMEOUT = "12s"
DEFERRABLE_TIMEOUT = "2s"
# An export collects everything of an account; an original is half a gigabyte.
LONG_TIMEOUT = "120s"
# How long a phone in a tunnel may stay silent before its stream is given up.
UPLOAD_IDLE = "60s"
DOWNLOAD_IDLE = "30s"
IDLE = "30s"
UPLOAD_DURATION_MAX = "3600s"
INT64_MAX = 2**63 - 1

# Letters, digits and "-._~" never need escaping; whoever does it anyway wants to slip a path
# past a rule ("/%6detrics").  RFC 3986 section 2.3.
DISGUISED = r".*%(2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE]).*"


def render_routes(topology: EdgeTopology) -> Json:
    """Render the route table of the viewers' listeners."""
    host = {
        "name": "solstice",
        "domains": _domains(topology),
        "include_request_attempt_count": False,
        "routes": [*_refusals(topology), *_slow_kinds(), *_reads(), *_writes()],
    }
    if topology.public_name:
        stranger = {
            "name": "stranger",
            "domains": ["*"],
            "routes": [_refuse({"prefix": "/"}, status=421)],
        }
    return {
        "@type": f"{TYPE}.config.route.v3.RouteConfiguration",
        "name": "viewers",
        "virtual_hosts": [host, stranger] if topology.public_name else [host],
        "request_headers_to_add": [
            # Lets a server see how old a request is, hidden queues included.
            _set("x-request-start", "%START_TIME(%s.%3f)%"),
            # Exactly one address, the one that is known: limits per network count on it.
            _set("x-forwarded-for", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
        ],
        "response_headers_to_remove": ["server", "x-envoy-upstream-service-time"],
        **_transport_headers(topology),
    }


def render_redirects(topology: EdgeTopology) -> Json:
    """Render the table of the plain listener when there is TLS: everything moves to HTTPS."""
    redirect: Json = {"https_redirect": True, "port_redirect": topology.https_port}
    if topology.public_name:
        redirect["host_redirect"] = topology.public_name
    redirect["response_code"] = "PERMANENT_REDIRECT"
    return {
        "name": "redirects",
        "virtual_hosts": [
            {
                "name": "redirects",
                "domains": ["*"],
                "routes": [{"match": {"prefix": "/"}, "redirect": redirect}],
            }
        ],
    }


def _domains(topology: EdgeTopology) -> list[str]:
    if not topology.public_name:
        return ["*"]
    return [topology.public_name, f"{topology.public_name}:*"]


def _transport_headers(topology: EdgeTopology) -> Json:
    if topology.tls is None:
        return {}
    return {
        "response_headers_to_add": [
            _set("strict-transport-security", "max-age=31536000"),
            _set("alt-svc", f'h3=":{topology.https_port}"; ma=86400'),
        ]
    }


def _refusals(topology: EdgeTopology) -> list[Json]:
    too_large = {"start": topology.body_bytes_max + 1, "end": INT64_MAX}
    return [
        _refuse({"safe_regex": {"regex": DISGUISED}}, status=400),
        {
            "match": {"path": "/healthz/edge"},
            "direct_response": {"status": 200, "body": {"inline_string": "live\n"}},
        },
        _refuse({"path_separated_prefix": "/metrics"}, status=404),
        _refuse({"path_separated_prefix": "/healthz"}, status=404),
        _refuse(
            {"prefix": "/", "headers": [{"name": "content-length", "range_match": too_large}]},
            status=413,
        ),
    ]


def _slow_kinds() -> list[Json]:
    upload = {
        "cluster": UPLOADS,
        "timeout": "0s",
        "idle_timeout": UPLOAD_IDLE,
        "max_stream_duration": {"max_stream_duration": UPLOAD_DURATION_MAX},
    }
    return [
        _route(
            {"path_separated_prefix": "/media", "headers": [_method("GET|HEAD")]},
            {
                "cluster": MEDIA,
                "timeout": "0s",
                "idle_timeout": DOWNLOAD_IDLE,
                "retry_policy": _again_for_reads(),
            },
            kind="playback",
            compressed=False,
            valve="",
        ),
        _route(
            {"path_separated_prefix": "/media"},
            {"cluster": MEDIA, "timeout": READ_TIMEOUT},
            kind="playback",
            compressed=False,
            valve="",
        ),
        _route({"path_separated_prefix": "/v1/uploads"}, upload, kind="upload"),
        _route(
            {"safe_regex": {"regex": "/v1/videos/[^/]+/original"}},
            {"cluster": UPLOADS, "timeout": "0s", "idle_timeout": DOWNLOAD_IDLE},
            kind="download",
            compressed=False,
        ),
        _route(
            {"path": "/v1/me/export"},
            {"cluster": UPLOADS, "timeout": LONG_TIMEOUT, "idle_timeout": LONG_TIMEOUT},
            kind="download",
        ),
        _route(
            {"path": "/v1/beacons"},
            {"cluster": DEFERRABLE, "timeout": DEFERRABLE_TIMEOUT, "idle_timeout": IDLE},
            kind="deferrable",
        ),
    ]


def _reads() -> list[Json]:
    read = {
        "cluster": APP,
        "timeout": READ_TIMEOUT,
        "idle_timeout": IDLE,
        "retry_policy": {**_again_for_reads(), "per_try_timeout": READ_TRY_TIMEOUT},
        "hedge_policy": {"hedge_on_per_try_timeout": True},
    }
    is_read = [_method("GET|HEAD")]
    return [
        _route({"path_separated_prefix": "/v1/feed", "headers": is_read}, read, kind="playback"),
        _route({"prefix": "/", "headers": is_read}, read, kind="read"),
    ]


def _writes() -> list[Json]:
    write = {
        "cluster": APP,
        "timeout": WRITE_TIMEOUT,
        "idle_timeout": IDLE,
        "retry_policy": _again("connect-failure,refused-stream,reset-before-request"),
    }
    return [_route({"prefix": "/"}, write, kind="write")]


def _again_for_reads() -> Json:
    return _again("reset,connect-failure,refused-stream")


def _again(conditions: str) -> Json:
    return {
        "retry_on": conditions,
        "num_retries": 1,
        "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
        "host_selection_retry_max_attempts": 3,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": f"{TYPE}.extensions.retry.host.previous_hosts"
                    ".v3.PreviousHostsPredicate"
                },
            }
        ],
    }


def _route(
    match: Json, action: Json, *, kind: str, compressed: bool = True, valve: str | None = None
) -> Json:
    """Render a route; `valve` is the kind's own by default, empty for none."""
    filters = _unbuffered() if kind == "upload" else {}
    if not compressed:
        off = {
            "@type": f"{TYPE}.extensions.filters.http.compressor.v3.CompressorPerRoute",
            "disabled": True,
        }
        filters |= {f"compress-{name}": off for name in COMPRESSORS}
    if valve != "":
        filters[VALVE_FILTER] = render_valve(valve or kind)
    return {
        "match": match,
        "route": action,
        # Decided here by path, never believed from a client.
        "request_headers_to_add": [_set("x-solstice-class", kind)],
        "typed_per_filter_config": filters,
    }


def _refuse(match: Json, *, status: int) -> Json:
    # Refused before the body is awaited.
    return {
        "match": match,
        "direct_response": {"status": status},
        "typed_per_filter_config": _unbuffered(),
    }


def _unbuffered() -> Json:
    off = {"@type": f"{TYPE}.extensions.filters.http.buffer.v3.BufferPerRoute", "disabled": True}
    return {"buffer": off}


def _method(names: str) -> Json:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": names}}}


def _set(name: str, value: str) -> Json:
    return {
        "header": {"key": name, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
