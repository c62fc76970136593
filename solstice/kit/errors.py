"""Expected failures: a class each; its docstring is the message, its status the contract.

    SolsticeError                     anything a caller is told about
    ├── Malformed            400      the request cannot be understood
    ├── NotSignedIn          401      somebody must log in first
    ├── Forbidden            403      known, and not allowed
    ├── NotFound             404      absent, or not shown to this caller: the same answer
    ├── Conflict             409      it contradicts what is there
    ├── TooLarge             413      more bytes than the limit says
    ├── TooManyRequests      429      slow down; carries Retry-After
    ├── Unavailable          503      a part is missing for a moment; carries Retry-After
    └── StorageFull          507      nothing was lost, nothing more fits

Features subclass these.  Anything else that is raised is a bug and answers 500.
Source: RFC 9457 (problem documents), RFC 4918 section 11.5 (507).
"""

import re
from typing import Any, ClassVar


class SolsticeError(Exception):
    """The request could not be fulfilled."""

    status: ClassVar[int] = 500
    retry_after_s: ClassVar[float | None] = None

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        """Take the first line of the class's docstring as the detail unless one is given."""
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.extra = extra
        super().__init__(self.detail)

    @classmethod
    def slug(cls) -> str:
        """Name the problem type: `VideoNotVisible` becomes `video-not-visible`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """Name the problem for people: `VideoNotVisible` becomes `Video not visible`."""
        return cls.slug().replace("-", " ").capitalize()


class Malformed(SolsticeError):
    """The request cannot be understood."""

    status = 400


class NotSignedIn(SolsticeError):
    """Log in first."""

    status = 401


class Forbidden(SolsticeError):
    """You are not allowed to do this."""

    status = 403


class NotFound(SolsticeError):
    """There is nothing here, or it is not shown to you."""

    status = 404


class Conflict(SolsticeError):
    """This contradicts what is already there."""

    status = 409


class TooLarge(SolsticeError):
    """This is larger than the limit."""

    status = 413


class TooManyRequests(SolsticeError):
    """Too many tries; wait a moment."""

    status = 429
    retry_after_s = 5.0


class Unavailable(SolsticeError):
    """A part of the platform is away for a moment; please try again."""

    status = 503
    retry_after_s = 2.0


class StorageFull(SolsticeError):
    """The disk is full; what was acknowledged before is safe, please try again later."""

    status = 507
    retry_after_s = 30.0
