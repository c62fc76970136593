"""One clip from memory: what its own page shows while the database is away.

Says yes only to what this server knows to be visible to whoever asks: what is public, what is
for followers of whom the viewer is one, and one's own; nothing across a block it knows of.  All
else it does not know, and nobody learns more than that.
"""

from uuid import UUID

from solstice.feed.index import FOLLOWERS, GONE, PUBLIC
from solstice.feed.keys import key_of
from solstice.feed.marks import MARKS_UNKNOWN, Marks, marked_among, render_marks
from solstice.feed.memory import Memory
from solstice.feed.viewer_state import ViewerState


def recall_clip(memory: Memory, *, viewer_id: UUID | None, video_id: UUID) -> bytes | None:
    """Render a page of this one clip as JSON; None unless it is here and visible."""
    index = memory.index
    slot = index.find_slot(key_of(video_id))
    state = None if viewer_id is None else memory.viewers.recall(viewer_id)
    if slot < 0 or not _may_see(memory, slot, state, viewer_id):
        return None
    card = memory.cards.join([slot])
    if card is None:
        return None
    viewer = b"null" if viewer_id is None else MARKS_UNKNOWN
    if state is not None:
        marks = Marks(
            liked=marked_among(index, [slot], state.liked),
            bookmarked=marked_among(index, [slot], state.bookmarked),
            followed=frozenset([slot] if _follows(memory, slot, state) else []),
        )
        viewer = render_marks(index, [slot], marks)
    return b'{"items":[%b],"next_cursor":null,"viewer":%b}' % (card, viewer)


def _may_see(memory: Memory, slot: int, state: ViewerState | None, viewer_id: UUID | None) -> bool:
    index = memory.index
    visibility = index.visibility[slot]
    if visibility == GONE:
        return False
    creator_id = index.creator_ids[index.creator[slot]]
    if creator_id == viewer_id:
        return True
    if state is not None and key_of(creator_id) in state.barred:
        return False
    if visibility == FOLLOWERS:
        return state is not None and _follows(memory, slot, state)
    return bool(visibility == PUBLIC)


def _follows(memory: Memory, slot: int, state: ViewerState) -> bool:
    index = memory.index
    return key_of(index.creator_ids[index.creator[slot]]) in state.followed
