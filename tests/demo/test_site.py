"""The site: patient with a platform that is busy, clear about one that is not there."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from solstice.demo.site import Refused, Site
from solstice.kit.remedies import OperatorError
from tests.conftest import free_port

Script = list[tuple[int, dict[str, str], bytes]]


@contextmanager
def answering(
    script: Script,
) -> Iterator[tuple[Site, list[tuple[str, str, dict[str, str], bytes]]]]:
    """Answer one request after the other as the script says; yields the site and what was asked."""
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): text for name, text in self.headers.items()}
            asked.append((self.command, self.path, headers, body))
            status, extra, content = script[len(asked) - 1]
            self.send_response(status)
            for name, text in {"content-length": str(len(content)), **extra}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)
            if extra.get("connection") == "close":
                self.close_connection = True

        do_GET = do_POST = do_PUT = answer  # noqa: N815  the library's names

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with closing(Site(f"http://127.0.0.1:{server.server_port}")) as site:
            yield site, asked
        server.shutdown()
        thread.join(10)


def test_a_busy_platform_is_asked_again_when_it_says() -> None:
    """429 and 503 are not failures but appointments."""
    wait = {"retry-after": "0"}
    with answering([(503, wait, b""), (429, wait, b""), (200, {}, b'{"x": 1}')]) as (site, asked):
        answer = site.call("PUT", "/v1/x", token="t", value={"a": 1}, key="k")
    assert answer.json() == {"x": 1}
    assert len(asked) == 3
    assert {request[3] for request in asked} == {b'{"a": 1}'}
    _, _, headers, _ = asked[-1]
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer t", "k")


def test_a_refusal_says_what_the_platform_said() -> None:
    """The problem's own sentence."""
    with (
        answering([(409, {}, b'{"detail": "Taken."}')]) as (site, _),
        pytest.raises(Refused, match=r"409 Taken\.") as refusal,
    ):
        site.call("POST", "/v1/accounts", value={})
    assert refusal.value.status == 409


def test_a_connection_that_closes_is_opened_again() -> None:
    """Servers close idle connections; nobody should notice."""
    script: Script = [(204, {"connection": "close"}, b""), (204, {}, b"")]
    with answering(script) as (site, asked):
        for _ in script:
            assert site.call("PUT", "/v1/x").status == 204
    assert len(asked) == 2


def test_the_session_is_read_from_the_cookie_whatever_its_prefix() -> None:
    """Over https browsers want another name for it."""
    for name in ("solstice_session", "__Host-solstice_session"):
        cookie = {"set-cookie": f"{name}=abc.def; HttpOnly; Path=/; SameSite=lax"}
        with answering([(201, cookie, b"{}")]) as (site, _):
            assert site.call("POST", "/v1/sessions", value={}).token() == "abc.def"


def test_an_instance_that_is_not_there_is_said_with_the_remedy() -> None:
    """The most likely mistake: `make demo` without `make up`."""
    with (
        closing(Site(f"http://127.0.0.1:{free_port()}")) as site,
        pytest.raises(OperatorError, match="make up"),
    ):
        site.require_running()
    with answering([(404, {}, b"")]) as (site, _), pytest.raises(OperatorError, match="not a Sol"):
        site.require_running()
    with pytest.raises(OperatorError, match="not an address"):
        Site("localhost")
