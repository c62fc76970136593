"""The shared cast: who appears in the tests.

`ada` creates, `bo` watches, `mallory` is up to no good.  Behaviour tests get them as rows in
their own rolled-back transaction; tests over HTTP sign them up like anybody else.
"""

from dataclasses import dataclass
from uuid import UUID

import httpx

from solstice.accounts.viewer import Role, Viewer
from solstice.kit.database import Connection
from solstice.kit.ids import new_id

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Member:
    """An account that exists as a row."""

    id: UUID
    name: str
    role: Role = "viewer"

    @property
    def viewer(self) -> Viewer:
        """The identity handlers would get."""
        return Viewer(id=self.id, session_id=new_id(), name=self.name, role=self.role)


@dataclass
class Person:
    """Somebody signed up, with a browser of their own."""

    id: UUID
    name: str
    http: httpx.AsyncClient


async def insert_member(conn: Connection, name: str, *, role: Role = "viewer") -> Member:
    """Insert an account row without the cost of hashing a password."""
    member = Member(new_id(), f"{name}_{new_id().hex[-12:]}", role)
    await conn.execute(
        """
        INSERT INTO accounts (id, name, display_name, password_hash, role)
        VALUES (%(id)s, %(name)s, %(display_name)s, '!', %(role)s)
        """,
        {"id": member.id, "name": member.name, "display_name": name.title(), "role": role},
    )
    return member


async def insert_live_video(
    conn: Connection,
    creator: Member,
    *,
    caption: str = "A clip",
    hashtags: tuple[str, ...] = (),
    visibility: str = "public",
) -> UUID:
    """Insert a live video with one rendition, as if it had been processed."""
    video_id = new_id()
    await conn.execute(
        """
        INSERT INTO videos (id, creator_id, state, visibility, caption, hashtags, published_at,
            received_at, duration_ms, width, height, has_audio, poster_object, thumb_object,
            size_bytes, received_bytes, ladder_done_at)
        VALUES (%(id)s, %(creator_id)s, 'live', %(visibility)s, %(caption)s, %(hashtags)s, now(),
            now(), 9000, 720, 1280, true, %(poster)s, %(thumb)s, 1000, 1000,
            now())
        """,
        {
            "id": video_id,
            "creator_id": creator.id,
            "visibility": visibility,
            "caption": caption,
            "hashtags": list(hashtags),
            "poster": f"posters/{video_id}.webp",
            "thumb": f"posters/{video_id}-360.webp",
        },
    )
    await conn.execute(
        """
        INSERT INTO renditions (video_id, object, width, height, short_side, bitrate_bps, codecs,
            size_bytes)
        VALUES (%(id)s, %(object)s, 720, 1280, 720, 1500000, 'avc1.64001f,mp4a.40.2', 1000)
        """,
        {"id": video_id, "object": f"renditions/{video_id}-720.mp4"},
    )
    return video_id
