"""Uploads by tus 1.0.0, as any client would: create, ask where it stands, send the rest."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

from solstice.demo.site import Refused, Site

TUS = "1.0.0"
PIECE_BYTES = 4 * 1024 * 1024
GONE = frozenset({404, 409, 410})


def upload_clip(site: Site, *, token: str, clip: Path, caption: str, key: str) -> str | None:
    """Upload a clip; the same key again finds what is there already and sends only the rest.

    Returns the video's id, or None when its owner deleted it since: then it stays deleted.
    """
    try:
        return _upload(site, token=token, clip=clip, caption=caption, key=key)
    except Refused as refusal:
        if refusal.status in GONE:
            return None
        raise


def _upload(site: Site, *, token: str, clip: Path, caption: str, key: str) -> str:
    size_bytes = clip.stat().st_size
    created = site.call(
        "POST",
        "/v1/uploads",
        token=token,
        key=key,
        tus_resumable=TUS,
        upload_length=str(size_bytes),
        upload_metadata=_metadata(filename=clip.name, filetype="video/mp4", caption=caption),
    )
    path = urlsplit(created.headers["location"]).path
    offset = _offset_bytes(site, path, token=token)
    with clip.open("rb") as file:
        while offset < size_bytes:
            file.seek(offset)
            try:
                sent = site.call(
                    "PATCH",
                    path,
                    token=token,
                    body=file.read(PIECE_BYTES),
                    tus_resumable=TUS,
                    upload_offset=str(offset),
                    content_type="application/offset+octet-stream",
                )
                offset = int(sent.headers["upload-offset"])
            except Refused as refusal:
                found = _offset_bytes(site, path, token=token)
                if refusal.status != 409 or found == offset:
                    raise
                offset = found
    return path.rsplit("/", 1)[-1]


def _offset_bytes(site: Site, path: str, *, token: str) -> int:
    """Ask how many bytes are safe."""
    answer = site.call("HEAD", path, token=token, tus_resumable=TUS)
    return int(answer.headers["upload-offset"])


def _metadata(**values: str) -> str:
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items()
    )
