"""What the web app is called and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """The instance as people see it."""

    instance_name: str = "Solstice"
    public_url: str = ""
    """`https://video.example`; empty means: as the request says."""
