"""A notice: something to tell somebody, and what makes several of them one line."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal[
    "like",
    "comment",
    "reply",
    "follow",
    "mention",
    "video_live",
    "video_refused",
    "report_decided",
    "moderation",
    "appeal_decided",
    "system",
]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is told; `group_id` is the video, the thread or the case it belongs to."""

    kind: Kind
    group_id: UUID
    actor_id: UUID | None = None
    video_id: UUID | None = None
    comment_id: UUID | None = None
    text: str = ""
