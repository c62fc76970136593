"""People as a drill sees them: they open, swipe, watch, like, comment, log in and upload.

Everything over HTTP, like any browser; the instance's demo gives them something to watch.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from solstice.drills.schedule import Event
from solstice.drills.wire import render_request

MIX = {
    "swipe": 0.4,
    "watch": 0.3,
    "open": 0.1,
    "like": 0.1,
    "comments": 0.06,
    "comment": 0.02,
    "log in": 0.01,
    "upload": 0.01,
}
"""How often people do what, by and large: mostly they watch."""
PLAYBACK = ("swipe", "watch")
PASSWORD = "a drill of good people"  # noqa: S105 - of made-up people on an instance of a minute
RANGE = "bytes=0-65535"
TUS = {"tus-resumable": "1.0.0", "upload-length": "100000"}


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Signed-up people, and clips to watch."""

    host: str
    tokens: tuple[str, ...]
    names: tuple[str, ...]
    clip_ids: tuple[str, ...]
    clip_urls: tuple[str, ...]
    dice: random.Random

    def render(self, event: Event) -> bytes:
        """Turn an action into its request."""
        place = event.person % len(self.tokens)
        clip = event.person % len(self.clip_ids)
        signed_in = {"authorization": f"Bearer {self.tokens[place]}"}
        video = f"/v1/videos/{self.clip_ids[clip]}"
        if event.action == "comment":
            return self._send(f"{video}/comments", {"text": "Lovely."}, signed_in)
        if event.action == "log in":
            words = {"name": self.names[place], "password": PASSWORD}
            return self._send("/v1/sessions", words, {})
        asks = {
            "open": ("GET", "/", {}),
            "swipe": ("GET", "/v1/feed/for-you", signed_in),
            "watch": ("GET", self.clip_urls[clip], {"range": RANGE}),
            "like": ("PUT", f"{video}/like", signed_in),
            "comments": ("GET", f"{video}/comments", signed_in),
            "upload": ("POST", "/v1/uploads", {**signed_in, **TUS}),
        }
        return self._ask(*asks[event.action])

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        return render_request(method, path, host=self.host, headers=headers)

    def _send(self, path: str, value: Any, headers: dict[str, str]) -> bytes:
        key = f"{self.dice.getrandbits(128):032x}"
        uuid = f"{key[:8]}-{key[8:12]}-4{key[13:16]}-8{key[17:20]}-{key[20:]}"
        headers = {**headers, "content-type": "application/json", "idempotency-key": uuid}
        body = json.dumps(value).encode()
        return render_request("POST", path, host=self.host, headers=headers, body=body)


def gather(port: int, *, count: int, seed: int) -> Audience:
    """Sign people up and look for clips.

    Errors: ConnectionError when the instance does not let them in or has nothing to show.
    """
    names = tuple(f"viewer{seed % 100_000}x{number}" for number in range(count))
    tokens = []
    for name in names:
        status, headers, _ = _call(port, "POST", "/v1/accounts", name=name, password=PASSWORD)
        cookie = headers("set-cookie") or ""
        if status != 201:  # noqa: PLR2004 - created
            raise ConnectionError(f"{name} could not sign up: {status}")
        tokens.append(cookie.partition("=")[2].partition(";")[0])
    _, _, body = _call(port, "GET", "/v1/feed/for-you")
    clips = json.loads(body)["items"]
    if not clips:
        raise ConnectionError("there is nothing to watch")
    return Audience(
        host=f"127.0.0.1:{port}",
        tokens=tuple(tokens),
        names=names,
        clip_ids=tuple(clip["id"] for clip in clips),
        clip_urls=tuple(clip["renditions"][0]["url"] for clip in clips),
        dice=random.Random(seed),  # noqa: S311 - repeatable on purpose
    )


def _call(
    port: int, method: str, path: str, **value: str
) -> tuple[int, Callable[[str], str | None], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        body = json.dumps(value) if value else None
        connection.request(method, path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.getheader, answer.read()
    finally:
        connection.close()
