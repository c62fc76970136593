"""A real Envoy with our configuration, between real sockets: what viewers can and cannot do."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from solstice.edge.admin import ask_admin, drain, is_serving
from solstice.edge.publish import publish
from solstice.edge.topology import EdgeTopology
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS
from tests.edge.stage import BLOB, StandInServer, free_ports, running_envoy

pytestmark = pytest.mark.acceptance
BODY_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A running edge and what stands behind it."""

    url: str
    topology: EdgeTopology
    directory: Path
    servers: tuple[StandInServer, StandInServer]
    media: StandInServer

    def seen(self) -> list[str]:
        """What reached the servers."""
        return [line for server in self.servers for line in server.seen]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One edge for this file."""
    servers, media = (StandInServer(), StandInServer()), StandInServer()
    port, metrics_port = free_ports(2)
    topology = EdgeTopology(
        servers=tuple(server.endpoint for server in servers),
        media=(media.endpoint,),
        port=port,
        metrics_port=metrics_port,
        body_bytes_max=BODY_BYTES_MAX,
    )
    with running_envoy(topology, directory=tmp_path_factory.mktemp("edge")) as directory:
        yield Edge(
            url=f"http://127.0.0.1:{port}",
            topology=topology,
            directory=directory,
            servers=servers,
            media=media,
        )
    for server in (*servers, media):
        server.end()


@pytest.fixture
def client(edge: Edge) -> Iterator[httpx.Client]:
    """A viewer without any idea of the inside."""
    with httpx.Client(base_url=edge.url, timeout=20) as client:
        yield client


def send_raw(edge: Edge, request: bytes) -> bytes:
    """Send bytes no library would send; return what comes back until the edge closes."""
    with socket.create_connection(("127.0.0.1", edge.topology.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


FORGED = {
    "x-request-id": "forged",
    "x-request-start": "1",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "forwarded": "for=203.0.113.9",
    "x-real-ip": "203.0.113.9",
    "x-solstice-class": "never-shed",
    "X-Solstice-Anything": "1",
    "x-envoy-retry-on": "5xx",
    "x-envoy-upstream-rq-timeout-ms": "3600000",
}


def test_what_a_client_claims_about_itself_is_forgotten(client: httpx.Client) -> None:
    """Limits per network, request ids and classes rest on the edge's own knowledge."""
    got = client.get("/", headers=FORGED).json()["headers"]
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert got["x-solstice-class"] == "read"
    assert got["x-request-id"] != "forged"
    assert abs(float(got["x-request-start"]) - time.time()) < 60
    forbidden = {"forwarded", "x-real-ip", "x-forwarded-host", "x-solstice-anything"}
    assert not forbidden & set(got)
    assert not {"x-envoy-retry-on", "x-envoy-upstream-rq-timeout-ms"} & set(got)
    assert int(got["x-envoy-expected-rq-timeout-ms"]) <= 5000


def test_each_request_has_an_id_that_the_client_can_quote(client: httpx.Client) -> None:
    """The id in the answer is the one the server logged."""
    first, second = client.get("/"), client.get("/")
    assert first.headers["x-request-id"] == first.json()["headers"]["x-request-id"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/metrics?name=x",
        "/healthz/live",
        "/healthz/ready",
        "/healthz",
        "//metrics",
        "/a/../metrics",
        "/./metrics",
        "/a/%2e%2e/metrics",
        "/%6detrics",
        "/%6Detrics",
        "/m%65trics",
        "/healthz%2flive",
        "/healthz\\live",
        "/%68ealthz/live",
    ],
)
def test_operators_pages_are_not_on_the_viewers_side(edge: Edge, path: str) -> None:
    """However it is spelled, metrics and health never leave the machine."""
    before = edge.seen()
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    answer = send_raw(edge, request.encode())
    assert answer.split(b" ", 2)[1] in {b"404", b"400"}
    assert edge.seen() == before


def test_the_edge_answers_for_itself(client: httpx.Client) -> None:
    """A prober outside can tell the edge's life from the servers'."""
    assert client.get("/healthz/edge").status_code == 200


def test_words_in_other_alphabets_pass_unharmed(client: httpx.Client) -> None:
    """A hashtag may be written in any script; only needless escapes are refused."""
    assert client.get("/tag/%C3%A9t%C3%A9%20%F0%9F%8C%9E").json()["path"] == (
        "/tag/%C3%A9t%C3%A9%20%F0%9F%8C%9E"
    )
    assert client.get("/@ada").status_code == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx_forwarded_for: 1\r\nconnection: close\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nbig: " + b"a" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", b"400"),
        (
            b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n",
            b"400",
        ),
        (b"GET / HTTP/1.1\r\nhost: x\r\nname: a\x00b\r\n\r\n", b"400"),
        (b"NONSENSE\r\n\r\n", b"400"),
    ],
    ids=["underscore", "long-header", "many-headers", "no-host", "smuggling", "nul", "nonsense"],
)
def test_malformed_requests_end_at_the_edge(
    edge: Edge, request_bytes: bytes, status: bytes
) -> None:
    """No server sees what two parsers could read in two ways."""
    before = edge.seen()
    answer = send_raw(edge, request_bytes)
    assert answer.split(b" ", 2)[1] == status
    assert edge.seen() == before


def test_a_client_that_never_ends_its_headers_is_cut_off(edge: Edge) -> None:
    """Slow loris: the headers have five seconds, not for ever."""
    began = time.monotonic()
    send_raw(edge, b"GET / HTTP/1.1\r\nhost: x\r\n")
    assert 3 < time.monotonic() - began < 9


def test_too_large_a_body_is_refused_before_it_is_sent(edge: Edge) -> None:
    """The client learns the limit at once, as a problem document, and no server is troubled."""
    before = edge.seen()
    head = f"POST /v1/uploads HTTP/1.1\r\nhost: x\r\ncontent-length: {BODY_BYTES_MAX + 1}\r\n\r\n"
    answer = send_raw(edge, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b'"status":413' in answer
    assert edge.seen() == before


def test_an_upload_streams_through(client: httpx.Client) -> None:
    """Tens of megabytes pass without the edge keeping them."""
    size = 48 * 1024 * 1024
    answer = client.patch(
        "/v1/uploads/1",
        headers={"content-length": str(size)},
        content=(b"x" * 65536 for _ in range(size // 65536)),
    )
    assert answer.text == str(size)


def test_ranges_of_media_pass_byte_for_byte(client: httpx.Client, edge: Edge) -> None:
    """Seeking in a video reaches the media process, uncompressed and unchanged."""
    headers = {"range": "bytes=1000-9999", "accept-encoding": "gzip, br, zstd"}
    answer = client.get("/media/ab/clip.mp4", headers=headers)
    assert answer.status_code == 206
    assert answer.content == BLOB[1000:10000]
    assert answer.headers["content-range"] == f"bytes 1000-9999/{len(BLOB)}"
    assert "content-encoding" not in answer.headers
    assert "GET /media/ab/clip.mp4" in edge.media.seen
    assert not [line for line in edge.seen() if "/media/" in line]


@pytest.mark.parametrize(("accepted", "chosen"), [("gzip", "gzip"), ("br", "br"), ("zstd", "zstd")])
def test_text_is_compressed_as_the_client_likes(
    edge: Edge, client: httpx.Client, accepted: str, chosen: str
) -> None:
    """Servers need not compress; the validator survives, weakened."""
    with client.stream("GET", "/", headers={"accept-encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == chosen
    assert answer.headers["etag"] == 'W/"v1"'
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert len(body) < 1500
    assert edge.seen()


def test_a_read_that_a_server_drops_is_asked_of_the_other(client: httpx.Client, edge: Edge) -> None:
    """One dying server costs a viewer nothing."""
    before = edge.seen().count("GET /drop")
    answer = client.get("/drop")
    assert answer.status_code == 503
    assert edge.seen().count("GET /drop") == before + 2


def test_a_write_that_a_server_drops_is_not_repeated(client: httpx.Client, edge: Edge) -> None:
    """Nobody knows whether it was done; the client decides, with its idempotency key."""
    answer = client.post("/drop", content=b"x")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert edge.seen().count("POST /drop") == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_answer_is_an_answer(client: httpx.Client, edge: Edge, status: int) -> None:
    """What a server answers reaches the client, once, whatever it says."""
    before = len(edge.seen())
    assert client.get(f"/status/{status}").status_code == status
    assert len(edge.seen()) == before + 1


def test_a_person_gets_a_page_and_a_program_a_document(client: httpx.Client) -> None:
    """When nothing answers: a page that tries again, or RFC 9457 with Retry-After."""
    page = client.get("/drop", headers={"accept": "text/html,*/*"})
    assert page.status_code == 503
    assert '<meta http-equiv="refresh" content="3">' in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert WAITING_PAGE_HEADERS.items() <= dict(page.headers).items()
    document = client.get("/drop")
    assert document.headers["content-type"] == "application/problem+json"
    assert document.headers["cache-control"] == "no-store"
    problem = document.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["request_id"] == document.headers["x-request-id"]


def test_metrics_are_for_this_machine_on_a_port_of_their_own(edge: Edge) -> None:
    """Prometheus text about the edge, readable, and nothing else on that port."""
    base = f"http://127.0.0.1:{edge.topology.metrics_port}"
    assert "envoy_cluster_upstream_rq" in httpx.get(f"{base}/metrics").text
    assert httpx.get(f"{base}/healthz/ready").status_code == 200
    assert httpx.get(f"{base}/config_dump").status_code == 404
    assert httpx.post(f"{base}/quitquitquit").status_code == 404


def test_the_admin_socket_reads_but_does_not_quit(edge: Edge) -> None:
    """What was not allowed by name is refused."""
    assert ask_admin(edge.directory, "/server_info")
    assert ask_admin(edge.directory, "/quitquitquit", method="POST") is None
    assert ask_admin(edge.directory, "/runtime_modify?a=b", method="POST") is None
    assert is_serving(edge.directory)


def test_a_published_change_is_taken_up_by_the_running_edge(edge: Edge) -> None:
    """No restart, no lost request: here a server leaves and comes back."""
    alone = EdgeTopology(**{**edge.topology.__dict__, "servers": edge.topology.servers[:1]})
    for topology, members in ((alone, 1), (edge.topology, 2)):
        publish(topology, directory=edge.directory)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            stats = ask_admin(edge.directory, "/stats?filter=^cluster.app.membership_total$")
            if stats == f"cluster.app.membership_total: {members}\n":
                break
            time.sleep(0.02)
        assert stats == f"cluster.app.membership_total: {members}\n"
        assert httpx.get(edge.url).status_code == 200


def test_the_access_log_of_trouble_has_the_id_and_no_address(
    client: httpx.Client, edge: Edge
) -> None:
    """Operators can follow a complaint; nobody can follow a person."""
    request_id = client.get("/drop?secret=1").headers["x-request-id"]
    deadline = time.monotonic() + 15
    line = ""
    while not line and time.monotonic() < deadline:
        text = (edge.directory / "envoy.log").read_text()
        line = next((entry for entry in text.splitlines() if request_id in entry), "")
        time.sleep(0.05)
    event = json.loads(line)
    assert event["path"] == "/drop"
    assert event["status"] == 503
    assert "127.0.0.1" not in json.dumps({**event, "endpoint": ""})


def test_draining_refuses_new_connections_and_returns(tmp_path: Path, edge: Edge) -> None:
    """Ctrl-C: what is in flight may finish, nothing new begins; an absent edge is no error."""
    port, metrics_port = free_ports(2)
    topology = EdgeTopology(
        **{**edge.topology.__dict__, "port": port, "metrics_port": metrics_port}
    )
    with running_envoy(topology, directory=tmp_path):
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        drain(tmp_path, patience_s=3.0)
        deadline = time.monotonic() + 10
        refused = False
        while not refused and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except ConnectionResetError:
                continue  # it closed while we were knocking
            except ConnectionRefusedError:
                refused = True
        assert refused
    drain(tmp_path)
    assert not is_serving(tmp_path)
