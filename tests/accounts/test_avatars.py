"""Profile pictures: any common picture in, one upright square WebP out, nothing else kept."""

import asyncio
import io
import time
from pathlib import Path

import pytest
from PIL import Image

from solstice.accounts import avatars
from solstice.accounts.avatars import PictureLane, remove_unused_avatars, store_avatar
from solstice.accounts.errors import AvatarTooLarge, AvatarUnsuitable, PicturesBusy
from solstice.kit.objects import Objects
from solstice.resources import build_resources
from solstice.settings import Settings
from tests.conftest import SignUp
from tests.placed import Hand


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """Draw a picture: red on the left, blue on the right."""
    image = Image.new("RGB", size, (200, 0, 0))
    image.paste((0, 0, 200), (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def shown(data: bytes) -> Image.Image:
    """Open what came out."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_common_pictures_become_a_square_webp(kind: str) -> None:
    """Cut to the middle, drawn anew."""
    drawn = shown(await PictureLane().draw(picture(kind)))
    assert (drawn.format, drawn.size) == ("WEBP", (512, 512))


async def test_a_picture_stands_upright_and_tells_no_place() -> None:
    """Phones store pictures lying down, with a tag that says so, and with the location."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825)[1] = "N"
    out = await PictureLane().draw(picture("JPEG", (400, 400), exif=exif))
    drawn = shown(out)
    assert drawn.getpixel((256, 100))[0] > 150  # type: ignore[index]  # red is on top now
    assert drawn.getpixel((256, 400))[2] > 150  # type: ignore[index]
    assert not drawn.getexif()
    assert b"A phone" not in out


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        picture("TIFF"),
        picture("BMP"),
        picture("PNG")[:200],
        b"GIF89a\x10\x00\x10\x00" + b"\xaa" * 500,
        b"\x89PNG\r\n\x1a\n" + b"\xaa" * 500,
    ],
    ids=["empty", "text", "svg", "html", "pdf", "eps", "tiff", "bmp", "cut", "gif", "png"],
)
async def test_what_is_not_a_common_picture_is_refused(data: bytes) -> None:
    """Whatever it says it is; each decoder that is not needed is one hole less."""
    with pytest.raises(AvatarUnsuitable):
        await PictureLane().draw(data)


async def test_a_bomb_is_refused_before_it_unpacks() -> None:
    """A few kilobytes that would become gigabytes."""
    bomb = picture("PNG", (20_000, 20_000), compress_level=9)
    assert len(bomb) < avatars.AVATAR_BYTES_MAX
    began = time.monotonic()
    with pytest.raises(AvatarTooLarge):
        await PictureLane().draw(bomb)
    assert time.monotonic() - began < avatars.DRAW_TIMEOUT_S


async def test_few_pictures_are_drawn_at_once() -> None:
    """The rest is told to come back."""
    lane, small = PictureLane(), picture("PNG", (32, 32))
    outcomes = await asyncio.gather(*(lane.draw(small) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(outcome, bytes) for outcome in outcomes) == 9
    assert sum(isinstance(outcome, PicturesBusy) for outcome in outcomes) == 3


async def test_a_picture_is_shown_replaced_and_removed(sign_up: SignUp, state_dir: Path) -> None:
    """Each one has an address of its own, since it is cached for ever."""
    ada = await sign_up("ada")
    first = await ada.http.put("/v1/me/avatar", content=picture("JPEG"))
    assert first.status_code == 200, first.text
    second = await ada.http.put("/v1/me/avatar", content=picture("PNG"))
    urls = first.json()["avatar_url"], second.json()["avatar_url"]
    assert urls[0] != urls[1]
    assert urls[1].startswith("/media/avatars/")
    stored = state_dir / "objects" / urls[1].removeprefix("/media/")
    assert shown(stored.read_bytes()).size == (512, 512)
    assert (await ada.http.delete("/v1/me/avatar")).status_code == 204
    assert (await ada.http.get("/v1/me")).json()["avatar_url"] is None


async def test_a_picture_over_five_mebibytes_is_refused(sign_up: SignUp) -> None:
    """With 413, whether or not the length is told beforehand."""
    ada = await sign_up("ada")
    data = b"\xff\xd8" + bytes(avatars.AVATAR_BYTES_MAX)
    told = await ada.http.put("/v1/me/avatar", content=data)

    async def untold() -> object:
        for start in range(0, len(data), 1 << 16):
            yield data[start : start + (1 << 16)]

    streamed = await ada.http.put("/v1/me/avatar", content=untold())  # type: ignore[arg-type]
    assert told.status_code == streamed.status_code == 413
    assert told.headers["content-type"] == "application/problem+json"


async def test_pictures_nobody_shows_are_swept_after_an_hour(
    sign_up: SignUp, settings: Settings
) -> None:
    """Those of a replaced avatar, and those of a process that died before it was shown."""
    ada = await sign_up("ada")
    clock = Hand()
    resources = build_resources(settings, clock=clock)
    await resources.database.open()
    objects: Objects = resources.objects
    orphan = await store_avatar(objects, picture("WEBP"))
    answer = await ada.http.put("/v1/me/avatar", content=picture("WEBP"))
    kept = answer.json()["avatar_url"].removeprefix("/media/")
    await remove_unused_avatars(resources.database, objects, clock)
    assert await objects.size_bytes(orphan) is not None
    clock.move(hours=2)
    assert await remove_unused_avatars(resources.database, objects, clock) >= 1
    assert await objects.size_bytes(orphan) is None
    assert await objects.size_bytes(kept) is not None
    await resources.database.close()
