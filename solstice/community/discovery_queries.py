"""SQL of discovery: the newest public clips first, then the gate, then their tags and creators."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from solstice.community.search_queries import AccountRow, HashtagRow
from solstice.kit.database import Connection, ReadConnection
from solstice.videos.visibility import VISIBLE

AnyConnection = Connection | ReadConnection

_RECENT: LiteralString = (
    """
    WITH recent AS MATERIALIZED (
        SELECT v.id FROM videos v
        WHERE v.state = 'live' AND v.deleted_at IS NULL
            AND v.hidden_at IS NULL AND v.visibility = 'public'
        ORDER BY v.published_at DESC, v.id DESC LIMIT %(candidates)s
    ), shown AS (
        SELECT v.creator_id, v.hashtags, v.published_at
        FROM recent r JOIN videos v ON v.id = r.id WHERE """
    + VISIBLE
    + ")"
)
"""The gate is asked of the newest alone: asked in their order, hidden ones would cost a walk."""


async def list_hashtags(
    conn: AnyConnection, *, viewer_id: UUID | None, candidates: int, limit: int
) -> list[HashtagRow]:
    """List the hashtags of the newest clips: used by many creators first, however often by one."""
    async with conn.cursor(row_factory=class_row(HashtagRow)) as cursor:
        await cursor.execute(
            _RECENT
            + """
            , used AS (
                SELECT tag, count(DISTINCT creator_id) AS creators, count(*) AS clips
                FROM shown, unnest(hashtags) AS tag GROUP BY tag
            )
            SELECT u.tag, h.video_count FROM used u JOIN hashtags h ON h.tag = u.tag
            WHERE h.video_count > 0
            ORDER BY u.creators DESC, u.clips DESC, u.tag LIMIT %(limit)s
            """,
            {"viewer_id": viewer_id, "candidates": candidates, "limit": limit},
        )
        return await cursor.fetchall()


async def list_creators(
    conn: AnyConnection, *, viewer_id: UUID | None, candidates: int, likes: int, limit: int
) -> list[AccountRow]:
    """List creators of the newest clips whom the viewer neither is, follows nor mutes."""
    async with conn.cursor(row_factory=class_row(AccountRow)) as cursor:
        await cursor.execute(
            _RECENT
            + """
            , liked AS (
                SELECT v.creator_id, count(*) AS likes FROM (
                    SELECT video_id FROM likes WHERE viewer_id = %(viewer_id)s::uuid
                    ORDER BY created_at DESC, video_id DESC LIMIT %(likes)s
                ) AS mine JOIN videos v ON v.id = mine.video_id GROUP BY v.creator_id
            ), creators AS (
                SELECT creator_id, max(published_at) AS newest_at FROM shown GROUP BY creator_id
            )
            SELECT a.id, a.name, a.display_name, a.avatar_object, k.follower_count,
                coalesce(l.likes, 0)::float8 AS rank
            FROM creators c
            JOIN accounts a ON a.id = c.creator_id
            LEFT JOIN liked l ON l.creator_id = c.creator_id
            LEFT JOIN account_counts k ON k.account_id = c.creator_id
            WHERE c.creator_id IS DISTINCT FROM %(viewer_id)s::uuid
                AND NOT EXISTS (
                    SELECT FROM follows f
                    WHERE f.follower_id = %(viewer_id)s::uuid AND f.followed_id = c.creator_id
                )
                AND NOT EXISTS (
                    SELECT FROM mutes m
                    WHERE m.muter_id = %(viewer_id)s::uuid AND m.muted_id = c.creator_id
                )
            ORDER BY rank DESC, k.follower_count DESC NULLS LAST, c.newest_at DESC, a.id
            LIMIT %(limit)s
            """,
            {"viewer_id": viewer_id, "candidates": candidates, "likes": likes, "limit": limit},
        )
        return await cursor.fetchall()
