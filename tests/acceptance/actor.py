"""People who go on using an instance whatever happens to it, and note what was acknowledged.

Each does what a client would: retries until answered, asks for the offset after a break, repeats
a write with the same key.
"""

import hashlib
import os
import random
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.acceptance.instance import Instance
from tests.cast import PASSWORD
from tests.samples import run_ffmpeg
from tests.videos.workshop import make_foreign_clip, make_plain_clip

TUS = {"tus-resumable": "1.0.0"}
PIECE_BYTES = 700_000
WAITING_MAX = 2
"""An actor uploads no more while so many of its videos are on their way."""


@dataclass
class Notes:
    """What was acknowledged."""

    uploads: dict[str, str] = field(default_factory=dict)
    """Video id to the hash of its file."""
    garbage: set[str] = field(default_factory=set)
    captions: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    likes: set[tuple[str, str]] = field(default_factory=set)
    comments: dict[str, str] = field(default_factory=dict)
    broken_promises: list[str] = field(default_factory=list)


class Actor(threading.Thread):
    """Somebody with an account who goes on until told to stop."""

    def __init__(self, instance: Instance, notes: Notes, clips: list[bytes], seed: int) -> None:
        super().__init__(daemon=True, name=f"actor-{seed}")
        self.instance = instance
        self.notes = notes
        self.clips = clips
        self.dice = random.Random(seed)  # noqa: S311
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        self.name_of_account = f"actor{os.urandom(5).hex()}"
        self.http = httpx.Client(base_url=instance.url, timeout=20)
        self.account_id = ""

    def run(self) -> None:
        """Live."""
        try:
            self._sign_up()
            while not self.stopping.is_set():
                self.dice.choice(
                    [
                        self._upload,
                        self._upload,
                        self._upload_garbage,
                        self._edit,
                        self._delete_video,
                        self._like,
                        self._comment,
                    ]
                )()
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - shown by `finish`
            self.failure = error

    def finish(self) -> None:
        """Stop, and show what went wrong."""
        self.stopping.set()
        self.join(60)
        self.http.close()
        assert self.failure is None, repr(self.failure)

    def _ask(self, method: str, path: str, *, good: set[int], **options: Any) -> httpx.Response:
        """Repeat a request until it gets an answer that decides it; as any good client."""
        while True:
            try:
                answer = self.http.request(method, path, **options)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code in good:
                return answer
            if answer is not None and answer.status_code not in {429, 500, 502, 503, 504, 507}:
                raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            if self.stopping.wait(0.1 + self.dice.random() / 4):
                raise _Stopped

    def _sign_up(self) -> None:
        body = {"name": self.name_of_account, "password": PASSWORD}
        answer = self._ask("POST", "/v1/accounts", good={201, 409}, json=body)
        if answer.status_code == 409:  # the answer to the first try was lost
            answer = self._ask("POST", "/v1/sessions", good={201}, json=body)
        self.account_id = answer.json()["id"]
        self.http.headers["authorization"] = f"Bearer {self.http.cookies['solstice_session']}"
        self.http.cookies.clear()

    def _own(self, *states: str) -> list[str]:
        page = self._ask("GET", "/v1/studio/videos", good={200}).json()
        return [video["id"] for video in page["items"] if video["state"] in states]

    def _has_enough(self) -> bool:
        """Whether one's line is long enough; then wait a little."""
        if len(self._own("received", "processing")) < WAITING_MAX:
            return False
        self.stopping.wait(0.3)
        return True

    def _upload(self) -> None:
        if self._has_enough():
            return
        # A box that players skip makes each file its own, and longer than one piece.
        padding = os.urandom(self.dice.randrange(PIECE_BYTES, 4 * PIECE_BYTES))
        box = (len(padding) + 8).to_bytes(4, "big") + b"free" + padding
        self._send(self.dice.choice(self.clips) + box)

    def _upload_garbage(self) -> None:
        if self._has_enough():
            return
        self.notes.garbage.add(self._send(os.urandom(50_000)))

    def _send(self, data: bytes) -> str:
        headers = {**TUS, "upload-length": str(len(data)), "idempotency-key": str(uuid4())}
        answer = self._ask("POST", "/v1/uploads", good={201}, headers=headers)
        where, acknowledged = answer.headers["location"], 0
        while acknowledged < len(data):
            answer = self._ask("HEAD", where, good={200}, headers=TUS)
            offset = int(answer.headers["upload-offset"])
            if offset < acknowledged:
                self.notes.broken_promises.append(f"{where}: {acknowledged} became {offset}")
            acknowledged = offset
            acknowledged = max(acknowledged, self._send_pieces(where, data, offset))
        video_id = where.rsplit("/", 1)[1]
        self.notes.uploads[video_id] = hashlib.sha256(data).hexdigest()
        return video_id

    def _send_pieces(self, where: str, data: bytes, offset: int) -> int:
        """Send until something breaks; returns the last acknowledged offset."""
        while offset < len(data) and not self.stopping.is_set():
            headers = {
                **TUS,
                "upload-offset": str(offset),
                "content-type": "application/offset+octet-stream",
            }
            piece = data[offset : offset + PIECE_BYTES]
            try:
                answer = self.http.patch(where, headers=headers, content=piece)
            except httpx.HTTPError:
                return offset
            if answer.status_code != 204:
                return offset
            offset = int(answer.headers["upload-offset"])
        if self.stopping.is_set() and offset < len(data):
            raise _Stopped
        return offset

    def _edit(self) -> None:
        for video_id in self._own("live")[:1]:
            caption = f"Caption {uuid4()}"
            address = f"/v1/videos/{video_id}"
            self._ask("PATCH", address, good={200}, json={"caption": caption})
            self.notes.captions[video_id] = caption

    def _delete_video(self) -> None:
        for video_id in self._own("live", "processing", "refused")[3:4]:
            # 404: the answer to the first try was lost.
            self._ask("DELETE", f"/v1/videos/{video_id}", good={204, 404})
            self.notes.deleted.add(video_id)

    def _like(self) -> None:
        for video_id in self._own("live")[:3]:
            self._ask("PUT", f"/v1/videos/{video_id}/like", good={204})
            self.notes.likes.add((self.account_id, video_id))

    def _comment(self) -> None:
        for video_id in self._own("live")[:1]:
            key = str(uuid4())
            self._ask(
                "POST",
                f"/v1/videos/{video_id}/comments",
                good={200, 201},
                headers={"idempotency-key": key},
                json={"text": f"Words {key}"},
            )
            self.notes.comments[key] = video_id


class _Stopped(Exception):
    """The actor was told to stop in the middle of something that was not acknowledged."""


def make_clips(folder: Path) -> list[bytes]:
    """Clips to upload: most can be copied, one must be encoded."""
    clips = [make_plain_clip(folder / f"{n}.mp4", duration_s=1.0 + n / 2) for n in range(3)]
    foreign = folder / "foreign.mp4"
    make_foreign_clip(folder / "foreign.avi", duration_s=1.0)
    run_ffmpeg("-i", folder / "foreign.avi", "-c", "copy", foreign)
    return [*clips, foreign.read_bytes()]
