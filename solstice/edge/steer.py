"""The process that looks after one edge: mends its files, steers its valves, watches its servers.

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
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from prometheus_client import Counter, Gauge, start_http_server

from solstice.edge.admin import ask_admin
from solstice.edge.clusters import (
    APP,
    SERVERS,
    address_of,
    endpoints_file,
    leave_out,
    read_left_out,
    read_weights,
    without,
)
from solstice.edge.isolation import PEERS_MIN, Isolation, Look, Tally
from solstice.edge.last_good import (
    LAST_GOOD,
    change,
    mend,
    read_kept,
    replace,
    unless_publishing,
)
from solstice.edge.readmission import Readmission
from solstice.edge.skew import find_skew
from solstice.edge.steering import Steering, Window, differ
from solstice.edge.valves import read_offered, set_valves
from solstice.kit.metrics import REGISTRY

BUSY_PAUSE_S = 0.25
IDLE_PAUSE_S = 0.9
IDLE_PER_S = 20.0
"""Below this nothing can be overloaded that we know of, and asking would be most of the load."""
SERVER_DEADLINE_S = 0.15
PAGE = "/v1/feed/for-you"
PAGE_DEADLINE_S = 0.5
"""A page of a server that was not asked for a while: its memory may have to be read again."""
SILENT_PAUSE_S = 1.0
SKEW_WINDOW_S = 1.0
TAKEN_S_MAX = 0.3
"""Envoy takes a new list of endpoints within some milliseconds."""
ROUTES, ENDPOINTS = "rds.json", endpoints_file(SERVERS)
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
LEFT_OUT = Counter(
    "solstice_edge_left_out_total", "Times a server was left out", ("server",), registry=REGISTRY
)
READMITTED = Counter(
    "solstice_edge_readmitted_total",
    "Times a server that was silent was let back before its term",
    ("server",),
    registry=REGISTRY,
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
    isolation: Isolation = field(default_factory=Isolation)
    readmission: Readmission = field(default_factory=Readmission)
    rates: dict[str, float] = field(default_factory=dict)
    _at_s: float = field(default_factory=time.monotonic)
    _loads: dict[str, Counts] = field(default_factory=dict)
    _offered: dict[str, int] = field(default_factory=dict)
    _silent_until_s: dict[str, float] = field(default_factory=dict)
    _skew_at_s: float = 0.0
    _got: dict[str, int] = field(default_factory=dict)
    _is_new: bool = True

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
        endpoints = read_kept(ENDPOINTS, directory=self.directory)
        weights = read_weights(endpoints) if endpoints else {}
        marked = read_left_out(endpoints) if endpoints else frozenset()
        if self._is_new:
            self.isolation.adopt(marked, now_s=now_s)
            self._is_new = False
        if is_first or sum(offered.values()) < IDLE_PER_S:
            self._loads.clear()
            self._let_back(weights, marked, now_s=now_s)
            return IDLE_PAUSE_S
        servers = self._ask_servers(weights, since_s)
        steered = {name: rates for name, rates in servers.items() if name not in marked}
        rates = self.steering.decide(Window(servers=steered, offered=offered))
        if rates is not None and differ(rates, self.rates):
            self._tell(rates)
        # Who refuses is quick, so the least busy choice gives it more: an overload is no skew.
        is_overload = bool(steered) and all(refused > 0 for _, refused in steered.values())
        self._watch_servers(weights, marked, is_overload=is_overload)
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
            self._silent_until_s.pop(server, None)
            self._loads[server] = counts
            if before is not None and since_s > 0:
                found[server] = tuple(
                    _rate(a, b, since_s) for a, b in zip(counts, before, strict=True)
                )  # type: ignore[assignment]
        return found

    def _watch_servers(
        self, weights: dict[str, int], marked: frozenset[str], *, is_overload: bool
    ) -> None:
        is_skew_due = time.monotonic() - self._skew_at_s >= SKEW_WINDOW_S
        # Two are never judged beside each other.
        is_judging = len(weights) > PEERS_MIN or self.readmission.is_waiting
        if not is_judging and not is_skew_due:
            return
        tallies, now_s = read_tallies(self.directory), time.monotonic()
        look = Look(
            at_s=now_s, tallies=tallies, silent=frozenset(tallies.keys() & self._silent_until_s)
        )
        if finding := self.isolation.judge(look):
            LEFT_OUT.labels(finding.server).inc()
            _LOG.error("%s is left out: it %s", finding.server, finding.reason)
        self._let_back(weights, marked, now_s=now_s, silent=look.silent_alone)
        ejected = [name for name, tally in tallies.items() if not tally.is_well]
        if back := self.readmission.decide(left_out=ejected, silent=look.silent, now_s=now_s):
            self._readmit(back)
        if is_skew_due:
            self._skew_at_s = now_s
            self._watch_skew(weights, tallies, is_overload=is_overload)

    def _let_back(
        self,
        weights: dict[str, int],
        marked: frozenset[str],
        *,
        now_s: float,
        silent: frozenset[str] = frozenset(),
    ) -> None:
        """End the terms that are over, and write down who is left out if the file says else."""
        due = self.isolation.list_due(now_s=now_s)
        ill = {server for server in due if server not in silent and not makes_page(server)}
        for server in self.isolation.release(now_s=now_s, silent=silent | ill):
            _LOG.warning("%s is let back", server)
        left_out = self.isolation.left_out & weights.keys()
        if left_out != marked:
            change(ENDPOINTS, lambda text: leave_out(text, left_out), directory=self.directory)

    def _readmit(self, servers: list[str]) -> None:
        """Have Envoy forget these servers and meet them anew: nothing else ends its ejections.

        Envoy goes on with whoever is missing in a new list, unless the list before said that they
        are unhealthy.  Only the file in use changes: were we killed in between, the kept one would
        be put back over it.
        """
        with unless_publishing(self.directory) as is_ours:
            good = read_kept(ENDPOINTS, directory=self.directory) if is_ours else None
            if good is None or read_weights(good).keys() <= set(servers):
                return
            marked = leave_out(good, read_left_out(good).union(servers))
            self._show(
                marked, lambda now: all(now[name].is_left_out for name in now.keys() & servers)
            )
            self._show(without(good, servers), lambda now: not now.keys() & servers)
            replace(self.directory / ENDPOINTS, good)
        for server in servers:
            READMITTED.labels(server).inc()
            _LOG.warning("%s answers again and is let back", server)

    def _show(self, text: str, is_taken: Callable[[dict[str, Tally]], bool]) -> None:
        """Write endpoints into the file in use, and wait until Envoy has taken them."""
        replace(self.directory / ENDPOINTS, text)
        deadline_s = time.monotonic() + TAKEN_S_MAX
        while time.monotonic() < deadline_s and not is_taken(read_tallies(self.directory)):
            time.sleep(0.01)

    def _tell(self, rates: dict[str, float]) -> None:
        if change(ROUTES, lambda text: set_valves(text, rates), directory=self.directory):
            self.rates = rates
            for name, per_s in rates.items():
                VALVE.labels(name).set(per_s)

    def _watch_skew(
        self, weights: dict[str, int], tallies: dict[str, Tally], *, is_overload: bool
    ) -> None:
        got = {server: tally.begun for server, tally in tallies.items()}
        # Who was let back is counted from zero.
        delta = {name: max(0, count - self._got.get(name, count)) for name, count in got.items()}
        self._got = got
        well = {name for name, tally in tallies.items() if tally.is_well}
        well -= self.isolation.left_out
        excesses = find_skew(delta, {name: weights[name] for name in well & weights.keys()})
        if excesses and not is_overload:
            SKEWED.inc()
            _LOG.error(
                "skew: %s times their share though weights are as published: is another slow?",
                excesses,
            )


def read_tallies(directory: Path) -> dict[str, Tally]:
    """Return what the edge gave to each server and got back."""
    text = ask_admin(directory, "/clusters?format=json")
    tallies: dict[str, Tally] = {}
    for cluster in json.loads(text)["cluster_statuses"] if text else ():
        if cluster["name"] != APP:
            continue
        for host in cluster.get("host_statuses", ()):
            stats = {entry["name"]: int(entry.get("value", 0)) for entry in host["stats"]}
            tallies[address_of(host["address"])] = Tally(
                begun=stats.get("rq_total", 0),
                active=stats.get("rq_active", 0),
                failed=stats.get("rq_error", 0),
                unconnected=stats.get("cx_connect_fail", 0),
                is_left_out=host.get("health_status", {}).get("eds_health_status") == "UNHEALTHY",
                is_well=not set(host.get("health_status", {})) - {"eds_health_status"},
            )
    return tallies


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


def makes_page(server: str) -> bool:
    """Whether a server makes a page, or says that it is busy: tried by us and not on people."""
    connection = HTTPConnection(server, timeout=PAGE_DEADLINE_S)
    try:
        connection.request("GET", PAGE)
        return connection.getresponse().status < 500  # noqa: PLR2004  a failure
    except (OSError, HTTPException):
        return False
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


def main() -> None:
    """Run beside an edge that something else started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--metrics-port", type=int, default=0)
    chosen = parser.parse_args()
    run_steering(chosen.directory, metrics_port=chosen.metrics_port)


if __name__ == "__main__":
    main()
