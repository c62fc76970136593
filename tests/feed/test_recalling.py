"""One clip from memory: shown to whom it is known to be visible, and to nobody else."""

import json
from uuid import UUID

from solstice.accounts.block_queries import insert_block
from solstice.accounts.follow_queries import insert_follow
from solstice.feed.recalling import recall_clip
from solstice.kit.ids import new_id
from tests.cast import Member
from tests.feed.world import Server, World, ids_of


def recalled(server: Server, viewer: Member | None, video_id: UUID) -> bool:
    """Tell whether this viewer gets the clip, and nothing but it."""
    viewer_id = viewer.id if viewer else None
    page = recall_clip(server.memory, viewer_id=viewer_id, video_id=video_id)
    return page is not None and ids_of(json.loads(page)) == [video_id]


async def test_memory_keeps_to_visibility_and_blocks(world: World) -> None:
    """Public for all, followers' for followers, one's own always; nothing across a block."""
    ada, bo, mallory = [await world.somebody(name) for name in ("ada", "bo", "mallory")]
    (clip,) = await world.publish(ada)
    (for_followers,) = await world.publish(ada, visibility="followers")
    await insert_follow(world.conn, follower_id=bo.id, followed_id=ada.id)
    await insert_block(world.conn, blocker_id=ada.id, blocked_id=mallory.id)
    server = await world.start_server()
    for viewer in (ada, bo, mallory):
        await server.memory.viewers.find(viewer.id)
    await server.memory.hydrate(list(range(server.memory.index.count)))
    assert [recalled(server, viewer, clip) for viewer in (None, ada, bo, mallory)] == [
        True,
        True,
        True,
        False,
    ]
    assert [recalled(server, viewer, for_followers) for viewer in (None, ada, bo, mallory)] == [
        False,
        True,
        True,
        False,
    ]
    assert not recalled(server, None, new_id())


async def test_what_was_taken_away_is_not_recalled(world: World) -> None:
    """A clip that was hidden before the database went is gone from memory as well."""
    ada = await world.somebody("ada")
    (clip,) = await world.publish(ada)
    server = await world.start_server()
    await server.memory.hydrate(list(range(server.memory.index.count)))
    assert recalled(server, None, clip)
    await world.conn.execute(
        "UPDATE videos SET hidden_at = now(), updated_at = now() WHERE id = %s", [clip]
    )
    await server.follow()
    assert not recalled(server, None, clip)


async def test_a_recalled_clip_bears_its_viewers_marks(world: World) -> None:
    """Somebody known sees what they liked and follow; of somebody unknown nothing is said."""
    ada, bo, cy = [await world.somebody(name) for name in ("ada", "bo", "cy")]
    (clip,) = await world.publish(ada)
    await insert_follow(world.conn, follower_id=bo.id, followed_id=ada.id)
    await world.conn.execute(
        "INSERT INTO likes (viewer_id, video_id) VALUES (%s, %s)", [bo.id, clip]
    )
    server = await world.start_server()
    await server.memory.viewers.find(bo.id)
    await server.memory.hydrate([0])
    known = json.loads(recall_clip(server.memory, viewer_id=bo.id, video_id=clip) or b"")
    assert known["viewer"] == {"liked": [str(clip)], "bookmarked": [], "following": [str(ada.id)]}
    unknown = json.loads(recall_clip(server.memory, viewer_id=cy.id, video_id=clip) or b"")
    assert unknown["viewer"] == {"liked": None, "bookmarked": None, "following": None}
