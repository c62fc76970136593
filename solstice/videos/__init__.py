"""Videos: from the first byte of an upload to playback and deletion.

Uploads (tus), processing, renditions, posters, captions, visibility and the studio.  Not
here: what people do with a video (likes, comments, views) and where it is shown.
"""

from solstice.videos.cards import VideoCard, VideoCounts, list_cards
from solstice.videos.export import export_videos
from solstice.videos.jobs import JOBS, TIMETABLE
from solstice.videos.redriving import list_stuck, redrive_video
from solstice.videos.video import VisibleVideo, list_hashtags
from solstice.videos.visibility import (
    VISIBLE,
    filter_visible,
    hide_video,
    require_visible,
    show_video,
)

__all__ = [
    "EXPORTS",
    "JOBS",
    "TIMETABLE",
    "VISIBLE",
    "VideoCard",
    "VideoCounts",
    "VisibleVideo",
    "filter_visible",
    "hide_video",
    "list_cards",
    "list_hashtags",
    "list_stuck",
    "redrive_video",
    "require_visible",
    "show_video",
]

EXPORTS = (export_videos,)
