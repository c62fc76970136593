"""How the web app presents itself."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """What pages say about the place they are served from."""

    public_url: str = ""
    """`https://clips.example`; empty means: whatever host the request names."""
    site_name: str = "Solstice"
    first_clip_short_side_max: int = 540
    """The first HTML cannot know the network yet; the scripts choose from the second clip on."""
    status_url: str = ""
    """Where the status page lives; shown beside an incident when set."""
