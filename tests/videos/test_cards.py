"""The card: what a page needs of a video, in three statements however long the page is."""

from uuid import UUID

from solstice.kit.database import Connection
from solstice.videos.cards import VideoCounts, list_cards
from solstice.videos.visibility import hide_video
from tests.cast import Member, insert_live_video


async def test_a_card_has_everything_a_player_needs(
    conn: Connection, ada: Member, clip: UUID
) -> None:
    """Where to play it from, what to show before, who made it."""
    card = (await list_cards(conn, [clip]))[clip]
    assert card.creator.id == ada.id
    assert card.creator.avatar_url is None
    assert [rendition.short_side for rendition in card.renditions] == [720]
    assert card.renditions[0].url == f"/media/renditions/{clip}-720.mp4"
    assert card.poster_url == f"/media/posters/{clip}.webp"
    assert (card.width, card.height, card.duration_ms) == (720, 1280, 9000)
    assert card.page_url == f"/v/{clip}"


async def test_an_unknown_count_is_null_and_not_zero(conn: Connection, clip: UUID) -> None:
    """The page says that it is counting; a zero would be a lie."""
    unknown = (await list_cards(conn, [clip]))[clip]
    assert (unknown.like_count, unknown.view_count) == (None, None)
    known = (await list_cards(conn, [clip], counts={clip: VideoCounts(like_count=0)}))[clip]
    assert (known.like_count, known.view_count) == (0, None)


async def test_cards_come_in_the_order_asked_for(conn: Connection, ada: Member) -> None:
    """Ranking was decided by the caller; hydration keeps it."""
    ids = [await insert_live_video(conn, ada) for _ in range(5)]
    wanted = [ids[3], ids[0], ids[4]]
    assert list(await list_cards(conn, wanted)) == wanted


async def test_what_is_not_live_has_no_card(conn: Connection, ada: Member, clip: UUID) -> None:
    """A page that lists a video deleted a moment ago is one card shorter."""
    other = await insert_live_video(conn, ada)
    await conn.execute("UPDATE videos SET deleted_at = now() WHERE id = %s", [clip])
    await hide_video(conn, other)
    assert list(await list_cards(conn, [clip, other])) == [other]
