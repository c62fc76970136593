"""Configuration: read once, from `SOLSTICE_<FEATURE>_<NAME>`, handed to each feature typed.

No other module reads the environment.  An unknown `SOLSTICE_…` name is refused, so a spelling
mistake is noticed at start and not during the next incident.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from solstice.accounts.settings import AccountSettings
from solstice.admission import AdmissionSettings
from solstice.community.settings import CommunitySettings
from solstice.edge.settings import EdgeSettings
from solstice.feed.settings import FeedSettings
from solstice.kit.configuration import PREFIX, BadConfiguration, name_settings, read_feature
from solstice.kit.database import DatabaseSettings
from solstice.kit.machine import MachineSettings
from solstice.kit.objects import ObjectSettings
from solstice.videos.settings import VideoSettings
from solstice.web.settings import WebSettings

FEATURES: dict[str, type[Any]] = {
    "MACHINE": MachineSettings,
    "EDGE": EdgeSettings,
    "DATABASE": DatabaseSettings,
    "OBJECTS": ObjectSettings,
    "ACCOUNTS": AccountSettings,
    "VIDEOS": VideoSettings,
    "COMMUNITY": CommunitySettings,
    "FEED": FeedSettings,
    "WEB": WebSettings,
    "ADMISSION": AdmissionSettings,
}


__all__ = ["BadConfiguration", "Settings", "changed_settings", "load_secret_key", "read_settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything one process was told."""

    state_dir: Path
    features: Mapping[type, object]
    log_level: str = "info"

    def of(self, kind: type[Any]) -> Any:
        """Return one feature's settings."""
        return self.features[kind]

    @property
    def objects_dir(self) -> Path:
        """Where objects live unless a bucket is configured."""
        return self.state_dir / "objects"

    @property
    def scratch_dir(self) -> Path:
        """Where a worker keeps the files of the job at hand; emptied when it starts."""
        return self.state_dir / "scratch"


GENERAL = {"STATE_DIR", "LOG_LEVEL", "SAMPLES"}
"""`SOLSTICE_SAMPLES` is read by the tests only."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process.

    Errors: `BadConfiguration` naming the variable, for unknown names and unusable values.
    """
    given = dict(os.environ if environment is None else environment)
    known = {f"{PREFIX}{name}" for name in GENERAL}
    features: dict[type, object] = {}
    for feature, kind in FEATURES.items():
        known.update(name_settings(feature, kind).values())
        features[kind] = read_feature(feature, kind, given)
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadConfiguration(f"unknown setting {unknown[0]}")
    return Settings(
        state_dir=Path(given.get(f"{PREFIX}STATE_DIR", "var")).absolute(),
        log_level=given.get(f"{PREFIX}LOG_LEVEL", "info"),
        features=features,
    )


def changed_settings(settings: Settings) -> dict[str, object]:
    """List what differs from the defaults; secrets are not among the settings."""
    return {
        f"{PREFIX}{feature}_{field.name.upper()}": getattr(settings.features[kind], field.name)
        for feature, kind in FEATURES.items()
        for field in fields(kind)
        if getattr(settings.features[kind], field.name) != field.default
    }


def load_secret_key(state_dir: Path) -> bytes:
    """Read the installation's secret, making it on first use; safe when two processes race."""
    path = state_dir / "secret.key"
    state_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"secret.{secrets.token_hex(8)}.tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, secrets.token_bytes(32))
        os.fsync(descriptor)
        os.close(descriptor)
        try:
            os.link(fresh, path)  # fails if another process was first: its key is the key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
