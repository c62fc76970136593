"""The studio: a creator sees honest states and changes own videos; nobody else does."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.cast import Person
from tests.conftest import SignUp
from tests.videos.test_uploads import begin, metadata, send

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:02.000\nThe <b>sun</b> <script>alert(1)</script>\n"


async def _upload(person: Person, caption: str = "") -> str:
    where = await begin(person, 3, **metadata(caption=caption, filename="sun.mov"))
    await send(person, where, 0, b"abc")
    return where.rsplit("/", 1)[1]


def _publish(dsn: str, video_id: str) -> None:
    """Make it live, as processing would."""
    with psycopg.connect(dsn) as conn:
        conn.execute(
            """
            UPDATE videos SET state = 'live', published_at = now(), ladder_done_at = now(),
                duration_ms = 9000
            WHERE id = %s
            """,
            [video_id],
        )


async def test_limits_are_told_to_everybody(anonymous: Person) -> None:
    """Before a file is chosen, in numbers and in words."""
    limits = (await anonymous.http.get("/v1/limits")).json()
    assert limits["size_bytes_max"] == 512 * 1024 * 1024
    assert limits["duration_s_max"] == 180.0
    assert "512 MiB and 3 minutes" in limits["sentence"]


async def test_an_upload_shows_its_state_from_the_first_byte(sign_up: SignUp) -> None:
    """Uploading with bytes, then safe and in line with a position."""
    ada = await sign_up("ada")
    where = await begin(ada, 10)
    await send(ada, where, 0, b"abcd")
    address = f"/v1/studio/videos/{where.rsplit('/', 1)[1]}"
    video = (await ada.http.get(address)).json()
    assert (video["state"], video["received_bytes"], video["size_bytes"]) == ("uploading", 4, 10)
    assert (video["queue_position"], video["progress_percent"]) == (None, None)
    await send(ada, where, 4, b"efghij")
    video = (await ada.http.get(address)).json()
    assert video["state"] == "received"
    assert video["queue_position"] >= 1
    assert video["view_count"] in (None, 0)


async def test_two_in_line_have_two_positions(sign_up: SignUp) -> None:
    """The later one is one further back."""
    ada = await sign_up("ada")
    first, second = await _upload(ada), await _upload(ada)
    positions = [
        (await ada.http.get(f"/v1/studio/videos/{video_id}")).json()["queue_position"]
        for video_id in (first, second)
    ]
    assert positions[1] == positions[0] + 1


async def test_own_videos_come_newest_first_page_by_page(sign_up: SignUp, dsn: str) -> None:
    """Every one once, whatever is added meanwhile."""
    ada = await sign_up("ada")
    with psycopg.connect(dsn) as conn:
        conn.cursor().executemany(
            """
            INSERT INTO videos (id, creator_id, state, created_at)
            VALUES (gen_random_uuid(), %s, 'refused', now() - make_interval(mins => %s))
            """,
            [(ada.id, number // 2) for number in range(45)],
        )
    seen, cursor, pages = [], None, 0
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = (await ada.http.get("/v1/studio/videos", params=query)).json()
        seen += [video["id"] for video in page["items"]]
        pages, cursor = pages + 1, page["next_cursor"]
        if cursor is None:
            break
        await begin(ada, 10) if pages == 1 else None
    assert len(seen) == len(set(seen)) == 45
    assert pages == 3
    assert (await ada.http.get("/v1/studio/videos?cursor=%21")).status_code == 400


async def test_caption_and_visibility_can_be_changed(sign_up: SignUp) -> None:
    """Hashtags follow the caption; what is left out stays."""
    ada = await sign_up("ada")
    video_id = await _upload(ada, "Old #one")
    address = f"/v1/videos/{video_id}"
    video = (await ada.http.patch(address, json={"caption": " New #Two #three "})).json()
    assert (video["caption"], video["hashtags"]) == ("New #Two #three", ["two", "three"])
    assert video["visibility"] == "public"
    video = (await ada.http.patch(address, json={"visibility": "private"})).json()
    assert (video["caption"], video["visibility"]) == ("New #Two #three", "private")


@pytest.mark.parametrize(
    "change",
    [
        {"caption": "x" * 2201},
        {"caption": 5},
        {"visibility": "secret"},
        {"state": "live"},
        {"caption": "x" * 50_000},
    ],
)
async def test_impossible_changes_are_refused(sign_up: SignUp, change: dict[str, object]) -> None:
    """400, and nothing has changed."""
    ada = await sign_up("ada")
    video_id = await _upload(ada, "Old")
    answer = await ada.http.patch(f"/v1/videos/{video_id}", json=change)
    assert answer.status_code == 400, answer.text
    video = (await ada.http.get(f"/v1/studio/videos/{video_id}")).json()
    assert (video["caption"], video["visibility"]) == ("Old", "public")


async def test_a_deleted_video_is_gone_at_once(sign_up: SignUp, dsn: str) -> None:
    """Also for its creator; its bytes follow by a job."""
    ada = await sign_up("ada")
    video_id = await _upload(ada, "Secret words")
    assert (await ada.http.delete(f"/v1/videos/{video_id}")).status_code == 204
    assert (await ada.http.get(f"/v1/studio/videos/{video_id}")).status_code == 404
    assert (await ada.http.delete(f"/v1/videos/{video_id}")).status_code == 404
    with psycopg.connect(dsn) as conn:
        jobs = conn.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE args->>'video_id' = %s", [video_id]
        ).fetchone()
        words = conn.execute("SELECT caption FROM videos WHERE id = %s", [video_id]).fetchone()
    assert (jobs, words) == ((1,), ("",))


async def test_the_original_comes_back_exactly_and_never_inline(
    sign_up: SignUp, dsn: str, state_dir: Path
) -> None:
    """As an attachment of no type, for its creator only; 404 until it is stored whole."""
    ada, bo = await sign_up("ada"), await sign_up("bo")
    video_id = await _upload(ada)
    address = f"/v1/videos/{video_id}/original"
    assert (await ada.http.get(address)).status_code == 404
    name = f"originals/{video_id}/{'a' * 64}"
    path = state_dir / "objects" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"abc")
    with psycopg.connect(dsn) as conn:
        conn.execute("UPDATE videos SET original_object = %s WHERE id = %s", [name, video_id])
    answer = await ada.http.get(address)
    assert answer.content == b"abc"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{video_id}.mov"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await bo.http.get(address)).status_code == 404


async def test_captions_are_cleaned_and_shown_to_viewers(
    sign_up: SignUp, anonymous: Person, dsn: str
) -> None:
    """Words stay, scripts do not; removed ones are gone."""
    ada = await sign_up("ada")
    video_id = await _upload(ada)
    _publish(dsn, video_id)
    address = f"/v1/videos/{video_id}/captions/pt-br"
    answer = await ada.http.put(address, content=CAPTIONS, params={"label": "Português"})
    assert answer.status_code == 204, answer.text
    shown = await anonymous.http.get(address)
    assert shown.headers["content-type"].startswith("text/vtt")
    assert "The <b>sun</b>" in shown.text
    assert "<script" not in shown.text
    video = (await ada.http.get(f"/v1/studio/videos/{video_id}")).json()
    assert [(c["language"], c["label"]) for c in video["captions"]] == [("pt-BR", "Português")]
    assert video["captions"][0]["url"].startswith(f"/media/captions/{video_id}/pt-BR-")
    assert (await ada.http.delete(address)).status_code == 204
    assert (await anonymous.http.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", b"1\n00:00 --> 00:01\nnot webvtt"),
        ("en", b"\xff\xfe"),
        ("en", b""),
        ("x", CAPTIONS),
        ("en_US", CAPTIONS),
        ("en-US-x-evil-y-z-a", CAPTIONS),
    ],
)
async def test_what_are_no_captions_is_refused(sign_up: SignUp, language: str, body: bytes) -> None:
    """With a sentence that names the trouble."""
    ada = await sign_up("ada")
    video_id = await _upload(ada)
    address = f"/v1/videos/{video_id}/captions/{language}"
    answer = await ada.http.put(address, content=body)
    assert answer.status_code == 400, answer.text


async def test_captions_of_a_private_video_are_private(
    sign_up: SignUp, anonymous: Person, dsn: str
) -> None:
    """The same gate as for the video."""
    ada = await sign_up("ada")
    video_id = await _upload(ada)
    _publish(dsn, video_id)
    await ada.http.patch(f"/v1/videos/{video_id}", json={"visibility": "private"})
    address = f"/v1/videos/{video_id}/captions/en"
    await ada.http.put(address, content=CAPTIONS)
    assert (await ada.http.get(address)).status_code == 200
    assert (await anonymous.http.get(address)).status_code == 404


async def test_a_creator_chooses_the_cover_among_the_frames(sign_up: SignUp, dsn: str) -> None:
    """Only among those; the choice shows at once."""
    ada = await sign_up("ada")
    video_id = await _upload(ada)
    with psycopg.connect(dsn) as conn:
        conn.cursor().executemany(
            """
            INSERT INTO poster_frames (video_id, at_ms, object, thumb_object, placeholder)
            VALUES (%s, %s, %s, %s, 'data:,')
            """,
            [(video_id, at, f"posters/x/{at}.jpg", f"posters/x/{at}.webp") for at in (500, 1500)],
        )
    frames = (await ada.http.get(f"/v1/videos/{video_id}/poster-frames")).json()["items"]
    assert [frame["at_ms"] for frame in frames] == [500, 1500]
    address = f"/v1/videos/{video_id}/poster"
    assert (await ada.http.put(address, json={"at_ms": 1500})).status_code == 204
    assert (await ada.http.put(address, json={"at_ms": 1501})).status_code == 404
    video = (await ada.http.get(f"/v1/studio/videos/{video_id}")).json()
    assert (video["poster_at_ms"], video["poster_url"]) == (1500, "/media/posters/x/1500.jpg")


async def test_nobody_touches_what_is_not_theirs(
    sign_up: SignUp, anonymous: Person, dsn: str
) -> None:
    """Every route: 404 for another account, 401 for nobody; nothing changed."""
    ada, mallory = await sign_up("ada"), await sign_up("mallory")
    video_id = await _upload(ada, "Mine")
    _publish(dsn, video_id)
    own = f"/v1/videos/{video_id}"
    tries = [
        ("GET", f"/v1/studio/videos/{video_id}", {}),
        ("PATCH", own, {"json": {"caption": "Stolen"}}),
        ("DELETE", own, {}),
        ("GET", f"{own}/poster-frames", {}),
        ("PUT", f"{own}/poster", {"json": {"at_ms": 1}}),
        ("PUT", f"{own}/captions/en", {"content": CAPTIONS}),
        ("DELETE", f"{own}/captions/en", {}),
        ("GET", f"{own}/original", {}),
    ]
    for method, address, body in tries:
        answer = await mallory.http.request(method, address, **body)
        assert answer.status_code == 404, (method, address)
        answer = await anonymous.http.request(method, address, **body)
        assert answer.status_code == 401, (method, address)
    video = (await ada.http.get(f"/v1/studio/videos/{video_id}")).json()
    assert (video["caption"], video["captions"]) == ("Mine", [])


async def test_an_account_takes_its_videos_along(sign_up: SignUp) -> None:
    """The export lists every video, whatever its state."""
    ada = await sign_up("ada")
    video_id = await _upload(ada, "Keep me")
    exported = (await ada.http.get("/v1/me/export")).json()
    assert [(UUID(video["id"]), video["caption"]) for video in exported["videos"]] == [
        (UUID(video_id), "Keep me")
    ]
