"""Publishing to running edges: one first, watched; what worsens anything is taken back."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import httpx
import pytest

from solstice.edge.admin import ask_admin
from solstice.edge.last_good import mend, publishing, read_last_good
from solstice.edge.rollout import TakenBack, roll_out
from solstice.edge.topology import EdgeTopology, Endpoint
from tests.edge.stage import StandInServer, free_ports, running_envoy

pytestmark = pytest.mark.acceptance


@pytest.fixture
def servers() -> Iterator[tuple[StandInServer, StandInServer]]:
    """Two servers that answer."""
    pair = (StandInServer(), StandInServer())
    yield pair
    for server in pair:
        server.end()


@pytest.fixture
def topology(servers: tuple[StandInServer, StandInServer]) -> EdgeTopology:
    port, metrics_port = free_ports(2)
    endpoints = tuple(server.endpoint for server in servers)
    return EdgeTopology(
        servers=endpoints, media=endpoints[:1], port=port, metrics_port=metrics_port
    )


class Viewer:
    """Asks again and again; `statuses` is what it got."""

    def __init__(self, port: int, path: str = "/") -> None:
        self.statuses: list[int] = []
        self._url, self._over = f"http://127.0.0.1:{port}{path}", threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        with httpx.Client() as client:
            while not self._over.is_set():
                self.statuses.append(client.get(self._url).status_code)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait_for_more()
        return self

    def _wait_for_more(self) -> None:
        have, deadline = len(self.statuses), time.monotonic() + 10
        while len(self.statuses) < have + 5 and time.monotonic() < deadline:
            time.sleep(0.01)

    def __exit__(self, *_error: object) -> None:
        self._wait_for_more()
        self._over.set()
        self._thread.join()


def live(directory: Path) -> dict[str, str]:
    """The files that Envoy reads, by name."""
    return {path.name: path.read_text() for path in directory.glob("*.json")}


def test_a_good_change_is_taken_up_and_kept(tmp_path: Path, topology: EdgeTopology) -> None:
    """While people are served; the kept version is the new one."""
    with running_envoy(topology, directory=tmp_path), Viewer(topology.port) as viewer:
        changed = replace(topology, body_bytes_max=2048)
        roll_out([(changed, tmp_path)], watch_first_s=0.5)
        assert httpx.post(f"http://127.0.0.1:{topology.port}/", content=b"x" * 4000).is_error
    assert set(viewer.statuses) == {200}
    assert read_last_good(tmp_path) == live(tmp_path)


def test_what_the_running_edge_rejects_is_taken_back_everywhere(
    tmp_path: Path, topology: EdgeTopology
) -> None:
    """A port that somebody else holds passes validation; the second edge never sees it."""
    first, second = tmp_path / "first", tmp_path / "second"
    other = replace(topology, port=free_ports(1)[0], metrics_port=free_ports(1)[0])
    with running_envoy(topology, directory=first), running_envoy(other, directory=second):
        before = (live(first), live(second))
        taken = replace(topology, address="192.0.2.1")
        with Viewer(topology.port) as viewer, pytest.raises(TakenBack, match="rejected"):
            roll_out([(taken, first), (other, second)])
        assert set(viewer.statuses) == {200}
        assert (live(first), live(second)) == before
        assert read_last_good(first) == before[0]


def test_servers_that_do_not_answer_are_taken_back(tmp_path: Path, topology: EdgeTopology) -> None:
    """Nothing listens behind the new addresses; viewers notice nothing."""
    with running_envoy(topology, directory=tmp_path):
        before = live(tmp_path)
        nobody = tuple(Endpoint(host="127.0.0.1", port=port) for port in free_ports(2))
        with Viewer(topology.port) as viewer, pytest.raises(TakenBack, match="do not answer"):
            roll_out([(replace(topology, servers=nobody), tmp_path)])
        assert live(tmp_path) == before
    assert set(viewer.statuses) == {200}


@pytest.mark.parametrize(
    "garbage", [b"", b"{}", b"\xff\xfe", b'{"resources": [', b'{"resources": []}']
)
def test_an_accident_in_the_directory_is_undone_and_harms_nobody(
    tmp_path: Path, topology: EdgeTopology, garbage: bytes
) -> None:
    """Truncated, empty, garbage, an empty list: put back, and no request failed."""
    with running_envoy(topology, directory=tmp_path), Viewer(topology.port) as viewer:
        good = live(tmp_path)
        for name in ("endpoints-servers.json", "rds.json"):
            spoilt = tmp_path / "spoilt"
            spoilt.write_bytes(garbage if name.startswith("endpoints") else garbage[:-1])
            spoilt.replace(tmp_path / name)
        assert set(mend(tmp_path)) == {"endpoints-servers.json", "rds.json"}
        assert live(tmp_path) == good
        assert httpx.get(f"http://127.0.0.1:{topology.port}/").status_code == 200
    assert set(viewer.statuses) == {200}


def test_nobody_mends_what_is_being_published(tmp_path: Path, topology: EdgeTopology) -> None:
    """And a publication that died half-way is undone."""
    roll_out([(topology, tmp_path)])
    good = live(tmp_path)
    with publishing(tmp_path):
        (tmp_path / "rds.json").write_text("{}")
        assert mend(tmp_path) == []
    assert mend(tmp_path) == ["rds.json"]
    assert live(tmp_path) == good


def test_weights_reach_the_edge(tmp_path: Path, topology: EdgeTopology) -> None:
    """As they were given."""
    heavy = replace(topology.servers[0], weight=300)
    topology = replace(topology, servers=(heavy, topology.servers[1]))
    with running_envoy(topology, directory=tmp_path):
        page = json.loads(ask_admin(tmp_path, "/clusters?format=json") or "{}")
    app = next(entry for entry in page["cluster_statuses"] if entry["name"] == "app")
    assert sorted(host["weight"] for host in app["host_statuses"]) == [100, 300]
