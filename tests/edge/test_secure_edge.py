"""HTTPS for a public name: HTTP/1.1, HTTP/2 and HTTP/3, and the plain port only redirects."""

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from solstice.edge.clusters import TYPE
from solstice.edge.publish import find_envoy
from solstice.edge.topology import EdgeTopology, TlsFiles
from tests.edge.certificates import make_certificate
from tests.edge.stage import StandInServer, free_ports, running_envoy

pytestmark = pytest.mark.acceptance
NAME = "video.example"


@dataclass(frozen=True, kw_only=True)
class SecureEdge:
    """A running edge with a certificate."""

    topology: EdgeTopology
    tls: TlsFiles

    @property
    def context(self) -> ssl.SSLContext:
        """Trust its certificate and nothing else."""
        return ssl.create_default_context(cafile=self.tls.certificate)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureEdge]:
    """One edge for this file."""
    server = StandInServer()
    place = tmp_path_factory.mktemp("edge")
    tls = make_certificate(tmp_path_factory.mktemp("tls"), name=NAME)
    port, https_port, metrics_port = free_ports(3)
    topology = EdgeTopology(
        servers=(server.endpoint,),
        media=(server.endpoint,),
        port=port,
        https_port=https_port,
        metrics_port=metrics_port,
        public_name=NAME,
        tls=tls,
    )
    with running_envoy(topology, directory=place):
        yield SecureEdge(topology=topology, tls=tls)
    server.end()


def get(edge: SecureEdge, path: str, *, host: str = NAME) -> httpx.Response:
    """Ask over HTTP/1.1 and TLS, naming a host."""
    with httpx.Client(verify=edge.context) as client:
        address = f"https://127.0.0.1:{edge.topology.https_port}{path}"
        return client.get(address, headers={"host": host})


def test_https_answers_and_announces_http3(edge: SecureEdge) -> None:
    """A browser learns that it may come over QUIC next time, and never over plain HTTP again."""
    answer = get(edge, "/")
    assert answer.status_code == 200
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"
    assert answer.headers["alt-svc"] == f'h3=":{edge.topology.https_port}"; ma=86400'
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_another_host_name_is_not_served(edge: SecureEdge) -> None:
    """A forged Host header never reaches an application that might build links from it."""
    assert get(edge, "/", host="evil.example").status_code == 421


def test_the_plain_port_only_redirects_to_the_public_name(edge: SecureEdge) -> None:
    """Wherever somebody came from, they end at the right name, method and body intact."""
    answer = httpx.get(
        f"http://127.0.0.1:{edge.topology.port}/v/1?t=2", headers={"host": "evil.example"}
    )
    assert answer.status_code == 308
    assert answer.headers["location"] == (f"https://{NAME}:{edge.topology.https_port}/v/1?t=2")


def test_tls_1_2_is_still_spoken(edge: SecureEdge) -> None:
    """Phones of ten years ago can watch; nothing older is configured at all."""
    context = edge.context
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx.Client(verify=context) as client:
        address = f"https://127.0.0.1:{edge.topology.https_port}/"
        assert client.get(address, headers={"host": NAME}).status_code == 200


@pytest.mark.parametrize("protocol", ["http2", "http3"])
def test_modern_protocols_reach_the_same_answers(
    edge: SecureEdge, protocol: str, tmp_path: Path
) -> None:
    """HTTP/2 over TCP and HTTP/3 over QUIC; a second Envoy is the client that speaks both."""
    (port,) = free_ports(1)
    document = client_configuration(edge, protocol=protocol, port=port)
    (tmp_path / "client.json").write_text(json.dumps(document))
    with (tmp_path / "log").open("wb") as log:
        command = [find_envoy(), "-c", "client.json", "--concurrency", "1", "--disable-hot-restart"]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 15
        answer = None
        while answer is None and time.monotonic() < deadline:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/", headers={"host": NAME}, timeout=5)
            except httpx.ConnectError:
                time.sleep(0.02)
        assert answer is not None
        assert answer.status_code == 200, (tmp_path / "log").read_text()
        assert answer.json()["headers"]["x-forwarded-proto"] == "https"
    finally:
        process.terminate()
        process.wait(timeout=10)


def client_configuration(edge: SecureEdge, *, protocol: str, port: int) -> dict[str, Any]:
    """Make an Envoy that turns plain HTTP into one protocol only, towards the edge under test."""
    tls_context = {
        "@type": f"{TYPE}.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": NAME,
        "common_tls_context": {
            "validation_context": {"trusted_ca": {"filename": str(edge.tls.certificate)}},
        },
    }
    if protocol == "http3":
        plain = {key: value for key, value in tls_context.items() if key != "@type"}
        transport = {
            "name": "envoy.transport_sockets.quic",
            "typed_config": {
                "@type": f"{TYPE}.extensions.transport_sockets.quic.v3.QuicUpstreamTransport",
                "upstream_tls_context": plain,
            },
        }
    else:
        transport = {"name": "tls", "typed_config": tls_context}
    socket_address = {"address": "127.0.0.1", "port_value": edge.topology.https_port}
    endpoint = {"endpoint": {"address": {"socket_address": socket_address}}}
    cluster = {
        "name": "edge",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "edge",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "transport_socket": transport,
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {f"{protocol}_protocol_options": {}},
            }
        },
    }
    manager = {
        "@type": f"{TYPE}.extensions.filters.network.http_connection_manager"
        ".v3.HttpConnectionManager",
        "stat_prefix": "client",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "edge"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{TYPE}.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "name": "in",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return {"static_resources": {"clusters": [cluster], "listeners": [listener]}}


def test_a_renewed_certificate_is_taken_up_without_a_restart(
    edge: SecureEdge, tmp_path: Path
) -> None:
    """Certificates live 90 days or less; nobody should have to restart an edge for that."""
    old = ssl.get_server_certificate(("127.0.0.1", edge.topology.https_port))
    fresh = make_certificate(tmp_path, name=NAME)
    # As every renewal tool does: the new files are moved over the old ones.
    for new, place in ((fresh.key, edge.tls.key), (fresh.certificate, edge.tls.certificate)):
        beside = place.with_suffix(".new")
        shutil.copyfile(new, beside)
        beside.replace(place)
    deadline = time.monotonic() + 15
    current = old
    while current == old and time.monotonic() < deadline:
        current = ssl.get_server_certificate(("127.0.0.1", edge.topology.https_port))
        time.sleep(0.05)
    assert current.strip() == fresh.certificate.read_text().strip()
