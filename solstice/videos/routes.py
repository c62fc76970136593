"""Own videos over HTTP: limits, studio, edits, cover, captions, the original."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, put
from litestar.params import Parameter
from litestar.response import Stream

from solstice.accounts.viewer import Viewer
from solstice.kit.http import problems
from solstice.kit.media import render_media_url
from solstice.kit.resources import Resources
from solstice.videos import captions as captioning
from solstice.videos import editing, studio
from solstice.videos.errors import OriginalNotFound
from solstice.videos.limits import Limits, decide_limits
from solstice.videos.settings import VideoSettings
from solstice.videos.studio import CountsOffer, StudioPage, StudioVideo
from solstice.videos.video import Visibility

NO_STORE = {"cache-control": "no-store"}
CAPTION_CHARS_SANE = 20_000
"""What is read at all; the limit people are told is a setting."""

Caption = Annotated[str, msgspec.Meta(max_length=CAPTION_CHARS_SANE)]
Cursor = Annotated[str | None, Parameter(max_length=4096, required=False)]
Language = Annotated[str, Parameter(max_length=35)]


class VideoEdit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What changes; what is left out stays."""

    caption: Caption | msgspec.UnsetType = msgspec.UNSET
    visibility: Visibility | msgspec.UnsetType = msgspec.UNSET


class PosterChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which of the frames to show."""

    at_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]


class PosterFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame to choose from."""

    at_ms: int
    url: str


class PosterFrames(msgspec.Struct, frozen=True, kw_only=True):
    """The frames to choose from, in the order of the clip."""

    items: list[PosterFrame]


def counts_offer(resources: Resources) -> CountsOffer | None:
    """Find who counts; without anybody every count is unknown."""
    offers = resources.offers.get("video_counts", ())
    return cast("CountsOffer", offers[0]) if offers else None


@get(
    "/v1/limits",
    opt={"priority": "interactive"},
    responses=problems(429),
    sync_to_thread=False,
)
def show_limits(resources: Resources) -> Limits:
    """Tell what may be uploaded."""
    return decide_limits(resources.settings_of(VideoSettings))


@get("/v1/studio/videos", opt={"priority": "interactive"}, responses=problems(400, 401, 429, 503))
async def list_studio(
    resources: Resources, signed_in: Viewer, cursor: Cursor = None
) -> Response[StudioPage]:
    """List own videos with their states and figures, newest first."""
    async with resources.database.reading() as conn:
        page = await studio.list_studio_videos(
            conn, creator=signed_in, cursor=cursor, counts_of=counts_offer(resources)
        )
    return Response(page, headers=NO_STORE)


@get(
    "/v1/studio/videos/{video_id:uuid}",
    opt={"priority": "interactive"},
    responses=problems(401, 404, 429, 503),
)
async def show_studio(
    resources: Resources, signed_in: Viewer, video_id: UUID
) -> Response[StudioVideo]:
    """Show one own video with its state and figures."""
    async with resources.database.reading() as conn:
        video = await studio.read_studio_video(
            conn, creator=signed_in, video_id=video_id, counts_of=counts_offer(resources)
        )
    return Response(video, headers=NO_STORE)


@patch(
    "/v1/videos/{video_id:uuid}",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 413, 429, 503, 507),
)
async def edit_video(
    data: VideoEdit, resources: Resources, signed_in: Viewer, video_id: UUID
) -> StudioVideo:
    """Change caption or visibility of an own video."""
    async with resources.database.transaction() as conn:
        await editing.edit_video(
            conn,
            creator=signed_in,
            video_id=video_id,
            caption=None if data.caption is msgspec.UNSET else data.caption,
            visibility=None if data.visibility is msgspec.UNSET else data.visibility,
            settings=resources.settings_of(VideoSettings),
        )
        return await studio.read_studio_video(
            conn, creator=signed_in, video_id=video_id, counts_of=counts_offer(resources)
        )


@delete(
    "/v1/videos/{video_id:uuid}",
    opt={"priority": "write"},
    responses=problems(401, 403, 404, 429, 503, 507),
)
async def delete_video(resources: Resources, signed_in: Viewer, video_id: UUID) -> None:
    """Delete an own video, for good."""
    async with resources.database.transaction() as conn:
        await editing.delete_video(conn, creator=signed_in, video_id=video_id)


@get(
    "/v1/videos/{video_id:uuid}/poster-frames",
    opt={"priority": "interactive"},
    responses=problems(401, 404, 429, 503),
)
async def list_poster_frames(
    resources: Resources, signed_in: Viewer, video_id: UUID
) -> PosterFrames:
    """List the frames an own video may be shown with."""
    async with resources.database.reading() as conn:
        frames = await editing.list_poster_frames(conn, creator=signed_in, video_id=video_id)
    return PosterFrames(
        items=[
            PosterFrame(at_ms=frame.at_ms, url=render_media_url(frame.thumb_object))
            for frame in frames
        ]
    )


@put(
    "/v1/videos/{video_id:uuid}/poster",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 413, 429, 503, 507),
)
async def choose_poster(
    data: PosterChoice, resources: Resources, signed_in: Viewer, video_id: UUID
) -> None:
    """Choose the frame an own video is shown with."""
    async with resources.database.transaction() as conn:
        await editing.choose_poster(conn, creator=signed_in, video_id=video_id, at_ms=data.at_ms)


@put(
    "/v1/videos/{video_id:uuid}/captions/{language:str}",
    status_code=204,
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 409, 413, 429, 503, 507),
)
async def put_captions(
    *,
    request: Request[Any, Any, Any],
    resources: Resources,
    signed_in: Viewer,
    video_id: UUID,
    language: Language,
    label: Annotated[str, Parameter(max_length=200, required=False)] = "",
) -> None:
    """Add captions (WebVTT, the request's body) in a language, in place of earlier ones."""
    settings, tag = resources.settings_of(VideoSettings), captioning.require_language(language)
    body = await request.body()
    async with resources.database.reading() as conn:
        own = await studio.require_own(conn, creator=signed_in, video_id=video_id)
    text = captioning.clean_captions(body, duration_ms=own.duration_ms, settings=settings)
    name = await captioning.store_captions(
        resources.objects, video_id=video_id, language=tag, text=text
    )
    async with resources.database.transaction() as conn:
        await captioning.put_captions(
            conn,
            creator=signed_in,
            video_id=video_id,
            language=tag,
            label=label,
            name=name,
            settings=settings,
        )


@delete(
    "/v1/videos/{video_id:uuid}/captions/{language:str}",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 429, 503, 507),
)
async def delete_captions(
    resources: Resources, signed_in: Viewer, video_id: UUID, language: Language
) -> None:
    """Remove captions from an own video."""
    tag = captioning.require_language(language)
    async with resources.database.transaction() as conn:
        await captioning.remove_captions(conn, creator=signed_in, video_id=video_id, language=tag)


@get(
    "/v1/videos/{video_id:uuid}/captions/{language:str}",
    opt={"priority": "playback"},
    media_type="text/vtt",
    responses=problems(400, 404, 429, 503),
)
async def show_captions(
    resources: Resources, viewer: Viewer | None, video_id: UUID, language: Language
) -> Response[bytes]:
    """Read a visible video's captions."""
    tag = captioning.require_language(language)
    async with resources.database.reading() as conn:
        name = await captioning.find_captions(
            conn, viewer_id=viewer.id if viewer else None, video_id=video_id, language=tag
        )
    text = await resources.objects.read(name)
    return Response(text, media_type="text/vtt; charset=utf-8", headers=NO_STORE)


@get(
    "/v1/videos/{video_id:uuid}/original",
    opt={"priority": "deferrable"},
    media_type="application/octet-stream",
    responses=problems(401, 404, 429, 503),
)
async def download_original(resources: Resources, signed_in: Viewer, video_id: UUID) -> Stream:
    """Download the original of an own video, exactly as it was uploaded."""
    async with resources.database.reading() as conn:
        own = await studio.require_own(conn, creator=signed_in, video_id=video_id)
    if own.original_object is None:
        raise OriginalNotFound
    return Stream(
        _stream(resources, own.original_object),
        media_type="application/octet-stream",
        headers={
            # Never shown inline: the file is whatever somebody sent.
            "content-disposition": f'attachment; filename="{video_id}.{own.original_extension}"',
            "content-length": str(own.size_bytes),
            **NO_STORE,
        },
    )


async def _stream(resources: Resources, name: str) -> AsyncIterator[bytes]:
    async for chunk in resources.objects.stream(name):
        yield chunk


VIDEO_ROUTES = (
    show_limits,
    list_studio,
    show_studio,
    edit_video,
    delete_video,
    list_poster_frames,
    choose_poster,
    put_captions,
    delete_captions,
    show_captions,
    download_original,
)
