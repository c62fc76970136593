"""Captions: a creator adds WebVTT in a language; what viewers get is a cleaned copy of our own."""

import hashlib
import re
from uuid import UUID

from solstice.accounts.viewer import Viewer
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.objects import Objects
from solstice.videos import studio_queries
from solstice.videos.captions_webvtt import BadCaptions, parse_webvtt, render_webvtt
from solstice.videos.errors import BadLanguage, CaptionsNotFound, TooManyCaptions
from solstice.videos.names import CAPTIONS, render_file_name
from solstice.videos.settings import VideoSettings
from solstice.videos.studio import require_own
from solstice.videos.video import clean_caption
from solstice.videos.visibility import require_visible

LABEL_CHARS_MAX = 40
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


def require_language(tag: str) -> str:
    """Return a language tag in one spelling: `PT-br` becomes `pt-BR`, `zh-hant` `zh-Hant`.

    Errors: BadLanguage (400).  Source: RFC 5646, section 2.1.1 for the letter case.
    """
    if not _LANGUAGE.fullmatch(tag):
        raise BadLanguage
    first, *others = tag.lower().split("-")
    spelled = [_spell(part) for part in others]
    return "-".join([first, *spelled])


def _spell(part: str) -> str:
    match len(part):
        case 2:
            return part.upper()
        case 4:
            return part.capitalize()
        case _:
            return part


def clean_captions(body: bytes, *, duration_ms: int | None, settings: VideoSettings) -> bytes:
    """Turn what a creator sent into a file that is safe to play.

    Errors: BadCaptions (400).
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadCaptions("Captions must be written in UTF-8.") from error
    duration_s = duration_ms / 1000 if duration_ms is not None else settings.duration_s_max
    return render_webvtt(parse_webvtt(text, duration_s=duration_s)).encode()


async def store_captions(objects: Objects, *, video_id: UUID, language: str, text: bytes) -> str:
    """Put cleaned captions on disk; returns the object's name."""
    digest = hashlib.sha256(text).hexdigest()
    name = render_file_name(CAPTIONS, video_id, what=language, sha256=digest, suffix="vtt")
    await objects.put_bytes(name, text)
    return name


async def put_captions(
    conn: Connection,
    *,
    creator: Viewer,
    video_id: UUID,
    language: str,
    label: str,
    name: str,
    settings: VideoSettings,
) -> None:
    """Show stored captions with an own video, in place of earlier ones in that language.

    Errors: VideoNotVisible (404), TooManyCaptions (409).
    """
    await require_own(conn, creator=creator, video_id=video_id)
    other_count = await studio_queries.count_languages(
        conn, video_id=video_id, except_language=language
    )
    if other_count >= settings.captions_languages_max:
        raise TooManyCaptions
    await studio_queries.upsert_captions(
        conn,
        video_id=video_id,
        language=language,
        label=clean_caption(label).replace("\n", " ")[:LABEL_CHARS_MAX] or language,
        name=name,
    )


async def remove_captions(
    conn: Connection, *, creator: Viewer, video_id: UUID, language: str
) -> None:
    """Take captions away from an own video; what is not there is removed already.

    Errors: VideoNotVisible (404).
    """
    await require_own(conn, creator=creator, video_id=video_id)
    await studio_queries.delete_captions(conn, video_id=video_id, language=language)


async def find_captions(
    conn: ReadConnection, *, viewer_id: UUID | None, video_id: UUID, language: str
) -> str:
    """Return the name of a visible video's captions.

    Errors: VideoNotVisible (404), CaptionsNotFound (404).
    """
    await require_visible(conn, viewer_id, video_id)
    name = await studio_queries.find_captions_object(conn, video_id=video_id, language=language)
    if name is None:
        raise CaptionsNotFound
    return name
