"""Networks as limits count them: one address, or the /64 of an IPv6 one."""

from typing import Any

import pytest
from litestar import Request

from solstice.kit.http import client_network


def request(peer: str | None, **headers: str) -> Request[Any, Any, Any]:
    """Make a request as a server gets it."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named, "client": (peer, 1) if peer else None})  # type: ignore[arg-type,typeddict-item]


@pytest.mark.parametrize(
    ("forwarded", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("not an address", "unknown"),
    ],
)
def test_a_network_is_what_one_subscriber_can_use(forwarded: str, network: str) -> None:
    """A subscriber has 2^64 IPv6 addresses, so they count as one; the edge's word comes last."""
    assert client_network(request("127.0.0.1", x_forwarded_for=forwarded)) == network


def test_without_an_edge_it_is_the_peer() -> None:
    """And somebody without an address is nobody in particular."""
    assert client_network(request("192.0.2.1")) == "192.0.2.1"
    assert client_network(request(None)) == "unknown"
    assert client_network(request("192.0.2.1", x_solstice_client="10.0.0.1")) == "192.0.2.1"
