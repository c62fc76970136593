"""Talking to Envoy's admin socket: what it says is believed, what it does not say hurts nobody.

A stand-in answers here, so that odd answers can be given; `test_edge.py` asks a real Envoy.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Thread
from typing import Any

import pytest

from solstice.edge.admin import ask_admin, drain, is_serving
from solstice.edge.configuration import ADMIN_SOCKET

Answer = tuple[int, str]


class Stage(BaseHTTPRequestHandler):
    """Gives the answers prepared for a path in turn; the last one for ever."""

    server: "StageServer"

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Give the next answer."""
        path = self.path.split("?", 1)[0]
        self.server.asked.append(f"{self.command} {path}")
        answers = self.server.answers.get(path, [(404, "")])
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET  # noqa: N815  the library's names


class StageServer(ThreadingUnixStreamServer):
    """An admin socket; `asked` is what reached it."""

    daemon_threads = True

    def __init__(self, place: str, answers: dict[str, list[Answer]]) -> None:
        super().__init__(place, Stage)
        self.answers = answers
        self.asked: list[str] = []


@contextmanager
def short_path(directory: Path) -> Iterator[str]:
    """Name the admin socket in fewer than 107 bytes, wherever the directory lies."""
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{ADMIN_SOCKET}"
    finally:
        os.close(handle)


@contextmanager
def admin(directory: Path, **answers: list[Answer]) -> Iterator[StageServer]:
    """Answer on the admin socket of a directory until the block ends."""
    with short_path(directory) as place:
        server = StageServer(place, {f"/{path}": given for path, given in answers.items()})
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gauge(*values: int) -> list[Answer]:
    """Render a gauge's values as the statistics page does."""
    return [(200, f"some.gauge: {value}\n") for value in values]


def test_it_is_reached_however_deep_its_directory_lies(tmp_path: Path) -> None:
    """A socket's own path may have 107 bytes; a checkout's may have more."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with admin(deep, server_info=[(200, "live")]):
        assert ask_admin(deep, "/server_info") == "live"


def test_an_answer_without_success_is_no_answer(tmp_path: Path) -> None:
    """Nobody reads an error page as if it were a number."""
    with admin(tmp_path, server_info=[(503, "live")]):
        assert ask_admin(tmp_path, "/server_info") is None


def test_an_edge_that_does_not_run_is_not_serving(tmp_path: Path) -> None:
    """Without a socket, and with one that nobody listens on: both happen around a crash."""
    assert not is_serving(tmp_path)
    with socket.socket(socket.AF_UNIX) as dead, short_path(tmp_path) as place:
        dead.bind(place)
    assert not is_serving(tmp_path)


@pytest.mark.parametrize(
    ("ready", "healthy", "expected"),
    [
        ([(200, "LIVE")], gauge(2), True),
        ([(200, "LIVE")], gauge(0), False),
        ([(200, "LIVE")], [(200, "")], False),
        ([(200, "LIVE")], [(200, "no number")], False),
        ([(503, "PRE_INITIALIZING")], gauge(2), False),
    ],
)
def test_serving_means_ready_and_a_healthy_server_behind(
    tmp_path: Path, ready: list[Answer], healthy: list[Answer], *, expected: bool
) -> None:
    """An edge that could only answer 503 is not announced as up."""
    with admin(tmp_path, ready=ready, stats=list(healthy)):
        assert is_serving(tmp_path) is expected


def test_draining_waits_for_the_requests_in_flight(tmp_path: Path) -> None:
    """New connections stop first; then the last viewer's answer is awaited."""
    with admin(tmp_path, drain_listeners=[(200, "OK")], stats=gauge(2, 1, 0)) as stage:
        drain(tmp_path, patience_s=30.0)
    assert stage.asked == ["POST /drain_listeners", *["GET /stats"] * 3]


def test_draining_gives_up_on_a_request_that_never_ends(tmp_path: Path) -> None:
    """A download over a slow line must not hold the stop for ever."""
    with admin(tmp_path, drain_listeners=[(200, "OK")], stats=gauge(1)) as stage:
        drain(tmp_path, patience_s=0.1)
    assert "GET /stats" in stage.asked


def test_there_is_nothing_to_wait_for_where_nothing_runs(tmp_path: Path) -> None:
    """Or where the edge refuses to drain: its numbers are not even asked for."""
    drain(tmp_path, patience_s=30.0)
    with admin(tmp_path, drain_listeners=[(500, "")], stats=gauge(1)) as stage:
        drain(tmp_path, patience_s=30.0)
    assert stage.asked == ["POST /drain_listeners"]


@pytest.mark.slow
def test_an_edge_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """It takes the connection and says nothing: after a second that is an answer too."""
    with socket.socket(socket.AF_UNIX) as silent, short_path(tmp_path) as place:
        silent.bind(place)
        silent.listen()
        assert not is_serving(tmp_path)
