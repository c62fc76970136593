"""What a handler or a job works with: database, objects, clock and its feature's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from solstice.kit.clock import Clock
from solstice.kit.database import Database
from solstice.kit.objects import Objects

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The outside world of one process; made in `solstice/resources.py`."""

    database: Database
    objects: Objects
    clock: Clock
    settings: Mapping[type, object]
    scratch_dir: Path
    """On this machine's own disk: the files of the job at hand, worth nothing afterwards."""
    secret_key: bytes
    """At least 32 bytes, the same in every process of an installation; signs sessions."""
    offers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """What features do for one that may not import them, by occasion (`OFFERS` there)."""

    def settings_of(self, kind: type[S]) -> S:
        """Return one feature's settings."""
        return cast("S", self.settings[kind])
