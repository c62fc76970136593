"""What the edge connects, as values that cannot be wrong.

Bilibili's outage of 2021 began with a weight that was the text "0".  Everything
that ends up in Envoy's configuration therefore passes through these types, which
refuse what is not a plain host, a port, a readable file or a bounded number.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
NAME_CHARACTERS_MAX = 253
ENDPOINTS_MAX = 256
WEIGHT, WEIGHT_MAX = 100, 1000
WEIGHT_SHARE_MAX = 0.75
"""More than this to one of several endpoints is a mistake; to drain one, give it little."""
WORKERS_MAX = 256
PORT_MAX = 65535
HOPS_MAX = 8
BODY_BYTES_CEILING = 16 * 1024**3


class BadTopology(ValueError):
    """A value that must not reach the edge's configuration; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One process that answers HTTP/1.1: an IP address and a port.

    Names are refused: resolving them would make the edge depend on DNS at every moment.
    """

    host: str
    port: int
    weight: int = WEIGHT
    """Its share of the group's traffic, against the others' weights."""

    def __post_init__(self) -> None:
        require_ip(self.host)
        require_port(self.port, what="endpoint")
        _require_between(self.weight, 1, WEIGHT_MAX, what="weight")

    @property
    def address(self) -> str:
        """How Envoy writes it in its statistics."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """A certificate chain and its key in PEM files; replaced files are taken up by themselves."""

    certificate: Path
    key: Path

    def __post_init__(self) -> None:
        for path in (self.certificate, self.key):
            try:
                text = path.read_text()
            except (OSError, UnicodeDecodeError) as error:
                raise BadTopology(f"{path} cannot be read as a PEM file") from error
            if "-----BEGIN " not in text:
                raise BadTopology(f"{path} holds no PEM block")
        if "PRIVATE KEY-----" not in self.key.read_text():
            raise BadTopology(f"{self.key} holds no private key")


@dataclass(frozen=True, kw_only=True)
class EdgeTopology:
    """One edge: where it listens and what stands behind it."""

    servers: tuple[Endpoint, ...]
    media: tuple[Endpoint, ...]
    address: str = "127.0.0.1"
    port: int = 8080
    https_port: int = 8443
    public_name: str = ""
    tls: TlsFiles | None = None
    metrics_port: int = 9901
    worker_count: int = 1
    trusted_proxy_hops: int = 0
    body_bytes_max: int = 600 * 1024 * 1024

    def __post_init__(self) -> None:
        require_ip(self.address)
        for what in ("port", "https_port", "metrics_port"):
            require_port(getattr(self, what), what=what)
        ports = [self.port, self.metrics_port, *([self.https_port] if self.tls else [])]
        if len(set(ports)) != len(ports):
            raise BadTopology("the edge's ports must differ from each other")
        for what, endpoints in (("servers", self.servers), ("media", self.media)):
            _require_spread(endpoints, what=what)
        _require_between(self.worker_count, 1, WORKERS_MAX, what="worker_count")
        _require_between(self.trusted_proxy_hops, 0, HOPS_MAX, what="trusted_proxy_hops")
        _require_between(self.body_bytes_max, 1024, BODY_BYTES_CEILING, what="body_bytes_max")
        if self.public_name:
            require_name(self.public_name)

    @property
    def url(self) -> str:
        """Where a viewer on this machine, or one who knows the public name, begins."""
        host = self.public_name or _display_host(self.address)
        scheme, port = ("https", self.https_port) if self.tls else ("http", self.port)
        return f"{scheme}://{host}" + ("" if port in {80, 443} else f":{port}")


def require_ip(text: str) -> None:
    """Errors: BadTopology unless it is one IPv4 or IPv6 address, without a zone."""
    try:
        # A zone ("fe80::1%eth0") may hold any text at all.
        address = ipaddress.ip_address(text.replace("%", "/"))
    except ValueError as error:
        raise BadTopology(f"{text!r} is not an IP address") from error
    if str(address) != text.lower():
        raise BadTopology(f"{text!r} is not an IP address in its usual form ({address})")


def require_port(number: int, *, what: str) -> None:
    """Errors: BadTopology unless it is a whole number from 1 to 65535."""
    _require_between(number, 1, PORT_MAX, what=what)


def require_name(text: str) -> None:
    """Errors: BadTopology unless it is one lower-case DNS name without wildcard."""
    if len(text) > NAME_CHARACTERS_MAX or not _NAME.fullmatch(text):
        raise BadTopology(f"{text!r} is not a host name")


def _require_spread(endpoints: tuple[Endpoint, ...], *, what: str) -> None:
    if not 1 <= len(endpoints) <= ENDPOINTS_MAX:
        raise BadTopology(f"{what}: between 1 and {ENDPOINTS_MAX} endpoints are needed")
    if len({endpoint.address for endpoint in endpoints}) != len(endpoints):
        raise BadTopology(f"{what}: an endpoint is named twice")
    total = sum(endpoint.weight for endpoint in endpoints)
    first = max(endpoints, key=lambda endpoint: endpoint.weight)
    if len(endpoints) > 1 and first.weight > WEIGHT_SHARE_MAX * total:
        raise BadTopology(
            f"{what}: {first.address} would get {first.weight} of {total} parts of the traffic;"
            f" at most {WEIGHT_SHARE_MAX:.0%} may go to one endpoint"
        )


def _require_between(number: int, low: int, high: int, *, what: str) -> None:
    # bool is an int to Python, and True would become port 1.
    if type(number) is not int or not low <= number <= high:
        raise BadTopology(f"{what}: {number!r} is not a whole number from {low} to {high}")


def _display_host(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback or parsed.is_unspecified:
        return "localhost"
    return f"[{address}]" if parsed.version == 6 else address  # noqa: PLR2004  IP version
