"""Only sane values reach the edge's configuration; everything else is refused with its name."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.edge.topology import BadTopology, EdgeTopology, Endpoint, TlsFiles, require_name

SERVER = Endpoint(host="127.0.0.1", port=8101)
MEDIA = Endpoint(host="127.0.0.1", port=8201)


def topology(**changes: Any) -> EdgeTopology:
    return EdgeTopology(**{"servers": (SERVER,), "media": (MEDIA,), **changes})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "",
        "127.0.0.1:80",
        "127.0.0.1\n",
        "$(id)",
        "../x",
        "1.2.3",
        "127.1",
        "::1%eth0 x",
    ],
)
def test_an_endpoint_is_an_address_and_nothing_else(host: str) -> None:
    """No name to resolve, no text that could mean something to anybody."""
    with pytest.raises(BadTopology, match="is not an IP address"):
        Endpoint(host=host, port=80)


@pytest.mark.parametrize("port", [0, -1, 65536, True, "80", 80.0, None])
def test_a_port_is_a_whole_number_in_range(port: Any) -> None:
    """A weight that was the text "0" once took a whole video platform down for three hours."""
    with pytest.raises(BadTopology, match="whole number"):
        Endpoint(host="127.0.0.1", port=port)


@pytest.mark.parametrize("weight", [0, -1, "0", float("nan"), float("inf"), 1.5, True, None, 1001])
def test_a_weight_is_a_whole_number_above_zero(weight: Any) -> None:
    """Zero, negative, not a number, text: each is refused with its value."""
    with pytest.raises(BadTopology, match=r"weight: .* is not a whole number from 1 to 1000"):
        Endpoint(host="127.0.0.1", port=80, weight=weight)


def test_all_weight_in_one_place_is_refused() -> None:
    """The incident: four fifths to one server.  Draining a server by a small weight is fine."""
    servers = [Endpoint(host="127.0.0.1", port=80 + n, weight=1) for n in range(6)]
    heavy = Endpoint(host="127.0.0.1", port=90, weight=20)
    with pytest.raises(BadTopology, match="would get 20 of 26 parts"):
        topology(servers=(*servers, heavy))
    drained = Endpoint(host="127.0.0.1", port=90, weight=1)
    even = [Endpoint(host="127.0.0.1", port=80 + n, weight=100) for n in range(2)]
    assert topology(servers=(*even, drained)).servers[-1] == drained


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"servers": ()}, "servers: between 1"),
        ({"media": ()}, "media: between 1"),
        ({"servers": (SERVER, SERVER)}, "named twice"),
        ({"servers": tuple(Endpoint(host="10.0.0.1", port=p) for p in range(1, 258))}, "and 256"),
        ({"port": 9901}, "must differ"),
        ({"address": "example.org"}, "not an IP address"),
        ({"worker_count": 0}, "worker_count"),
        ({"worker_count": "1"}, "worker_count"),
        ({"trusted_proxy_hops": 9}, "trusted_proxy_hops"),
        ({"body_bytes_max": 0}, "body_bytes_max"),
        ({"public_name": "*.example.org"}, "not a host name"),
    ],
)
def test_a_topology_that_cannot_work_is_refused(changes: dict[str, Any], complaint: str) -> None:
    """The message names the value, so that the operator finds the setting."""
    with pytest.raises(BadTopology, match=complaint):
        topology(**changes)


@pytest.mark.parametrize(
    "name",
    ["UPPER.example", "a..b", "-a.b", "a-.b", "a b", "a/b", "a:80", ".", "é.example", "x" * 254],
)
def test_a_public_name_is_one_dns_name(name: str) -> None:
    """It becomes a domain that Envoy matches: no wildcard, no port, no path."""
    with pytest.raises(BadTopology):
        require_name(name)


@given(st.text())
def test_no_text_whatever_becomes_an_address_by_accident(text: str) -> None:
    """Either it is an address as the standard library reads it, or it is refused."""
    try:
        endpoint = Endpoint(host=text, port=1)
    except BadTopology:
        return
    assert endpoint.host == text
    assert set(text) <= set("0123456789abcdefABCDEF.:")


def test_certificate_files_must_be_what_they_are_called(tmp_path: Path) -> None:
    """A swapped pair or an empty file is found before the old edge is replaced."""
    certificate, key, binary = tmp_path / "c.pem", tmp_path / "k.pem", tmp_path / "b"
    certificate.write_text("-----BEGIN CERTIFICATE-----\n")
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    binary.write_bytes(b"\xff\xfe\x00")
    TlsFiles(certificate=certificate, key=key)
    for pair in (
        {"certificate": key, "key": certificate},
        {"certificate": certificate, "key": tmp_path / "missing"},
        {"certificate": binary, "key": key},
        {"certificate": certificate, "key": tmp_path},
    ):
        with pytest.raises(BadTopology):
            TlsFiles(**pair)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "http://localhost:8080"),
        ({"port": 80}, "http://localhost"),
        ({"address": "0.0.0.0", "port": 9000}, "http://localhost:9000"),
        ({"address": "192.0.2.7"}, "http://192.0.2.7:8080"),
        ({"address": "2001:db8::7"}, "http://[2001:db8::7]:8080"),
        ({"public_name": "video.example"}, "http://video.example:8080"),
    ],
)
def test_the_address_shown_to_people_is_one_they_can_open(
    changes: dict[str, Any], url: str
) -> None:
    """What `make up` prints works when clicked."""
    assert topology(**changes).url == url
