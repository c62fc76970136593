"""A taken port is found before anything starts, with the setting that moves it."""

import socket

import pytest

from solstice.kit.ports import require_free_address
from solstice.kit.remedies import OperatorError


def test_a_listening_stranger_is_noticed_even_when_it_would_share_the_port() -> None:
    """SO_REUSEPORT lets two servers split connections in silence: worse than an error."""
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(OperatorError, match=f"Port {port} on 127.0.0.1 is already taken") as e:
            require_free_address("127.0.0.1", port, setting="SOLSTICE_EDGE_PORT")
    assert "SOLSTICE_EDGE_PORT" in e.value.remedy


def test_a_port_that_was_just_used_is_free() -> None:
    """A restart must not wait two minutes for old connections in TIME_WAIT."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()
    require_free_address("127.0.0.1", port, setting="SOLSTICE_EDGE_PORT")
