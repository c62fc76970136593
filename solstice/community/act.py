"""The noun: an act of a viewer on a video (a like, a bookmark), as many are written at once."""

from typing import NamedTuple
from uuid import UUID


class Act(NamedTuple):
    """Who does it, and to which video; at most once for each pair."""

    viewer_id: UUID
    video_id: UUID
