"""Search: finds what is there, shows what may be seen, survives whatever is typed."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from solstice.accounts import blocks
from solstice.community import search
from solstice.community.counts import fold_counts
from solstice.community.errors import QueryUnsuitable
from solstice.community.pages import PAGE_SIZE
from solstice.kit.database import Connection, ReadConnection
from solstice.videos import hide_video
from tests.cast import Member, insert_live_video, insert_member


async def videos(conn: Connection, viewer: Member | None, text: str) -> list[UUID]:
    """The first page of videos found."""
    page = await search.search_videos(
        ReadConnection(conn), viewer_id=viewer.id if viewer else None, text=text, cursor=None
    )
    return [item.id for item in page.items]


async def accounts(conn: Connection, viewer: Member | None, text: str) -> list[str]:
    """The names on the first page of accounts found."""
    found = await search.search_accounts(
        ReadConnection(conn), viewer_id=viewer.id if viewer else None, text=text, cursor=None
    )
    return [item.name for item in found.items]


async def test_videos_are_found_by_words_beginnings_and_hashtags(
    conn: Connection, ada: Member
) -> None:
    """Every word must be there, the last may be its beginning, case does not matter."""
    dawn = await insert_live_video(conn, ada, caption="Quetzal at Dawn", hashtags=("nebelwald",))
    assert await videos(conn, None, "QUETZAL") == [dawn]
    assert await videos(conn, None, "dawn quetz") == [dawn]
    assert await videos(conn, None, "#nebelwald") == [dawn]
    assert await videos(conn, None, "quetzal xylophone") == []


async def test_a_typing_error_is_forgiven(conn: Connection, ada: Member) -> None:
    """When no word fits, what looks alike is found."""
    video_id = await insert_live_video(conn, ada, caption="Magnificent rhododendron garden")
    assert await videos(conn, None, "rhododendrom") == [video_id]


async def test_any_script_is_found(conn: Connection, ada: Member) -> None:
    """Cyrillic and Arabic are words like others."""
    cyrillic = await insert_live_video(conn, ada, caption="Красивый Закат над морем")
    arabic = await insert_live_video(conn, ada, caption="غروب الشمس الجميل")
    assert await videos(conn, None, "закат") == [cyrillic]
    assert await videos(conn, None, "الشمس") == [arabic]


async def test_a_search_shows_only_what_may_be_seen(
    conn: Connection, ada: Member, bo: Member
) -> None:
    """Private, hidden and blocked videos are not found, except by their creator."""
    private = await insert_live_video(conn, ada, caption="Okapi one", visibility="private")
    hidden = await insert_live_video(conn, ada, caption="Okapi two")
    public = await insert_live_video(conn, ada, caption="Okapi three")
    await hide_video(conn, hidden)
    assert await videos(conn, bo, "okapi") == [public]
    assert set(await videos(conn, ada, "okapi")) == {private, hidden, public}
    await blocks.block(conn, ada.viewer, name=bo.name)
    assert await videos(conn, bo, "okapi") == []
    assert await videos(conn, None, "okapi") == [public]


async def test_pages_of_a_search_hold_everything_once(conn: Connection, ada: Member) -> None:
    """Equal ranks do not make a video appear twice or never."""
    made = [
        await insert_live_video(conn, ada, caption="Axolotl " * (1 + n % 3))
        for n in range(2 * PAGE_SIZE + 2)
    ]
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await search.search_videos(
            ReadConnection(conn), viewer_id=None, text="axolotl", cursor=cursor
        )
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)


async def test_people_are_found_by_name_beginning_and_likeness(
    conn: Connection, bo: Member
) -> None:
    """The exact name first; a blocked account is not found."""
    exact = await insert_member(conn, "pangolin")
    await conn.execute("UPDATE accounts SET name = 'pangolin' WHERE id = %s", [exact.id])
    longer = await insert_member(conn, "pangolins")
    assert (await accounts(conn, None, "@Pangolin"))[:2] == ["pangolin", longer.name]
    assert "pangolin" in await accounts(conn, None, "pangolim")
    await blocks.block(conn, bo.viewer, name="pangolin")
    assert "pangolin" not in await accounts(conn, bo, "pangolin")


async def test_hashtags_and_suggestions_begin_with_what_was_typed(
    conn: Connection, ada: Member
) -> None:
    """The most used come first; wildcards are characters like others."""
    await insert_live_video(conn, ada, hashtags=("zebra_run", "zebra"))
    await insert_live_video(conn, ada, hashtags=("zebra",))
    await fold_counts(conn)
    found = await search.search_hashtags(ReadConnection(conn), text="#zebr", cursor=None)
    assert [(row.tag, row.video_count) for row in found.items] == [("zebra", 2), ("zebra_run", 1)]
    none = await search.search_hashtags(ReadConnection(conn), text="zebra%", cursor=None)
    assert none.items == []
    offered = await search.suggest(ReadConnection(conn), viewer_id=None, text="zebra")
    assert [item.text for item in offered.items][:2] == ["zebra", "zebra_run"]


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 101])
async def test_an_empty_or_endless_query_is_refused(conn: Connection, text: str) -> None:
    """There is nothing to look for, or too much."""
    with pytest.raises(QueryUnsuitable):
        await videos(conn, None, text)


@hypothesis_settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(min_size=1, max_size=60))
async def test_nothing_typed_breaks_a_search(conn: Connection, text: str) -> None:
    """Operators, quotes, zero bytes and lone marks are looked for, or refused, never executed."""
    for find in (videos, accounts):
        try:
            await find(conn, None, text)
        except QueryUnsuitable:
            continue
    try:
        await search.search_hashtags(ReadConnection(conn), text=text, cursor=None)
    except QueryUnsuitable:
        return
