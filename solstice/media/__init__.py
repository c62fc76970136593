"""The media process: byte ranges of published files, and nothing else.

It imports no feature and no framework, which would be half of what it weighs.
"""

from solstice.media.app import AT_ONCE, PATIENCE_S, MediaApp, build_media_app

__all__ = ["AT_ONCE", "PATIENCE_S", "MediaApp", "build_media_app"]
