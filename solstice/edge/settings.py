"""What an operator may say about the edge."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EdgeSettings:
    """Where viewers reach the instance.

    With a certificate and its key the edge speaks HTTPS (HTTP/1.1, HTTP/2, HTTP/3) on
    `https_port`, and `port` only redirects there.
    """

    address: str = "127.0.0.1"
    """Nobody else reaches a fresh instance; `0.0.0.0` opens it to the network."""
    port: int = 8080
    https_port: int = 8443
    public_name: str = ""
    """The only host name answered for; empty answers for any (needed for plain localhost)."""
    certificate_file: str = ""
    key_file: str = ""
    metrics_port: int = 9901
    worker_count: int = 1
    """One event loop proxies 17,000 requests a second, far more than the servers of 2 cores."""
    trusted_proxy_hops: int = 0
    """How many proxies of your own stand in front; 0 believes no forwarded address at all."""
    body_bytes_max: int = 600 * 1024 * 1024
    """Above the largest upload (512 MiB) with room for a protocol's overhead."""
