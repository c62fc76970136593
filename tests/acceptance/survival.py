"""An instance whose processes are killed while people use it, and the reckoning afterwards.

`reckon` holds what the people noted as acknowledged (`actor.py`) against what is there.
"""

import asyncio
import hashlib
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from solstice.resources import build_resources
from solstice.settings import read_settings
from solstice.videos.names import PREFIXES
from solstice.videos.sweep import sweep
from tests.acceptance.actor import Actor, Notes
from tests.acceptance.instance import Instance, until

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
