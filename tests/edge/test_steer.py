"""The steering process beside a real Envoy: valves move, accidents are undone."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from solstice.edge.clusters import read_weights
from solstice.edge.last_good import read_last_good, replace
from solstice.edge.steer import Steersman, ask_load, read_tallies
from solstice.edge.topology import EdgeTopology
from solstice.edge.valves import OPEN_PER_S, VALVES, read_offered, set_valves
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page
from tests.edge.stage import StandIn, StandInServer, free_ports, running_envoy

pytestmark = pytest.mark.acceptance


class LoadedStandIn(StandIn):
    """Says on request how much it admitted and refused: what the test wrote down for it."""

    def do_GET(self) -> None:  # noqa: N802  the library's name
        """Answer the load, and the rest as ever."""
        if self.path != "/healthz/load":
            super().do_GET()
            return
        load = getattr(self.server, "load", None)
        self._answer(200 if load else 503, json.dumps(load).encode(), {})


@dataclass
class Stage:
    """An edge with two servers whose load the test decides."""

    directory: Path
    topology: EdgeTopology
    servers: list[StandInServer]
    client: httpx.Client = field(default_factory=httpx.Client)

    def say(self, admitted: int, refused: int) -> None:
        """Let every server tell this load."""
        for server in self.servers:
            server.load = {  # type: ignore[attr-defined]
                "admitted": {"playback": admitted, "deferrable": 0},
                "refused": {"playback": 0, "deferrable": refused},
            }

    def ask(self, path: str = "/", count: int = 40) -> list[httpx.Response]:
        """Send so many requests."""
        url = f"http://127.0.0.1:{self.topology.port}{path}"
        return [self.client.get(url) for _ in range(count)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    servers = [StandInServer(), StandInServer()]
    for server in servers:
        server.RequestHandlerClass = LoadedStandIn
    port, metrics_port = free_ports(2)
    endpoints = tuple(server.endpoint for server in servers)
    topology = EdgeTopology(
        servers=endpoints, media=endpoints[:1], port=port, metrics_port=metrics_port
    )
    with running_envoy(topology, directory=tmp_path):
        stage = Stage(tmp_path, topology, servers)
        yield stage
        stage.client.close()
    for server in servers:
        server.end()


def valve_per_s(directory: Path, name: str) -> float:
    """What the published routes let through."""
    document: Any = json.loads((directory / "rds.json").read_text())
    for route in document["resources"][0]["virtual_hosts"][0]["routes"]:
        valve = route.get("typed_per_filter_config", {}).get("valve")
        if valve and valve["stat_prefix"] == f"valve_{name}":
            bucket = valve["token_bucket"]
            return float(bucket["tokens_per_fill"]) / float(bucket["fill_interval"][:-1])
    raise AssertionError(name)


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether it happens in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
    return False


def test_a_closed_valve_refuses_calmly(stage: Stage) -> None:
    """429 with a wait by chance, a constant problem document, and who it was."""
    text = set_valves((stage.directory / "rds.json").read_text(), {"read": 5.0})
    replace(stage.directory / "rds.json", text)
    assert within(5, lambda: stage.ask("/x", 1)[0].status_code == 429)
    refused = [answer for answer in stage.ask("/x", 60) if answer.status_code == 429]
    assert {answer.headers["x-solstice-shed"] for answer in refused} == {"edge"}
    assert {answer.headers["retry-after"] for answer in refused} == {"2", "3", "4", "5"}
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    assert refused[0].json()["title"] == "Busy"
    assert {answer.status_code for answer in stage.ask("/v1/feed/for-you", 20)} == {200}


@pytest.mark.parametrize("said", [{"accept": "text/html,*/*"}, {"sec-fetch-mode": "navigate"}])
def test_a_closed_valve_shows_a_person_a_page_that_waits(
    stage: Stage, said: dict[str, str]
) -> None:
    """As long as Retry-After says; one that asks for anything but to see it gets the document."""
    text = set_valves((stage.directory / "rds.json").read_text(), {"read": 0.5, "write": 0.5})
    replace(stage.directory / "rds.json", text)
    assert within(5, lambda: stage.ask("/x", 1)[0].status_code == 429)
    url = f"http://127.0.0.1:{stage.topology.port}/x"
    page = stage.client.get(url, headers=said)
    wait_s = page.headers["retry-after"]
    assert (page.status_code, page.headers["x-solstice-shed"]) == (429, "edge")
    assert WAITING_PAGE_HEADERS.items() <= dict(page.headers).items()
    assert page.text == render_waiting_page("Busy right now", wait_s=int(wait_s))
    assert "content-encoding" not in page.headers
    sent = [stage.client.post(url, headers=said) for _ in range(5)][-1]
    assert (sent.status_code, sent.json()["title"]) == (429, "Busy")


def test_valves_follow_what_servers_refuse(stage: Stage) -> None:
    """Both say they admitted 30 and refused 300 since the last look."""
    steersman = Steersman(stage.directory)
    stage.say(0, 0)
    steersman.look()
    stage.ask("/v1/beacons")
    steersman.look()
    stage.say(30, 300)
    stage.ask("/v1/beacons")
    steersman.look()
    assert valve_per_s(stage.directory, "deferrable") < OPEN_PER_S / 10
    assert read_last_good(stage.directory)["rds.json"] == (stage.directory / "rds.json").read_text()


def test_servers_that_say_nothing_change_nothing(stage: Stage) -> None:
    """Fail static: no answer, no decision, the routes stay to the byte."""
    before = (stage.directory / "rds.json").read_text()
    steersman = Steersman(stage.directory)
    for _ in range(3):
        steersman.look()
        stage.ask()
    assert ask_load(stage.servers[0].endpoint.address) is None
    assert (stage.directory / "rds.json").read_text() == before


def test_a_broken_control_plane_is_undone_each_time(stage: Stage) -> None:
    """The incident: four fifths to one server, hopping; the process's death changes nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "solstice.edge.steer", str(stage.directory)],
        stderr=subprocess.PIPE,
    )
    path = stage.directory / "endpoints-servers.json"
    good = path.read_text()
    try:
        for hot in (0, 1, 0):
            document = json.loads(good)
            entries = document["resources"][0]["endpoints"][0]["lb_endpoints"]
            for index, entry in enumerate(entries):
                entry["load_balancing_weight"] = 80 if index == hot else 20
            replace(path, json.dumps(document))
            assert within(10, lambda: path.read_text() == good)
    finally:
        process.terminate()
        _, said = process.communicate()
    assert said.count(b"endpoints-servers.json was not what was published") == 3
    assert path.read_text() == good
    assert {answer.status_code for answer in stage.ask()} == {200}


def test_who_gets_what_is_read_from_the_edge(stage: Stage) -> None:
    """Published weights, and counts by server."""
    addresses = {server.endpoint.address for server in stage.servers}
    published = (stage.directory / "endpoints-servers.json").read_text()
    assert read_weights(published) == dict.fromkeys(addresses, 100)
    stage.ask()
    stage.ask("/status/500", 3)
    tallies = read_tallies(stage.directory)
    assert set(tallies) == addresses
    assert all(tally.is_well for tally in tallies.values())
    assert sum(tally.begun for tally in tallies.values()) == 43
    assert sum(tally.failed for tally in tallies.values()) == 3
    assert {tally.active for tally in tallies.values()} == {0}


def test_every_class_of_requests_has_a_valve(stage: Stage) -> None:
    """The names the steering knows are those in the routes."""
    for name in VALVES:
        assert valve_per_s(stage.directory, name) == pytest.approx(OPEN_PER_S)


def test_a_page_of_counters_is_read_by_valve() -> None:
    """What Envoy calls enabled is what came, refused or not."""
    stats = [
        {"name": "valve_read.http_local_rate_limit.enabled", "value": 7},
        {"name": "valve_read.http_local_rate_limit.enforced", "value": 3},
        {"histograms": {}},
    ]
    offered = read_offered(json.dumps({"stats": stats}))
    assert (offered["read"], offered["write"]) == (7, 0)
