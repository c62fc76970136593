"""Serve one application, ASGI or RSGI, on one address in this very process.

granian's embedded server runs on our own event loop: no parent process that
would cost 25 MB and could be killed while its worker keeps the port.  One
process is one endpoint of the edge, so load, health and blame are per process.

Backpressure is bounded: `AT_ONCE` requests are worked on at once, what comes beyond waits
in the kernel's queue of as many connections, and the edge's own limits (`edge/clusters.py`)
keep it from getting there.
"""

import asyncio
import os
import signal
import socket
from typing import Any

import uvloop
from granian._granian import ListenerSpec
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.http import HTTP1Settings
from granian.server.embed import Server

from solstice.kit.ports import require_free_address

AT_ONCE = 192
BACKLOG_MIN = 256
HEADER_READ_TIMEOUT_MS = 10_000
HEADER_BYTES_MAX = 96 * 1024


class _Server(Server):
    """granian's server on a socket that was set up here.

    It has no setting for this; on Linux it would open the socket in its own threads.
    """

    patience_s: float | None = None

    def _init_shared_socket(self) -> None:
        holder = ListenerSpec(self.bind_addr, self.bind_port, self.backlog).build()
        if self.patience_s is not None:
            with socket.socket(fileno=os.dup(holder.get_fd())) as listening:
                # RFC 5482; accepted connections inherit it.  Since Linux 5.11 it counts for
                # readers that answer probes and take nothing, too.
                listening.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(self.patience_s * 1000)
                )
        self._shd = holder  # type: ignore[assignment]


def serve_app(
    app: Any,
    *,
    host: str,
    port: int,
    setting: str,
    at_once: int = AT_ONCE,
    patience_s: float | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight and return.

    Errors: OperatorError when the port is taken.
    """
    require_free_address(host, port, setting=setting)
    uvloop.run(
        serve_until_stopped(app, host=host, port=port, at_once=at_once, patience_s=patience_s)
    )


async def serve_until_stopped(
    app: Any,
    *,
    host: str,
    port: int,
    until: asyncio.Event | None = None,
    at_once: int = AT_ONCE,
    patience_s: float | None = None,
) -> None:
    """Serve inside a running loop until the event is set, or a stop signal without one.

    Who takes nothing of an answer for `patience_s` loses the connection.
    """
    server = _Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.RSGI if hasattr(app, "__rsgi__") else Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=max(BACKLOG_MIN, at_once),
        backpressure=at_once,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_READ_TIMEOUT_MS, max_buffer_size=HEADER_BYTES_MAX
        ),
        log_enabled=False,
    )
    server.patience_s = patience_s
    stop = until or stop_event()
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    try:
        await serving
    except FatalError as error:
        raise RuntimeError("the application did not start; the log above says why") from error
    if not stop.is_set():
        raise RuntimeError("the server ended by itself")


def stop_event() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, event.set)
    return event
