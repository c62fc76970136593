"""Talk to a running Envoy over its admin socket: is it serving, and let it drain.

The socket is a file only its owner may open; there is no admin port.  It is reached
through an open directory handle, so the path's length does not matter (a socket path
ends at 107 bytes).
"""

import contextlib
import os
import socket
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from solstice.edge.clusters import APP
from solstice.edge.configuration import ADMIN_SOCKET

TIMEOUT_S = 1.0
DRAIN_PATIENCE_S = 3.0
_ACTIVE = r"^http\.viewers\.downstream_rq_active$"
_HEALTHY = rf"^cluster\.{APP}\.membership_healthy$"


class _AdminConnection(HTTPConnection):
    def __init__(self, directory: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._directory = directory

    def connect(self) -> None:
        """Connect to the socket file below the directory."""
        handle = os.open(self._directory, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(TIMEOUT_S)
            self.sock.connect(f"/proc/self/fd/{handle}/{ADMIN_SOCKET}")
        finally:
            os.close(handle)


def ask_admin(directory: Path, path: str, *, method: str = "GET") -> str | None:
    """Return the admin page's text; None when Envoy does not answer it with success."""
    connection = _AdminConnection(directory)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return text if response.status == 200 else None  # noqa: PLR2004  HTTP's own number


def is_serving(directory: Path) -> bool:
    """Whether Envoy listens and knows at least one healthy server."""
    return ask_admin(directory, "/ready") is not None and _read_gauge(directory, _HEALTHY) > 0


def drain(directory: Path, *, patience_s: float = DRAIN_PATIENCE_S) -> None:
    """Take no new connections and let requests in flight end, for a bounded time."""
    if ask_admin(directory, "/drain_listeners", method="POST") is None:
        return
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and _read_gauge(directory, _ACTIVE) > 0:
        time.sleep(0.05)


def _read_gauge(directory: Path, pattern: str) -> int:
    text = ask_admin(directory, f"/stats?filter={pattern}") or ""
    with contextlib.suppress(ValueError, IndexError):
        return int(text.split(":", 1)[1])
    return 0
