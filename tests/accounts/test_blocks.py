"""Blocks and mutes: whom somebody keeps away."""

import pytest

from solstice.accounts import blocks, follow_queries
from solstice.accounts.errors import AccountNotFound, BlockedBetween, NotYourself
from solstice.kit.database import Connection, ReadConnection
from tests.cast import Member, insert_member
from tests.conftest import SignUp


async def test_a_block_works_both_ways_and_at_once(
    conn: Connection, ada: Member, bo: Member, mallory: Member
) -> None:
    """Neither reaches the other; third people are not concerned."""
    await blocks.block(conn, ada.viewer, name=mallory.name)
    assert await blocks.is_blocked_between(conn, ada.id, mallory.id)
    assert await blocks.is_blocked_between(conn, mallory.id, ada.id)
    assert await blocks.list_blocked_ids(conn, ada.id) == {mallory.id}
    assert await blocks.list_blocked_ids(conn, mallory.id) == {ada.id}
    assert await blocks.list_blocked_ids(conn, bo.id) == set()
    await blocks.require_not_blocked(conn, ada.id, bo.id)
    with pytest.raises(BlockedBetween):
        await blocks.require_not_blocked(conn, mallory.id, ada.id)


async def test_a_block_ends_follows_in_both_directions(
    conn: Connection, ada: Member, mallory: Member
) -> None:
    """And unblocking does not bring them back."""
    await follow_queries.insert_follow(conn, follower_id=ada.id, followed_id=mallory.id)
    await follow_queries.insert_follow(conn, follower_id=mallory.id, followed_id=ada.id)
    await blocks.block(conn, ada.viewer, name=mallory.name.upper())
    await blocks.unblock(conn, ada.viewer, name=mallory.name)
    assert not await blocks.is_blocked_between(conn, ada.id, mallory.id)
    assert not await follow_queries.delete_follow(conn, follower_id=mallory.id, followed_id=ada.id)
    assert not await follow_queries.delete_follow(conn, follower_id=ada.id, followed_id=mallory.id)


async def test_the_blocked_one_cannot_lift_the_block(
    conn: Connection, ada: Member, mallory: Member
) -> None:
    """Each ends only what each began."""
    await blocks.block(conn, ada.viewer, name=mallory.name)
    await blocks.unblock(conn, mallory.viewer, name=ada.name)
    assert await blocks.is_blocked_between(conn, ada.id, mallory.id)


async def test_a_mute_works_one_way(conn: Connection, ada: Member, bo: Member) -> None:
    """The muted one can still do everything and does not learn of it."""
    await blocks.mute(conn, ada.viewer, name=bo.name)
    await blocks.mute(conn, ada.viewer, name=bo.name)
    assert await blocks.list_muted_ids(conn, ada.id) == {bo.id}
    assert await blocks.list_muted_ids(conn, bo.id) == set()
    assert not await blocks.is_blocked_between(conn, ada.id, bo.id)
    await blocks.unmute(conn, ada.viewer, name=bo.name)
    assert await blocks.list_muted_ids(conn, ada.id) == set()


async def test_nobody_blocks_themselves_or_nobody(conn: Connection, ada: Member) -> None:
    """Each is told."""
    with pytest.raises(NotYourself):
        await blocks.block(conn, ada.viewer, name=ada.name)
    for name in ("no_such_name", "x" * 500):
        with pytest.raises(AccountNotFound):
            await blocks.mute(conn, ada.viewer, name=name)


async def test_the_list_goes_on_page_by_page(conn: Connection, ada: Member) -> None:
    """By name, each once."""
    others = [await insert_member(conn, f"z{n:02}") for n in range(blocks.PAGE + 7)]
    for other in others:
        await blocks.block(conn, ada.viewer, name=other.name)
    read = ReadConnection(conn)
    first = await blocks.list_blocks(read, ada.viewer, cursor=None)
    rest = await blocks.list_blocks(read, ada.viewer, cursor=first.next_cursor)
    assert [entry.name for entry in (*first.items, *rest.items)] == sorted(
        other.name for other in others
    )
    assert rest.next_cursor is None


async def test_blocks_and_mutes_over_http(sign_up: SignUp) -> None:
    """PUT and DELETE, safe to repeat."""
    ada, bo = await sign_up("ada"), await sign_up("bo")
    for kind in ("block", "mute"):
        for _ in range(2):
            assert (await ada.http.put(f"/v1/accounts/{bo.name}/{kind}")).status_code == 204
        listed = (await ada.http.get(f"/v1/me/{kind}s")).json()
        assert [entry["name"] for entry in listed["items"]] == [bo.name]
        assert set(listed["items"][0]) == {"id", "name", "display_name", "avatar_url"}
        for _ in range(2):
            assert (await ada.http.delete(f"/v1/accounts/{bo.name}/{kind}")).status_code == 204
        assert (await ada.http.get(f"/v1/me/{kind}s")).json()["items"] == []
    assert (await ada.http.put("/v1/accounts/a%00b/block")).status_code == 400
    assert (await ada.http.put("/v1/accounts/nobody_there/block")).status_code == 404
    assert (await ada.http.get("/v1/me/blocks?cursor=AAAA")).status_code == 400
