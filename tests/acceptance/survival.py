"""People who go on using an instance while its processes are killed, and the reckoning afterwards.

Each actor does what a client would: it retries until it is answered, asks for the offset after
a break, repeats a write with the same key.  It notes what was acknowledged, and nothing else;
`reckon` then holds the notes against what is there.
"""

import asyncio
import hashlib
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from solstice.resources import build_resources
from solstice.settings import read_settings
from solstice.videos.names import PREFIXES
from solstice.videos.sweep import sweep
from tests.acceptance.instance import Instance, until
from tests.cast import PASSWORD
from tests.samples import run_ffmpeg
from tests.videos.workshop import make_foreign_clip, make_plain_clip

TARGETS = ("server-1", "server-2", "worker", "media", "steering", "edge", "postgres", "supervisor")
LEASE_S = 10
SETTINGS = {
    "SOLSTICE_VIDEOS_LEASE_S": str(LEASE_S),
    "SOLSTICE_VIDEOS_RETRY_BASE_S": "1",
    "SOLSTICE_VIDEOS_RETRY_S_MAX": str(LEASE_S),
    "SOLSTICE_VIDEOS_ATTEMPTS_MAX": "50",
    "SOLSTICE_VIDEOS_ORPHAN_GRACE_S": "0",
    "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
}
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


def run_rounds(
    instance: Instance,
    *,
    rounds: int,
    clips: list[bytes],
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> Notes:
    """Kill a random process at a random moment, again and again, while people use the place."""
    notes, dice = Notes(), random.Random(seed)  # noqa: S311
    actors = [Actor(instance, notes, clips, seed + index) for index in range(2)]
    for actor in actors:
        actor.start()
    moment = threading.Event()
    for number in range(rounds):
        moment.wait(dice.uniform(0.2, 2.5))
        target = dice.choice(TARGETS)
        instance.kill(target)
        if target == "supervisor":
            moment.wait(dice.uniform(0.0, 0.5))
            instance.start_and_wait()
        until(instance.answers, within_s=60, explain=instance.explain)
        tell(f"{number + 1}: {target}, {len(notes.uploads)} uploads")
    for actor in actors:
        actor.finish()
    return notes


def settle(instance: Instance, notes: Notes, *, within_s: float) -> tuple[float, float]:
    """Wait until every acknowledged video is finished.

    Returns how long it took until all of them were live or refused, and until all renditions of
    all of them were there, which is as much work as the people left.
    """
    began = time.monotonic()
    # Pages come without the database: that they do says nothing of the last kill's victim.
    until(lambda: _is_database_back(instance), within_s=within_s, explain=instance.explain)
    ended_s = []
    for condition in (_UNDECIDED, _UNFINISHED):
        until(
            lambda condition=condition: not _list(instance, notes, condition),  # type: ignore[misc]
            within_s=began + within_s - time.monotonic(),
            explain=instance.explain,
        )
        ended_s.append(time.monotonic() - began)
    return ended_s[0], ended_s[1]


_UNDECIDED = "state IN ('uploading', 'received', 'processing')"
_UNFINISHED = f"({_UNDECIDED} OR (state = 'live' AND ladder_done_at IS NULL))"


def _is_database_back(instance: Instance) -> bool:
    try:
        return bool(_rows(instance, "SELECT 1", []))
    except psycopg.OperationalError:
        return False


def _list(instance: Instance, notes: Notes, condition: str) -> list[Any]:
    statement = f"SELECT id FROM videos WHERE deleted_at IS NULL AND id = ANY(%s) AND {condition}"
    return _rows(instance, statement, [list(notes.uploads)])


def reckon(instance: Instance, notes: Notes) -> None:
    """Hold what was acknowledged against what is there."""
    assert notes.broken_promises == []
    _reckon_videos(instance, notes)
    _reckon_words(instance, notes)
    asyncio.run(_sweep_twice(instance))
    _reckon_files(instance)


def _reckon_videos(instance: Instance, notes: Notes) -> None:
    rows = {
        str(row[0]): row[1:]
        for row in _rows(
            instance,
            """
            SELECT v.id, v.state, v.deleted_at IS NOT NULL, v.original_object,
                (SELECT count(*) FROM renditions r WHERE r.video_id = v.id),
                (SELECT count(*) FROM video_events e WHERE e.video_id = v.id AND e.kind = 'live')
                + (SELECT count(*) FROM notifications n
                    WHERE n.video_id = v.id AND n.kind = 'video_live'),
                v.refusal_code, v.attempts
            FROM videos v
            """,
            [],
        )
    }
    for video_id, digest in notes.uploads.items():
        assert video_id in rows, f"an acknowledged upload is lost: {video_id}"
        state, is_deleted, original, rendition_count, told_count, code, _ = rows[video_id]
        if video_id in notes.deleted:
            assert is_deleted, f"an acknowledged deletion is undone: {video_id}"
            continue
        expected = "refused" if video_id in notes.garbage else "live"
        assert state == expected, (video_id, state, code)
        stored = instance.state_dir / "objects" / original
        assert hashlib.sha256(stored.read_bytes()).hexdigest() == digest, video_id
        if expected == "live":
            assert rendition_count >= 1
            assert told_count == 1, f"published {told_count} times: {video_id}"


def _reckon_words(instance: Instance, notes: Notes) -> None:
    gone = notes.deleted
    captions = dict(_rows(instance, "SELECT id::text, caption FROM videos", []))
    for video_id, caption in notes.captions.items():
        if video_id not in gone:
            assert captions[video_id] == caption, f"an acknowledged edit is lost: {video_id}"
    likes = set(_rows(instance, "SELECT viewer_id::text, video_id::text FROM likes", []))
    for like in notes.likes:
        assert like in likes or like[1] in gone, f"an acknowledged like is lost: {like}"
    texts = [text for (text,) in _rows(instance, "SELECT text FROM comments", [])]
    for key, video_id in notes.comments.items():
        count = texts.count(f"Words {key}")
        assert count == 1 or video_id in gone, f"a comment is there {count} times"


def _reckon_files(instance: Instance) -> None:
    """Every named object is there, and every object is named; no half-written file, no scratch."""
    named = {
        name
        for (name,) in _rows(
            instance,
            """
            SELECT original_object FROM videos WHERE original_object IS NOT NULL
            UNION SELECT poster_object FROM videos WHERE poster_object IS NOT NULL
            UNION SELECT thumb_object FROM videos WHERE thumb_object IS NOT NULL
            UNION SELECT object FROM renditions
            UNION SELECT object FROM captions
            UNION SELECT object FROM poster_frames
            UNION SELECT thumb_object FROM poster_frames
            UNION SELECT object FROM upload_parts
            """,
            [],
        )
    }
    root = instance.state_dir / "objects"
    there = {
        str(path.relative_to(root))
        for prefix in PREFIXES
        for path in (root / prefix).rglob("*")
        if path.is_file()
    }
    assert named - there == set(), "objects are missing"
    assert there - named == set(), "objects are nobody's"
    scratch = instance.state_dir / "scratch"
    assert not scratch.exists() or not list(scratch.iterdir())


async def _sweep_twice(instance: Instance) -> None:
    """Do at once what the timetable does within the hour; the grace is 0 here."""
    settings = read_settings(
        {**instance.environment, "SOLSTICE_DATABASE_DSN": instance.postgres.dsn}
    )
    resources = build_resources(settings)
    await resources.database.open()
    try:
        await sweep(resources)
        await sweep(resources)
    finally:
        await resources.database.close()


def _rows(instance: Instance, statement: str, values: list[Any]) -> list[Any]:
    with psycopg.connect(instance.postgres.dsn) as conn:
        return conn.execute(statement, values).fetchall()  # type: ignore[call-overload,no-any-return]


def list_strangers(instance: Instance) -> list[int]:
    """List processes that still have a file of this instance open or as their directory."""
    found, marker = [], str(instance.state_dir).encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker in command:
                found.append(int(entry.name))
    return found


def remove(instance: Instance) -> None:
    """Leave nothing behind."""
    instance.end()
    shutil.rmtree(instance.state_dir, ignore_errors=True)
