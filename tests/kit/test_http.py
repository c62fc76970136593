"""Every answer carries a request id and safe headers; every failure is a problem document."""

import re

import pytest

from solstice.kit.asgi import App, Message
from tests.cast import Person


async def test_every_answer_has_a_request_id(anonymous: Person) -> None:
    """Even the framework's own 404."""
    answer = await anonymous.http.get("/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_the_edges_request_id_is_kept(anonymous: Person) -> None:
    """It travels from the edge to the database."""
    answer = await anonymous.http.get("/healthz/live", headers={"x-request-id": "edge-1"})
    assert answer.headers["x-request-id"] == "edge-1"


@pytest.mark.parametrize("hostile", ["a b", "x';DROP TABLE", "é", "x" * 65, "a\tb"])
async def test_a_hostile_request_id_is_replaced(anonymous: Person, hostile: str) -> None:
    """It goes into log lines and SQL, so it may hold nothing but harmless characters."""
    answer = await anonymous.http.get(
        "/healthz/live", headers={"x-request-id": hostile.encode("utf-8")}
    )
    assert answer.headers["x-request-id"] != hostile
    assert re.fullmatch(r"[0-9a-f]+-[0-9a-f]+", answer.headers["x-request-id"])


async def test_answers_cannot_be_sniffed_or_framed(anonymous: Person) -> None:
    """The baseline for everything that sets no policy of its own."""
    answer = await anonymous.http.get("/v1/nowhere")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_live_and_ready_are_different_questions(anonymous: Person) -> None:
    """One asks for a restart, the other for traffic."""
    assert (await anonymous.http.get("/healthz/live")).text == "live"
    assert (await anonymous.http.get("/healthz/ready")).text == "ready"


@pytest.mark.parametrize(("version", "status"), [("1", 200), ("1.0", 200), ("1.1", 400)])
async def test_a_check_in_http_1_0_needs_no_host(app: App, version: str, status: int) -> None:
    """A balancer's, which asks with OPTIONS; only later versions of HTTP require a host."""
    sent = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": version,
        "method": "OPTIONS",
        "path": "/healthz/ready",
        "query_string": b"",
        "headers": [(b"host", b"")],  # the server's way of saying that there was none
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == status


async def test_metrics_count_what_was_answered(anonymous: Person) -> None:
    """By route pattern, never by raw path: labels stay few."""
    await anonymous.http.get("/healthz/live")
    text = (await anonymous.http.get("/metrics")).text
    assert 'route="/healthz/live"' in text
    assert "solstice_database_pool" in text
