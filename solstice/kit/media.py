"""Where a stored object is played from: one place that knows the path."""

MEDIA_PATH = "/media/"


def render_media_url(name: str) -> str:
    """Tell the address of an object; names are made by us and need no quoting."""
    return MEDIA_PATH + name
