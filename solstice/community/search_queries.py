"""SQL of search: bounded candidates first, then the gate, then rank.

The gate is asked only of the newest matches: asked of all, a word that stands in every caption
would cost it for every video there is.
"""

from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from solstice.community.people_queries import MET
from solstice.kit.database import Connection, ReadConnection
from solstice.videos.visibility import VISIBLE

AnyConnection = Connection | ReadConnection


class RankedVideo(NamedTuple):
    """A video that fits a query, and how well."""

    id: UUID
    rank: float


class AccountRow(NamedTuple):
    """An account that fits a query, and how well."""

    id: UUID
    name: str
    display_name: str
    avatar_object: str | None
    follower_count: int | None
    rank: float


class HashtagRow(NamedTuple):
    """A hashtag and its use."""

    tag: str
    video_count: int


async def find_videos_by_words(
    conn: AnyConnection,
    *,
    words: str,
    viewer_id: UUID | None,
    after: tuple[float, UUID] | None,
    candidates: int,
    limit: int,
) -> list[RankedVideo]:
    """Find videos whose caption or hashtags hold all words."""
    rank, last_id = after or (None, None)
    async with conn.cursor(row_factory=class_row(RankedVideo)) as cursor:
        await cursor.execute(
            """
            WITH matched AS MATERIALIZED (
                SELECT v.id FROM videos v
                WHERE v.state = 'live' AND v.deleted_at IS NULL
                    AND video_words(v.caption, v.hashtags)
                        @@ to_tsquery('pg_catalog.simple', %(words)s)
                ORDER BY v.id DESC LIMIT %(candidates)s
            ), ranked AS (
                SELECT v.id, ts_rank(video_words(v.caption, v.hashtags),
                    to_tsquery('pg_catalog.simple', %(words)s))::float8 AS rank
                FROM matched m JOIN videos v ON v.id = m.id
                WHERE """
            + VISIBLE
            + """
            )
            SELECT id, rank FROM ranked
            WHERE %(rank)s::float8 IS NULL OR (rank, id) < (%(rank)s, %(id)s::uuid)
            ORDER BY rank DESC, id DESC LIMIT %(limit)s
            """,
            {
                "words": words,
                "viewer_id": viewer_id,
                "rank": rank,
                "id": last_id,
                "candidates": candidates,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def find_videos_by_likeness(
    conn: AnyConnection,
    *,
    query: str,
    viewer_id: UUID | None,
    after: tuple[float, UUID] | None,
    candidates: int,
    limit: int,
) -> list[RankedVideo]:
    """Find videos whose caption holds something like the query (0.6 or more of its trigrams).

    NULLS LAST fits no index, on purpose: walking the newest videos in order and comparing each
    took 2.7 s on 50,000 videos when nothing fitted; by the trigrams' own index 0.04 s on 20,000.
    """
    rank, last_id = after or (None, None)
    async with conn.cursor(row_factory=class_row(RankedVideo)) as cursor:
        await cursor.execute(
            """
            WITH matched AS MATERIALIZED (
                SELECT v.id FROM videos v
                WHERE v.state = 'live' AND v.deleted_at IS NULL
                    AND %(query)s <%% lower(v.caption)
                ORDER BY v.published_at DESC NULLS LAST LIMIT %(candidates)s
            ), ranked AS (
                SELECT v.id, word_similarity(%(query)s, lower(v.caption))::float8 AS rank
                FROM matched m JOIN videos v ON v.id = m.id
                WHERE """
            + VISIBLE
            + """
            )
            SELECT id, rank FROM ranked
            WHERE %(rank)s::float8 IS NULL OR (rank, id) < (%(rank)s, %(id)s::uuid)
            ORDER BY rank DESC, id DESC LIMIT %(limit)s
            """,
            {
                "query": query,
                "viewer_id": viewer_id,
                "rank": rank,
                "id": last_id,
                "candidates": candidates,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def find_accounts(
    conn: AnyConnection,
    *,
    query: str,
    viewer_id: UUID | None,
    after: tuple[float, int, UUID] | None,
    candidates: int,
    limit: int,
) -> list[AccountRow]:
    """Find accounts by name: 4 the same, 3 and 2 a beginning, below 2 by likeness."""
    rank, followers, last_id = after or (None, None, None)
    async with conn.cursor(row_factory=class_row(AccountRow)) as cursor:
        await cursor.execute(
            """
            WITH matched AS MATERIALIZED (
                SELECT a.id, a.name, a.display_name, a.avatar_object FROM accounts a
                WHERE lower(a.name) LIKE %(prefix)s
                    OR lower(a.name) %% %(query)s
                    OR %(query)s <%% lower(a.display_name)
                LIMIT %(candidates)s
            ), ranked AS (
                SELECT m.id, m.name, m.display_name, m.avatar_object, k.follower_count,
                    coalesce(k.follower_count, 0) AS followers,
                    CASE
                        WHEN lower(m.name) = %(query)s THEN 4
                        WHEN lower(m.name) LIKE %(prefix)s THEN 3
                        WHEN lower(m.display_name) LIKE %(prefix)s THEN 2
                        ELSE greatest(similarity(lower(m.name), %(query)s),
                            word_similarity(%(query)s, lower(m.display_name)))
                    END::float8 AS rank
                FROM matched m
                JOIN accounts a ON a.id = m.id
                LEFT JOIN account_counts k ON k.account_id = m.id
                WHERE """
            + MET
            + """
            )
            SELECT id, name, display_name, avatar_object, follower_count, rank FROM ranked
            WHERE %(rank)s::float8 IS NULL
                OR (rank, followers, id) < (%(rank)s, %(followers)s::bigint, %(id)s::uuid)
            ORDER BY rank DESC, followers DESC, id DESC LIMIT %(limit)s
            """,
            {
                "query": query,
                "prefix": _prefix(query),
                "viewer_id": viewer_id,
                "rank": rank,
                "followers": followers,
                "id": last_id,
                "candidates": candidates,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def find_hashtags(
    conn: AnyConnection, *, prefix: str, after: tuple[int, str] | None, limit: int
) -> list[HashtagRow]:
    """Find hashtags that begin like this, the most used first."""
    count, tag = after or (None, None)
    async with conn.cursor(row_factory=class_row(HashtagRow)) as cursor:
        await cursor.execute(
            """
            SELECT h.tag, h.video_count FROM hashtags h
            WHERE h.tag LIKE %(prefix)s AND h.video_count > 0
                AND (%(count)s::bigint IS NULL OR h.video_count < %(count)s
                    OR (h.video_count = %(count)s AND h.tag > %(tag)s))
            ORDER BY h.video_count DESC, h.tag LIMIT %(limit)s
            """,
            {"prefix": _prefix(prefix), "count": count, "tag": tag, "limit": limit},
        )
        return await cursor.fetchall()


def _prefix(text: str) -> str:
    r"""Render a LIKE pattern for texts that begin like this; `%`, `_` and `\` are themselves."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{escaped}%"
