"""The balancers: HAProxy, NGINX and Envoy as their documentation sets them up, and our edge.

Stock means stock: what the getting-started page of each shows, with the health check it shows.
Nothing is tuned against them, and nothing for us beyond what `solstice up` publishes.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from solstice.edge.publish import envoy_command, find_envoy, publish
from solstice.edge.replies import BUSY_BODY
from solstice.edge.topology import EdgeTopology, Endpoint
from solstice.kit.remedies import OperatorError

READY_TIMEOUT_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A balancer to be started before some servers: its name, and how."""

    name: str
    has_admission: bool
    start: Callable[[Sequence[int], int, Path], subprocess.Popen[bytes]]
    """Takes the servers' ports, the port to listen on and a directory of its own."""
    assist: Callable[[Path], subprocess.Popen[bytes]] | None = None
    """What runs beside it, given its directory."""


def start_haproxy(servers: Sequence[int], port: int, folder: Path) -> subprocess.Popen[bytes]:
    """HAProxy: roundrobin with HTTP checks (Starter Guide, section 3.3; Configuration 4.2)."""
    program = _require("haproxy", package="haproxy")
    lines = [
        "global",
        f"    stats socket {folder}/haproxy.sock mode 600 level admin",
        "defaults",
        "    mode http",
        "    timeout connect 5s",
        "    timeout client 50s",
        "    timeout server 50s",
        "frontend viewers",
        f"    bind 127.0.0.1:{port}",
        "    default_backend app",
        "backend app",
        "    balance roundrobin",
        # Alone the option asks in HTTP/1.0 without a host, and real servers answer that with 400:
        # it took them for dead, at any load.
        "    option httpchk",
        "    http-check send meth GET uri /healthz/ready ver HTTP/1.1 hdr Host 127.0.0.1",
        *(f"    server s{n} 127.0.0.1:{server} check" for n, server in enumerate(servers)),
    ]
    path = folder / "haproxy.cfg"
    path.write_text("\n".join(lines) + "\n")
    return _spawn([program, "-db", "-f", str(path)], folder)


def start_nginx(servers: Sequence[int], port: int, folder: Path) -> subprocess.Popen[bytes]:
    """NGINX: round robin to an upstream group ("Using nginx as HTTP load balancer")."""
    program = _require("nginx", package="nginx-light")
    path = folder / "nginx.conf"
    path.write_text(render_nginx(servers, [1] * len(servers), port, folder))
    return _spawn([program, "-p", str(folder), "-c", str(path)], folder)


def render_nginx(servers: Sequence[int], weights: Sequence[int], port: int, folder: Path) -> str:
    """Render NGINX's configuration; a weight of 1 is what it assumes anyway."""
    upstream = " ".join(
        f"server 127.0.0.1:{server} weight={weight};"
        for server, weight in zip(servers, weights, strict=True)
    )
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;\n"
        "worker_processes auto; worker_rlimit_nofile 20000;\n"
        "events { worker_connections 8192; }\n"
        "http { access_log off;\n"
        f"  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
        f"  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"  upstream app {{ {upstream} }}\n"
        f"  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://app; }} }} }}\n"
    )


def start_stock_envoy(servers: Sequence[int], port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Envoy: round robin, its own defaults, and the retry its documentation shows first."""
    endpoints = [
        {"endpoint": {"address": {"socket_address": _address(server)}}} for server in servers
    ]
    cluster = {
        "name": "app",
        "type": "STATIC",
        "lb_policy": "ROUND_ROBIN",
        "load_assignment": {"cluster_name": "app", "endpoints": [{"lb_endpoints": endpoints}]},
        "health_checks": [
            {
                "timeout": "1s",
                "interval": "10s",
                "unhealthy_threshold": 3,
                "healthy_threshold": 2,
                "http_health_check": {"path": "/healthz/ready"},
            }
        ],
        "outlier_detection": {},
    }
    action = {"route": {"cluster": "app", "retry_policy": {"retry_on": "5xx"}}}
    return _start_envoy(action, [cluster], port, folder)


def start_refusing_envoy(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Envoy with one route that says no, and nothing else: what its refusal costs at least."""
    action = {"direct_response": {"status": 429, "body": {"inline_string": BUSY_BODY}}}
    return _start_envoy(action, [], port, folder, "--concurrency", "1")


def _start_envoy(
    action: dict[str, object],
    clusters: list[dict[str, object]],
    port: int,
    folder: Path,
    *options: str,
) -> subprocess.Popen[bytes]:
    """Start an Envoy that does one thing with every request."""
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network"
        ".http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "viewers",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "app",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, **action}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    listener = {
        "name": "viewers",
        "address": {"socket_address": _address(port)},
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }
    document = {"static_resources": {"listeners": [listener], "clusters": clusters}}
    (folder / "envoy.json").write_text(json.dumps(document))
    command = [str(find_envoy()), "-c", "envoy.json", "--log-level", "error", *options]
    return _spawn([*command, "--disable-hot-restart"], folder)


def start_solstice_edge(servers: Sequence[int], port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Our edge, as `solstice up` publishes it."""
    topology = EdgeTopology(
        servers=tuple(Endpoint(host="127.0.0.1", port=server) for server in servers),
        media=(Endpoint(host="127.0.0.1", port=servers[0]),),
        port=port,
        metrics_port=port + 1,
    )
    publish(topology, directory=folder)
    return _spawn(envoy_command(worker_count=1), folder)


def start_steering(folder: Path) -> subprocess.Popen[bytes]:
    """Look after our edge, as `solstice up` does."""
    return _spawn([sys.executable, "-m", "solstice.edge.steer", str(folder)], folder.parent)


SETUPS = (
    Setup(name="HAProxy", has_admission=False, start=start_haproxy),
    Setup(name="NGINX", has_admission=False, start=start_nginx),
    Setup(name="Envoy", has_admission=False, start=start_stock_envoy),
    Setup(
        name="Solstice",
        has_admission=True,
        start=start_solstice_edge,
        assist=start_steering,
    ),
)

REFERENCE, NGINX, OURS = SETUPS[0], SETUPS[1], SETUPS[-1]
"""Where all of them are not worth their time: HAProxy's queues are the best of the three."""


def wait_serving(
    port: int,
    *,
    path: str = "/v1/feed/for-you",
    status: int = 200,
    within_s: float = READY_TIMEOUT_S,
) -> None:
    """Return once the balancer answers from a server.

    Errors: TimeoutError.
    """
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == status:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise TimeoutError(f"nothing serves on port {port}")


def _require(program: str, *, package: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        raise OperatorError(
            f"{program} is not installed; the comparison needs it.",
            remedy=f"apt-get install {package}",
        )
    return found


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "output.log").open("ab") as output:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def _address(port: int) -> dict[str, object]:
    return {"address": "127.0.0.1", "port_value": port}
