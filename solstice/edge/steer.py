"""The process that looks after one edge: mends its files, steers its valves, watches for skew.

    solstice steer                                            beside `solstice up`
    python -m solstice.edge.steer DIRECTORY [--metrics-port]   beside any edge: it needs only the
                                                              directory that was published into

It reads the servers from the published endpoints and asks each `GET /healthz/load`.  It only
ever writes complete files; when it dies, or servers do not answer it, the edge stays as it is.
"""

import argparse
import json
import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Gauge, start_http_server

from solstice.edge.admin import ask_admin
from solstice.edge.clusters import APP, SERVERS, endpoints_file
from solstice.edge.last_good import (
    LAST_GOOD,
    mend,
    read_last_good,
    replace,
    unless_publishing,
)
from solstice.edge.skew import find_skew
from solstice.edge.steering import Steering, Window, differ
from solstice.edge.valves import read_offered, set_valves
from solstice.kit.metrics import REGISTRY

BUSY_PAUSE_S = 0.25
IDLE_PAUSE_S = 0.9
IDLE_PER_S = 20.0
"""Below this nothing can be overloaded that we know of, and asking would be most of the load."""
SERVER_DEADLINE_S = 0.15
SILENT_PAUSE_S = 1.0
SKEW_WINDOW_S = 1.0
ROUTES = "rds.json"
_VALVES_FILTER = r"^valve_.*\.enabled$"
_LOG = logging.getLogger("solstice.edge.steer")

MENDED = Counter(
    "solstice_edge_mended_total", "Files put back after an accident", ("file",), registry=REGISTRY
)
SKEWED = Counter(
    "solstice_edge_skewed_total", "Windows in which a server got too much", registry=REGISTRY
)
VALVE = Gauge(
    "solstice_edge_valve", "Requests a second let through, by class", ("name",), registry=REGISTRY
)
UNANSWERED = Counter(
    "solstice_edge_load_unanswered_total", "Servers that did not tell their load", registry=REGISTRY
)

Counts = tuple[int, int]


@dataclass(slots=True)
class Steersman:
    """What is remembered from one look to the next."""

    directory: Path
    steering: Steering = field(default_factory=Steering)
    rates: dict[str, float] = field(default_factory=dict)
    _at_s: float = field(default_factory=time.monotonic)
    _loads: dict[str, Counts] = field(default_factory=dict)
    _offered: dict[str, int] = field(default_factory=dict)
    _silent_until_s: dict[str, float] = field(default_factory=dict)
    _skew_at_s: float = 0.0
    _got: dict[str, int] = field(default_factory=dict)

    def look(self) -> float:
        """Mend, steer, watch; return how long to wait before the next look."""
        for name in mend(self.directory):
            MENDED.labels(name).inc()
            _LOG.error("%s was not what was published; put back from %s", name, LAST_GOOD)
        page = ask_admin(self.directory, f"/stats?format=json&filter={_VALVES_FILTER}")
        if page is None:
            return BUSY_PAUSE_S
        now_s, counts = time.monotonic(), read_offered(page)
        since_s, self._at_s = now_s - self._at_s, now_s
        offered = {
            name: _rate(count, self._offered.get(name, 0), since_s)
            for name, count in counts.items()
        }
        is_first, self._offered = not self._offered, counts
        if is_first or sum(offered.values()) < IDLE_PER_S:
            self._loads.clear()
            return IDLE_PAUSE_S
        weights = read_weights(self.directory)
        servers = self._ask_servers(weights, since_s)
        rates = self.steering.decide(Window(servers=servers, offered=offered))
        if rates is not None and differ(rates, self.rates):
            self._tell(rates)
        if now_s - self._skew_at_s >= SKEW_WINDOW_S:
            self._skew_at_s = now_s
            self._watch_skew(weights)
        return BUSY_PAUSE_S

    def _ask_servers(
        self, weights: dict[str, int], since_s: float
    ) -> dict[str, tuple[float, float]]:
        """Ask who answered last time; one that stays silent is left alone for a second."""
        found: dict[str, tuple[float, float]] = {}
        for server in weights:
            if self._silent_until_s.get(server, 0.0) > time.monotonic():
                continue
            counts = ask_load(server)
            before = self._loads.pop(server, None)
            if counts is None:
                UNANSWERED.inc()
                self._silent_until_s[server] = time.monotonic() + SILENT_PAUSE_S
                continue
            self._loads[server] = counts
            if before is not None and since_s > 0:
                found[server] = tuple(
                    _rate(a, b, since_s) for a, b in zip(counts, before, strict=True)
                )  # type: ignore[assignment]
        return found

    def _tell(self, rates: dict[str, float]) -> None:
        """Put new rates into the routes, the kept ones first: live and kept never contradict."""
        with unless_publishing(self.directory) as is_ours:
            good = read_last_good(self.directory).get(ROUTES) if is_ours else None
            if good is None:
                return
            text = set_valves(good, rates)
            replace(self.directory / LAST_GOOD / ROUTES, text)
            replace(self.directory / ROUTES, text)
        self.rates = rates
        for name, per_s in rates.items():
            VALVE.labels(name).set(per_s)

    def _watch_skew(self, weights: dict[str, int]) -> None:
        got, healthy = read_endpoint_counts(self.directory)
        delta = {server: count - self._got.get(server, count) for server, count in got.items()}
        self._got = got
        well = {server: weight for server, weight in weights.items() if server in healthy}
        if excesses := find_skew(delta, well):
            SKEWED.inc()
            _LOG.error(
                "skew: %s times their share though weights are as published: is another slow?",
                excesses,
            )


def read_weights(directory: Path) -> dict[str, int]:
    """Return each server's address and published weight."""
    text = read_last_good(directory).get(endpoints_file(SERVERS))
    if text is None:
        return {}
    groups = json.loads(text)["resources"][0]["endpoints"]
    return {
        _address(entry["endpoint"]["address"]): entry["load_balancing_weight"]
        for group in groups
        for entry in group["lb_endpoints"]
    }


def read_endpoint_counts(directory: Path) -> tuple[dict[str, int], set[str]]:
    """Return how many requests the edge gave to each server, and which are well."""
    text = ask_admin(directory, "/clusters?format=json")
    got: dict[str, int] = {}
    healthy = set()
    for cluster in json.loads(text)["cluster_statuses"] if text else ():
        if cluster["name"] != APP:
            continue
        for host in cluster.get("host_statuses", ()):
            address = _address(host["address"])
            stats = {entry["name"]: int(entry.get("value", 0)) for entry in host["stats"]}
            got[address] = stats.get("rq_total", 0)
            health = host.get("health_status", {})
            if not set(health) - {"eds_health_status"}:
                healthy.add(address)
    return got, healthy


def ask_load(server: str) -> Counts | None:
    """Ask a server how much it admitted and refused since it started; None when it is silent."""
    connection = HTTPConnection(server, timeout=SERVER_DEADLINE_S)
    try:
        connection.request("GET", "/healthz/load")
        response = connection.getresponse()
        body = response.read(65536)
        if response.status != 200:  # noqa: PLR2004  HTTP's own number
            return None
        load = json.loads(body)
        return sum(load["admitted"].values()), sum(load["refused"].values())
    except (OSError, HTTPException, ValueError, KeyError, AttributeError, TypeError):
        return None
    finally:
        connection.close()


def run_steering(directory: Path, *, metrics_port: int = 0) -> None:
    """Look after the edge of this directory until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if metrics_port:
        start_http_server(metrics_port, addr="127.0.0.1", registry=REGISTRY)
    steersman = Steersman(directory)
    pause_s = 0.0
    while not stop.wait(pause_s):
        try:
            pause_s = steersman.look()
        except (OSError, ValueError, KeyError, TypeError):
            # Fail static: whatever was not understood changes nothing.
            _LOG.exception("a look failed; the edge stays as it is")
            pause_s = BUSY_PAUSE_S


def _rate(count: int, before: int, since_s: float) -> float:
    # A counter that went back belongs to a process that started anew.
    return max(0, count - before) / since_s if since_s > 0 else 0.0


def _address(address: dict[str, Any]) -> str:
    place = address["socket_address"]
    host = place["address"]
    return f"[{host}]:{place['port_value']}" if ":" in host else f"{host}:{place['port_value']}"


def main() -> None:
    """Run beside an edge that something else started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--metrics-port", type=int, default=0)
    chosen = parser.parse_args()
    run_steering(chosen.directory, metrics_port=chosen.metrics_port)


if __name__ == "__main__":
    main()
