"""Sharing: what other sites learn about a clip, and where they may show it."""

import re
from uuid import UUID

from tests.cast import Person
from tests.served import ORIGIN


async def test_a_public_clip_describes_itself(anonymous: Person, shown: UUID) -> None:
    """A link in a chat becomes a picture with a title, and plays there."""
    page = (await anonymous.http.get(f"/v/{shown}")).text
    tags = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)">', page))
    assert tags["og:type"] == "video.other"
    assert tags["og:url"] == f"{ORIGIN}/v/{shown}"
    assert tags["og:image"] == f"{ORIGIN}/media/posters/{shown}.webp"
    assert tags["og:video"] == f"{ORIGIN}/media/renditions/{shown}-720.mp4"
    assert (tags["og:video:width"], tags["og:video:height"]) == ("720", "1280")
    assert "Low sun" in tags["og:title"]


async def test_a_private_clip_describes_nothing_even_to_its_creator(
    ada_at_home: Person, hidden: UUID
) -> None:
    """What is not public never appears in tags that a crawler could read."""
    page = await ada_at_home.http.get(f"/v/{hidden}")
    assert page.status_code == 200
    assert "og:" not in page.text


async def test_oembed_answers_for_our_own_addresses(anonymous: Person, shown: UUID) -> None:
    """The discovery link leads to a frame in the clip's own shape."""
    page = (await anonymous.http.get(f"/v/{shown}")).text
    link = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert link
    answer = (await anonymous.http.get(link[1])).json()
    assert answer["type"] == "video"
    assert answer["version"] == "1.0"
    assert (answer["width"], answer["height"]) == (405, 720)
    assert f'src="{ORIGIN}/embed/{shown}"' in answer["html"]
    assert "<b onclick" not in answer["html"]


async def test_oembed_keeps_to_the_size_it_is_given(anonymous: Person, shown: UUID) -> None:
    """Both limits hold, and the shape stays."""
    address = f"{ORIGIN}/v/{shown}"
    answer = await anonymous.http.get(
        "/oembed", params={"url": address, "maxwidth": 300, "maxheight": 360}
    )
    assert (answer.json()["width"], answer.json()["height"]) == (202, 360)


async def test_oembed_knows_no_other_site(anonymous: Person, shown: UUID) -> None:
    """Somebody else's address is refused, whatever it contains."""
    for url in (f"http://elsewhere.example/v/{shown}", f"{ORIGIN}/@ada", "javascript:alert(1)"):
        assert (await anonymous.http.get("/oembed", params={"url": url})).status_code == 400


async def test_oembed_and_frames_show_public_clips_only(ada_at_home: Person, hidden: UUID) -> None:
    """Another site's frame never carries the session of whoever looks at that site."""
    address = f"{ORIGIN}/v/{hidden}"
    assert (await ada_at_home.http.get("/oembed", params={"url": address})).status_code == 404
    assert (await ada_at_home.http.get(f"/embed/{hidden}")).status_code == 404


async def test_only_the_embed_page_may_be_framed(anonymous: Person, shown: UUID) -> None:
    """A frame around any other page could make people click what they do not see."""
    embedded = await anonymous.http.get(f"/embed/{shown}")
    policy = embedded.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "x-frame-options" not in embedded.headers
    assert f"/media/renditions/{shown}-720.mp4" in embedded.text
    assert '"viewer":null' in embedded.text
