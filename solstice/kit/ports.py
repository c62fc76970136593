"""Is this port free?  Asked before starting, because several servers would share one in silence.

Envoy and granian set SO_REUSEPORT: a second instance would not fail, it would take half
of the first one's connections.
"""

import socket

from solstice.kit.remedies import OperatorError


def require_free_address(host: str, port: int, *, setting: str) -> None:
    """Errors: OperatorError naming the setting, when another process listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Connections of a former life in TIME_WAIT are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise OperatorError(
                f"Port {port} may not be used by this user.",
                remedy=f"Set {setting} to a port above 1023, or allow it with "
                f"`sysctl net.ipv4.ip_unprivileged_port_start={port}`.",
            ) from error
        except OSError as error:
            raise OperatorError(
                f"Port {port} on {host} is already taken.",
                remedy=f"Stop what listens there, or set {setting} to a free port.",
            ) from error
