"""One server process of the bench: slots that hold a request for a while, or the real feed.

`slots` stands for a place that waits (a pool, a disk): two requests at once, 40 ms each, 50 a
second.  Without admission it takes whatever comes, as servers do that trust their balancer.
Run as `python -m bench.overload.place --port P --shape slots [--admission]`.

Slot servers can be made ill while they run, which no real server has to offer: SIGUSR1 makes one
answer 500 to everything but its health check, SIGUSR2 makes its health check a coin toss, SIGHUP
makes it silent; the same signal again cures it.
"""

import argparse
import asyncio
import random
import signal
import time

from solstice.admission import Admission, AdmissionSettings, Priority, RouteTable
from solstice.kit.asgi import App, Message, Receive, Scope, Send
from solstice.kit.serving import serve_app

SLOTS = 2
HOLD_S = 0.040
BODY = b'{"items":[]}'
START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"12")],
}

ROUTES = RouteTable(
    [
        ("GET", "/v1/feed/for-you", Priority.PLAYBACK),
        ("PUT", "/v1/videos/{video_id}/like", Priority.WRITE),
        ("GET", "/v1/videos/{video_id}/comments", Priority.INTERACTIVE),
        ("PATCH", "/v1/uploads/{video_id}", Priority.UPLOAD),
        ("POST", "/v1/beacons", Priority.DEFERRABLE),
        ("GET", "/healthz/ready", Priority.CRITICAL),
        ("GET", "/healthz/live", Priority.CRITICAL),
    ],
    default=Priority.INTERACTIVE,
)


class SlotPlace:
    """Two slots of 40 ms; `report_wait_ms` hears how long each request waited for one."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(SLOTS)
        self.admission: Admission | None = None
        self.ills: set[int] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer health at once, everything else from a slot."""
        if scope["type"] == "lifespan":
            for ill in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(ill, self.ills.__ixor__, {ill})
            await _live(receive, send)
            return
        if scope["path"] == "/healthz/ready":
            if signal.SIGHUP in self.ills:
                await asyncio.sleep(30)
            if signal.SIGUSR2 in self.ills and random.random() < 0.5:
                await _fail(send, 503)
                return
        elif signal.SIGUSR1 in self.ills:
            await _fail(send, 500)
            return
        if not scope["path"].startswith("/healthz/"):
            began_s = time.monotonic()
            async with self._slots:
                if self.admission:
                    self.admission.note_pool_wait((time.monotonic() - began_s) * 1000)
                await asyncio.sleep(HOLD_S)
        await send({**START, "headers": list(START["headers"])})
        await send({"type": "http.response.body", "body": BODY})


async def _fail(send: Send, status: int) -> None:
    """Answer an error at once, as a broken program does."""
    await send({**START, "status": status, "headers": list(START["headers"])})
    await send({"type": "http.response.body", "body": BODY})


async def _live(receive: Receive, send: Send) -> None:
    """Speak the lifespan protocol."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def build_slots(*, has_admission: bool) -> App:
    """Build the slot-shaped place, with or without admission before it."""
    place = SlotPlace()
    if not has_admission:
        return place
    place.admission = Admission(
        place, routes=ROUTES, settings=AdmissionSettings(in_flight_min=SLOTS), salt=b"bench"
    )
    return place.admission


def build_feed(*, has_admission: bool) -> App:
    """Build the served application, whole; without admission, only that layer is left out."""
    from solstice.app import build_app
    from solstice.settings import read_settings

    guarded = build_app(read_settings())
    assert isinstance(guarded, Admission)
    return guarded if has_admission else guarded.app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--shape", choices=("slots", "feed"), default="slots")
    parser.add_argument("--admission", action="store_true")
    options = parser.parse_args()
    build = build_slots if options.shape == "slots" else build_feed
    app = build(has_admission=options.admission)
    serve_app(app, host="127.0.0.1", port=options.port, setting="--port")


if __name__ == "__main__":
    main()
