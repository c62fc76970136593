"""The export holds what somebody did and said, and nothing of others."""

from uuid import UUID

import msgspec

from solstice.accounts.follow_queries import insert_follow
from solstice.community.bookmarks import bookmark
from solstice.community.comments import post_comment
from solstice.community.export import export_community
from solstice.community.likes import like
from solstice.community.settings import CommunitySettings
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from tests.cast import Member


async def test_everything_somebody_did_is_in_their_export(
    conn: Connection, ada: Member, bo: Member, mallory: Member, clip: UUID
) -> None:
    """Acts, words, follows and the inbox are there; what others liked is not."""
    await like(conn, viewer_id=bo.id, video_id=clip)
    await like(conn, viewer_id=mallory.id, video_id=clip)
    await bookmark(conn, viewer_id=bo.id, video_id=clip)
    await insert_follow(conn, follower_id=bo.id, followed_id=ada.id)
    await post_comment(
        conn, bo.viewer, CommunitySettings(), video_id=clip, comment_id=new_id(), text="Mine"
    )
    exported = await export_community(ReadConnection(conn), bo.id)
    assert [row["video_id"] for row in exported["likes"]] == [clip]
    assert [row["video_id"] for row in exported["bookmarks"]] == [clip]
    assert [row["text"] for row in exported["comments"]] == ["Mine"]
    assert [row["name"] for row in exported["following"]] == [ada.name]
    assert len((await export_community(ReadConnection(conn), ada.id))["notifications"]) == 3
    assert msgspec.json.encode(exported)
