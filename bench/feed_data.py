"""A community of made-up people for `bench/feed.py`, written by COPY without triggers.

Videos lie in 200 regions of taste; each viewer likes three of them.  Sizes follow what real
logs show: popularity falls as 1/rank, a viewer has seen some hundreds of clips, a caption has
sixty characters and a clip four renditions.
"""

import random
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg

from solstice.feed.keys import LOW_64
from solstice.feed.records import PACKED, VIEW
from solstice.kit.ids import new_id

REGIONS = 200
SEEN_EACH = 300
RECORDS_EACH = 80
LIKES_EACH = 20
FOLLOWS_EACH = 12
TAGS = ("sea", "cats", "bread", "bikes", "piano", "snow", "garden", "chess", "dance", "news")


def fill(dsn: str, *, videos: int, accounts: int) -> list[tuple[str, str]]:
    """Fill the database; returns ids and names of the accounts."""
    started = time.monotonic()
    rng = np.random.default_rng(11)
    dice = random.Random(11)
    now = datetime.now(UTC)
    with psycopg.connect(dsn) as conn:
        conn.execute("SET session_replication_role = replica")
        people = _copy_accounts(conn, accounts)
        creators = people[: max(2, accounts // 5)]
        ids = _copy_videos(conn, rng, dice, creators, videos=videos, now=now)
        _copy_scores(conn, rng, ids)
        _copy_viewers(conn, rng, people, creators, ids, now=now)
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE")
    print(f"filled {videos:,} videos, {accounts:,} accounts in {time.monotonic() - started:.0f} s")
    return [(str(account_id), name) for account_id, name in people]


def _copy_accounts(conn: psycopg.Connection, count: int) -> list[tuple[object, str]]:
    people: list[tuple[object, str]] = [(new_id(), f"person{n}") for n in range(count)]
    with conn.cursor().copy(
        "COPY accounts (id, name, display_name, password_hash) FROM STDIN"
    ) as copy:
        for account_id, name in people:
            copy.write_row((account_id, name, name.title(), "!"))
    return people


def _copy_videos(
    conn: psycopg.Connection,
    rng: np.random.Generator,
    dice: random.Random,
    creators: list[tuple[object, str]],
    *,
    videos: int,
    now: datetime,
) -> list:  # type: ignore[type-arg]
    ids = []
    cursor = conn.cursor()
    with cursor.copy(
        """
        COPY videos (id, creator_id, state, caption, hashtags, created_at, published_at,
            received_at, duration_ms, width, height, has_audio, poster_object, thumb_object,
            placeholder, size_bytes, received_bytes, ladder_done_at) FROM STDIN
        """
    ) as copy:
        for _ in range(videos):
            age = timedelta(days=float(rng.exponential(60)))
            video_id = new_id(int((now - age).timestamp() * 1000))
            ids.append(video_id)
            tags = dice.sample(TAGS, 2)
            caption = f"An evening by the river, take {dice.randrange(1000)} #{tags[0]} #{tags[1]}"
            at = now - age
            copy.write_row(
                (
                    video_id,
                    dice.choice(creators)[0],
                    "live",
                    caption,
                    tags,
                    at,
                    at,
                    at,
                    dice.randrange(5000, 60000),
                    1080,
                    1920,
                    True,
                    f"posters/{video_id}.webp",
                    f"posters/{video_id}-360.webp",
                    "data:image/webp;base64," + "A" * 120,
                    1000,
                    1000,
                    at,
                )
            )
    sides = ((360, 640), (540, 960), (720, 1280), (1080, 1920))
    with cursor.copy(
        """
        COPY renditions (video_id, object, width, height, short_side, bitrate_bps, codecs,
            size_bytes) FROM STDIN
        """
    ) as copy:
        for video_id in ids:
            for width, height in sides:
                name = f"renditions/{video_id.hex}{width}.mp4"
                row = (video_id, name, width, height, width, width * 2500, "avc1.64001f,mp4a.40.2")
                copy.write_row((*row, width * 9000))
    return ids


def _copy_scores(conn: psycopg.Connection, rng: np.random.Generator, ids: list) -> None:  # type: ignore[type-arg]
    shown = (2000 / (1 + rng.permutation(len(ids)) * 50 / len(ids))).astype(int)
    share = rng.beta(6, 14, len(ids))
    centers = rng.normal(size=(REGIONS, 32))
    vectors = centers[rng.integers(REGIONS, size=len(ids))] + 0.6 * rng.normal(size=(len(ids), 32))
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    packed = np.rint(vectors * 127).astype(np.int8)
    cursor = conn.cursor()
    with cursor.copy(
        """
        COPY feed_scores (video_id, impression_count, long_watch_count, skip_count, vector)
        FROM STDIN
        """
    ) as copy:
        for place, video_id in enumerate(ids):
            count = int(shown[place])
            row = (video_id, count, int(count * share[place]), count // 5)
            copy.write_row((*row, packed[place].tobytes()))
    with cursor.copy(
        """
        COPY video_counts (video_id, like_count, comment_count, view_count, share_count,
            bookmark_count, watch_ms_sum, watch_count, updated_at) FROM STDIN
        """
    ) as copy:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        for place, video_id in enumerate(ids):
            count = int(shown[place])
            row = (video_id, count // 30, count // 200, count, count // 300, count // 150)
            copy.write_row((*row, count * 6000, count, long_ago))


def _copy_viewers(
    conn: psycopg.Connection,
    rng: np.random.Generator,
    people: list[tuple[object, str]],
    creators: list[tuple[object, str]],
    ids: list,  # type: ignore[type-arg]
    *,
    now: datetime,
) -> None:
    keys = np.array([video_id.int & LOW_64 for video_id in ids], dtype=np.uint64)
    cursor = conn.cursor()
    at_s = int(now.timestamp())
    watched = [rng.integers(len(ids), size=SEEN_EACH) for _ in people]
    with cursor.copy("COPY feed_viewers (account_id, seen, records) FROM STDIN") as copy:
        for (account_id, _), places in zip(people, watched, strict=True):
            records = np.zeros(RECORDS_EACH, PACKED)
            records["key"] = keys[places[:RECORDS_EACH]]
            records["at_s"] = at_s - 3600
            records["kind"] = VIEW
            records["value"] = rng.integers(0, 200, RECORDS_EACH)
            seen = (keys[places] & np.uint64(0xFFFFFFFF)).astype("<u4")
            copy.write_row((account_id, seen.tobytes(), records.tobytes()))
    with cursor.copy("COPY likes (viewer_id, video_id) FROM STDIN") as copy:
        for (account_id, _), places in zip(people, watched, strict=True):
            for place in set(places[:LIKES_EACH].tolist()):
                copy.write_row((account_id, ids[place]))
    with cursor.copy("COPY follows (follower_id, followed_id) FROM STDIN") as copy:
        for account_id, _ in people:
            for place in set(rng.integers(len(creators), size=FOLLOWS_EACH).tolist()):
                if creators[place][0] != account_id:
                    copy.write_row((account_id, creators[place][0]))
