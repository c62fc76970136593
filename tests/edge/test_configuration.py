"""The configuration as a whole: Envoy accepts it, and what is dangerous is set on purpose."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solstice.edge.configuration import render_files, render_merged
from solstice.edge.publish import publish, validate
from solstice.edge.topology import BadTopology, EdgeTopology, Endpoint, TlsFiles
from solstice.kit.serving import AT_ONCE
from solstice.media import AT_ONCE as AT_ONCE_BY_MEDIA
from tests.edge.certificates import make_certificate

SERVERS = tuple(Endpoint(host="127.0.0.1", port=port) for port in (8101, 8102))
MEDIA = (Endpoint(host="127.0.0.1", port=8201),)


def topology(**changes: Any) -> EdgeTopology:
    return EdgeTopology(**{"servers": SERVERS, "media": MEDIA, **changes})


@pytest.fixture
def tls(tmp_path: Path) -> TlsFiles:
    return make_certificate(tmp_path, name="video.example")


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, however deep."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def test_envoy_accepts_the_plain_edge(tmp_path: Path) -> None:
    """The default instance: HTTP on localhost."""
    validate(topology(), directory=tmp_path)


def test_envoy_accepts_the_secure_edge(tmp_path: Path, tls: TlsFiles) -> None:
    """A public instance: HTTPS over TCP and QUIC, the plain port only redirects."""
    validate(topology(public_name="video.example", tls=tls), directory=tmp_path)


def test_a_configuration_envoy_refuses_is_never_put_in_place(tmp_path: Path) -> None:
    """The old files stay; the refusal carries Envoy's own reason."""
    publish(topology(), directory=tmp_path)
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    pem = tmp_path / "broken.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nPRIVATE KEY-----")
    with pytest.raises(BadTopology, match="Envoy refuses"):
        publish(topology(tls=TlsFiles(certificate=pem, key=pem)), directory=tmp_path)
    pem.unlink()
    after = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_what_is_validated_is_what_is_published(tls: TlsFiles) -> None:
    """Envoy's validation does not follow references; the merged form must leave none out."""
    whole = topology(public_name="video.example", tls=tls)
    merged = json.loads(render_merged(whole))
    files = {name: json.loads(text) for name, text in render_files(whole).items()}
    names = {resource["name"] for resource in files["cds.json"]["resources"]}
    assert names <= {cluster["name"] for cluster in merged["static_resources"]["clusters"]}
    listeners = {resource["name"] for resource in files["lds.json"]["resources"]}
    assert listeners <= {entry["name"] for entry in merged["static_resources"]["listeners"]}
    assert not [node for node in walk(merged) if "path_config_source" in node]


def test_each_endpoint_file_holds_exactly_one_assignment() -> None:
    """Envoy rejects a file with two, and the validation above cannot see it."""
    files = render_files(topology())
    for name in ("endpoints-servers.json", "endpoints-media.json"):
        assert len(json.loads(files[name])["resources"]) == 1


def test_server_errors_are_never_retried() -> None:
    """Repeating work for a server in trouble makes a large failure out of a small one."""
    policies = [
        node["retry_policy"]["retry_on"]
        for node in walk(json.loads(render_files(topology())["rds.json"]))
        if "retry_policy" in node
    ]
    assert policies
    for policy in policies:
        assert not {"5xx", "gateway-error", "retriable-4xx"} & set(policy.split(","))


def test_writes_are_retried_only_when_nothing_was_begun() -> None:
    """A like that reached a server is never sent twice by the edge."""
    routes = json.loads(render_files(topology())["rds.json"])["resources"][0]["virtual_hosts"][0]
    write = routes["routes"][-1]
    conditions = set(write["route"]["retry_policy"]["retry_on"].split(","))
    assert conditions == {"connect-failure", "refused-stream", "reset-before-request"}


def test_every_route_has_an_end() -> None:
    """A timeout, or silence and length that are bounded: nothing lasts for ever."""
    for node in walk(json.loads(render_files(topology())["rds.json"])):
        route = node.get("route")
        if route:
            assert route["timeout"] != "0s" or route["idle_timeout"] != "0s"


def test_the_last_server_is_never_ejected() -> None:
    """Half the servers at most, and none when there is only one."""
    six = tuple(Endpoint(host="127.0.0.1", port=port) for port in range(8101, 8107))
    for servers, share in ((SERVERS, 50), (SERVERS[:1], 0), (six, 50), (six[:3], 33)):
        files = render_files(topology(servers=servers))
        app = json.loads(files["cds.json"])["resources"][0]
        assert app["outlier_detection"]["max_ejection_percent"] == share


def test_no_process_gets_more_at_once_than_it_works_on() -> None:
    """What comes beyond would wait where nobody sees it, health checks among it."""
    clusters = json.loads(render_files(topology())["cds.json"])["resources"]
    given: Counter[str] = Counter()
    for cluster in clusters:
        if "eds_cluster_config" in cluster:
            group = cluster["eds_cluster_config"]["service_name"]
            limit = cluster["circuit_breakers"]["per_host_thresholds"][0]["max_connections"]
            given[group] += limit
    assert set(given) == {"servers", "media"}
    assert given["servers"] < AT_ONCE
    assert given["media"] < AT_ONCE_BY_MEDIA


def test_the_admin_page_is_a_private_file_and_can_neither_quit_nor_reconfigure() -> None:
    """No port for anybody on the machine; only reading and draining are possible at all."""
    admin = json.loads(render_files(topology())["bootstrap.json"])["admin"]
    assert admin["address"] == {"pipe": {"path": "admin.sock", "mode": 0o600}}
    allowed = {next(iter(entry.values())) for entry in admin["allow_paths"]}
    assert not [
        path for path in allowed if "quit" in path or "runtime" in path or "logging" in path
    ]


def test_files_are_private(tmp_path: Path) -> None:
    """They tell where keys are and how the inside looks."""
    publish(topology(), directory=tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
