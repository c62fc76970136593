"""One server process of the bench: slots that hold a request for a while, or the real feed.

`slots` stands for a place that waits (a pool, a disk): two requests at once, 40 ms each, 50 a
second.  Without admission it takes whatever comes, as servers do that trust their balancer.
Run as `python -m bench.overload.place --port P --shape slots [--admission]`.
"""

import argparse
import asyncio
import time

from solstice.admission import Admission, AdmissionSettings, Priority, RouteTable
from solstice.kit.http import App, Message, Receive, Scope, Send
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer health at once, everything else from a slot."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if not scope["path"].startswith("/healthz/"):
            began_s = time.monotonic()
            async with self._slots:
                if self.admission:
                    self.admission.note_pool_wait((time.monotonic() - began_s) * 1000)
                await asyncio.sleep(HOLD_S)
        await send({**START, "headers": list(START["headers"])})
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
    place.admission = Admission(place, routes=ROUTES, settings=AdmissionSettings(), salt=b"bench")
    return place.admission


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--admission", action="store_true")
    options = parser.parse_args()
    app = build_slots(has_admission=options.admission)
    serve_app(app, host="127.0.0.1", port=options.port, setting="--port")


if __name__ == "__main__":
    main()
