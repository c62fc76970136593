"""Valves: how much of each class of requests the edge lets through, as token buckets.

A bucket bounds a rate by itself, so a spike is cut before anybody has measured it, and it lets
everything through the moment less than its rate arrives: nothing has to be opened again.  Open
means a rate that no machine of ours reaches.  The rates stand in the route file; Envoy takes a
new one within milliseconds.
"""

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

VALVE_FILTER = "valve"
OPEN_PER_S = 100_000.0
VALVES = ("playback", "write", "read", "upload", "download", "deferrable")
"""The most important first; the last is closed first (decision 0014)."""
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
_FILL_S = 0.05
_BURST_FILLS = 2
_PREFIX = "valve_"


def render_valve_filter() -> Json:
    """Render the filter that looks at the route's valve; a route without one is not bounded."""
    return {
        "name": VALVE_FILTER,
        "typed_config": {"@type": _TYPE, "stat_prefix": VALVE_FILTER},
    }


def render_valve(name: str, per_s: float = OPEN_PER_S) -> Json:
    """Render one valve that lets through `per_s` requests a second."""
    always = {"default_value": {"numerator": 100}}
    return {
        "@type": _TYPE,
        "stat_prefix": _PREFIX + name,
        "token_bucket": _bucket(per_s),
        "filter_enabled": always,
        "filter_enforced": always,
    }


def set_valves(routes: str, rates: Mapping[str, float]) -> str:
    """Return a route file's text with these rates; classes that are not named stay."""
    document = json.loads(routes)
    for resource in document["resources"]:
        for host in resource["virtual_hosts"]:
            for route in host["routes"]:
                valve = route.get("typed_per_filter_config", {}).get(VALVE_FILTER)
                name = valve["stat_prefix"].removeprefix(_PREFIX) if valve else ""
                if name in rates:
                    valve["token_bucket"] = _bucket(rates[name])
    return json.dumps(document, indent=1) + "\n"


def read_offered(text: str) -> dict[str, int]:
    """Read a statistics page: valve → requests that came to it since Envoy started."""
    counts = dict.fromkeys(VALVES, 0)
    for entry in json.loads(text)["stats"]:
        name, _, what = entry.get("name", "").removeprefix(_PREFIX).partition(".")
        if name in counts and what == "http_local_rate_limit.enabled":
            counts[name] = entry["value"]
    return counts


def _bucket(per_s: float) -> Json:
    # Below 20 a second one token is longer in coming than Envoy's shortest interval.
    interval_s = max(_FILL_S, 1 / per_s)
    tokens = max(1, round(per_s * interval_s))
    return {
        "max_tokens": tokens * _BURST_FILLS,
        "tokens_per_fill": tokens,
        "fill_interval": f"{interval_s:.3f}s",
    }
