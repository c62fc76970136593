"""Who is asking: the identity that a verified session token carries."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Role = Literal["viewer", "moderator", "administrator"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in account, as its token says; handlers get it as `viewer` or `signed_in`."""

    id: UUID
    session_id: UUID
    name: str
    role: Role

    @property
    def is_moderator(self) -> bool:
        """Whether this account may decide about reports."""
        return self.role in ("moderator", "administrator")

    @property
    def is_administrator(self) -> bool:
        """Whether this account may see operations."""
        return self.role == "administrator"
