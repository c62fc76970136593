"""The tus 1.0.0 endpoint: any tus client may upload, resume and give up.

`TusVersion` stamps every answer below `/v1/uploads`, refusals included.  The framework's limit
on bodies does not apply here; `receiving.py` has its own.
"""

from typing import Annotated, Any, cast
from uuid import UUID

from litestar import HttpMethod, Request, Response, Router, delete, head, patch, post, route
from litestar.params import HeaderParameter

from solstice.accounts.viewer import Viewer
from solstice.kit.asgi import App, Message, Receive, Scope, Send
from solstice.kit.http import NOTHING_TO_SAY, problems
from solstice.kit.resources import Resources
from solstice.videos import tus, uploads
from solstice.videos.errors import BadOffset, WrongContentType, WrongOffset
from solstice.videos.receiving import receive_body
from solstice.videos.settings import VideoSettings

TusResumable = Annotated[
    str | None, HeaderParameter(name="Tus-Resumable", description="1.0.0", required=False)
]
ContentType = Annotated[str | None, HeaderParameter(name="Content-Type", required=False)]
UPLOADS = "/v1/uploads"


class TusVersion:
    """Says on every answer which tus is spoken here."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def stamped_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                stamp = (b"tus-resumable", tus.VERSION.encode())
                version = (b"tus-version", tus.VERSION.encode())
                message["headers"] = [*message["headers"], stamp, version]
            await send(message)

        await self.app(scope, receive, stamped_send)


@route(
    "/",
    http_method=[HttpMethod.OPTIONS],
    status_code=204,
    sync_to_thread=False,
    responses=NOTHING_TO_SAY,
)
def describe_uploads(resources: Resources) -> Response[None]:
    """Say what this tus server can do."""
    size_bytes_max = resources.settings_of(VideoSettings).size_bytes_max
    headers = {"Tus-Extension": tus.EXTENSIONS, "Tus-Max-Size": str(size_bytes_max)}
    return Response(None, status_code=204, headers=headers)


@post(
    "/",
    status_code=201,
    request_max_body_size=None,
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 408, 409, 412, 413, 429, 503, 507),
)
async def create_upload(
    *,
    request: Request[Any, Any, Any],
    resources: Resources,
    signed_in: Viewer,
    upload_length: Annotated[str | None, HeaderParameter(name="Upload-Length", required=False)],
    upload_metadata: Annotated[str | None, HeaderParameter(name="Upload-Metadata", required=False)],
    idempotency_key: Annotated[
        UUID | None, HeaderParameter(name="Idempotency-Key", required=False)
    ] = None,
    content_type: ContentType = None,
    tus_resumable: TusResumable = None,
) -> Response[None]:
    """Begin an upload, its first bytes in the body if the client likes.

    Upload-Metadata may carry filename, caption and visibility.  A repeat with the same
    Idempotency-Key finds the upload again.
    """
    tus.require_version(tus_resumable)
    settings = resources.settings_of(VideoSettings)
    wish = tus.parse_wish(length=upload_length, metadata=upload_metadata)
    uploads.require_acceptable(wish, objects=resources.objects, settings=settings)
    async with resources.database.transaction() as conn:
        upload = await uploads.begin_upload(
            conn, creator=signed_in, wish=wish, key=idempotency_key, settings=settings
        )
    if content_type == tus.CONTENT_TYPE and upload.received_bytes == 0:
        upload = await receive_body(
            resources, upload=upload, account_id=signed_in.id, receive=request.receive
        )
    headers = uploads.render_headers(upload, settings=settings)
    return Response(None, status_code=201, headers={"Location": f"{UPLOADS}/{upload.id}"} | headers)


@head(
    "/{video_id:uuid}",
    opt={"priority": "write"},
    responses=problems(400, 401, 404, 410, 412, 429, 503),
)
async def show_upload(
    resources: Resources,
    signed_in: Viewer,
    video_id: UUID,
    tus_resumable: TusResumable = None,
) -> Response[None]:
    """Tell how many bytes of an upload are safe."""
    tus.require_version(tus_resumable)
    async with resources.database.reading() as conn:
        upload = await uploads.require_upload(conn, creator=signed_in, video_id=video_id)
    settings = resources.settings_of(VideoSettings)
    return Response(None, headers=uploads.render_headers(upload, settings=settings))


@patch(
    "/{video_id:uuid}",
    status_code=204,
    request_max_body_size=None,
    opt={"priority": "upload"},
    responses=problems(400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 429, 503, 507),
)
async def continue_upload(
    *,
    request: Request[Any, Any, Any],
    resources: Resources,
    signed_in: Viewer,
    video_id: UUID,
    upload_offset: Annotated[str | None, HeaderParameter(name="Upload-Offset", required=False)],
    content_type: ContentType = None,
    tus_resumable: TusResumable = None,
) -> Response[None]:
    """Send more bytes, from exactly where the upload stands."""
    tus.require_version(tus_resumable)
    if content_type != tus.CONTENT_TYPE:
        raise WrongContentType
    offset_bytes = tus.parse_number(upload_offset)
    if offset_bytes is None:
        raise BadOffset
    async with resources.database.reading() as conn:
        upload = await uploads.require_upload(conn, creator=signed_in, video_id=video_id)
    if upload.received_bytes != offset_bytes:
        raise WrongOffset
    upload = await receive_body(
        resources, upload=upload, account_id=signed_in.id, receive=request.receive
    )
    settings = resources.settings_of(VideoSettings)
    return Response(
        None, status_code=204, headers=uploads.render_headers(upload, settings=settings)
    )


@delete(
    "/{video_id:uuid}",
    opt={"priority": "write"},
    responses=problems(400, 401, 403, 404, 409, 410, 412, 429, 503, 507),
)
async def delete_upload(
    resources: Resources,
    signed_in: Viewer,
    video_id: UUID,
    tus_resumable: TusResumable = None,
) -> None:
    """Give an unfinished upload up."""
    tus.require_version(tus_resumable)
    async with resources.database.transaction() as conn:
        await uploads.end_upload(conn, creator=signed_in, video_id=video_id)


UPLOAD_ROUTER = Router(
    path=UPLOADS,
    route_handlers=[
        describe_uploads,
        create_upload,
        show_upload,
        continue_upload,
        delete_upload,
    ],
    middleware=[cast("Any", TusVersion)],
    tags=["uploads"],
)
