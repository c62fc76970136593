"""Let callers wait while the process they want is away, instead of refusing them.

When a listening process dies, the kernel refuses every new connection until its successor
listens, and a client's one retry comes within that time.  So the port is listened on in its
place: the kernel completes the handshakes, and nothing is read.  Once the successor serves, the
waiting connections are reset; their requests were never read by anybody, and the retry of each
finds the successor.

The process itself must listen with SO_REUSEPORT (Envoy does), under the same user.
"""

import contextlib
import socket
from collections.abc import Sequence

CALLERS_MAX = 1024


class HeldPorts:
    """Some addresses that can be held for a while."""

    def __init__(self, addresses: Sequence[tuple[str, int]]) -> None:
        self._addresses = addresses
        self._sockets: list[socket.socket] = []

    def hold(self) -> None:
        """Begin to let callers wait; what cannot be held is refused by the kernel as ever."""
        if self._sockets:
            return
        for host, port in self._addresses:
            place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self._sockets.append(place)
            with contextlib.suppress(OSError):
                place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                place.bind((host, port))
                place.listen(CALLERS_MAX)

    def release(self) -> None:
        """Reset whoever waits, so that they ask again."""
        while self._sockets:
            self._sockets.pop().close()
