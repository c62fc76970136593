"""Ports that are held while their process is away: callers wait, and are sent back in time."""

import socket

import pytest

from solstice.kit.held_ports import HeldPorts
from tests.edge.stage import free_ports


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def test_callers_wait_while_a_port_is_held_and_are_reset_afterwards() -> None:
    """They are connected, hear nothing, and learn at once when it is time to ask again."""
    port = free_ports(1)[0]
    held = HeldPorts([("127.0.0.1", port)])
    held.hold()
    with connect(port) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        held.release()
        with pytest.raises(ConnectionResetError):
            caller.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_the_successor_may_listen_while_the_port_is_still_held() -> None:
    """It starts as if nobody were there; after the release every caller is its own."""
    port = free_ports(1)[0]
    held = HeldPorts([("127.0.0.1", port)])
    held.hold()
    with socket.socket() as successor:
        successor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        successor.bind(("127.0.0.1", port))
        successor.listen()
        held.release()
        for _ in range(20):
            with connect(port):
                successor.accept()[0].close()


def test_a_port_that_cannot_be_held_is_no_error() -> None:
    """Somebody listens there alone: then callers are in their hands, or refused as ever."""
    with socket.create_server(("127.0.0.1", 0)) as owner:
        held = HeldPorts([("127.0.0.1", owner.getsockname()[1]), ("192.0.2.1", 1)])
        held.hold()
        held.hold()
        held.release()
        with connect(owner.getsockname()[1]):
            owner.accept()[0].close()
