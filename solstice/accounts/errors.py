"""What can go wrong with accounts, in the words people read."""

from solstice.kit.errors import (
    Conflict,
    Forbidden,
    Malformed,
    NotFound,
    NotSignedIn,
    SolsticeError,
    TooLarge,
    TooManyRequests,
)


class NameMalformed(Malformed):
    """A name has 3 to 24 small letters, digits, dots or underscores."""


class NameTaken(Conflict):
    """This name is taken; try another one."""


class PasswordUnsuitable(Malformed):
    """This password cannot be used."""


class EmailMalformed(Malformed):
    """This does not look like an e-mail address."""


class TextTooLong(Malformed):
    """This text is longer than the limit."""


class SignUpClosed(Forbidden):
    """New accounts are not accepted here at the moment."""


class WrongCredentials(NotSignedIn):
    """The name or the password is wrong."""


class WrongPassword(Forbidden):
    """The current password is not right."""


class TooManyAttempts(TooManyRequests):
    """Too many attempts; wait a moment and try again."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.retry_after_s = wait_s  # type: ignore[misc]  # this one wait, not the class's


class PasswordsBusy(TooManyRequests):
    """Many people are logging in right now; try again in a few seconds."""

    retry_after_s = 3.0


class AccountNotFound(NotFound):
    """There is no such account, or it is not shown to you."""


class SessionNotFound(NotFound):
    """You have no such session; it may have ended already."""


class NotYourself(Malformed):
    """This cannot be done to your own account."""


class BlockedBetween(Forbidden):
    """One of you has blocked the other."""


class CrossSiteWrite(Forbidden):
    """This request came from another site and was not carried out."""


class HostMalformed(Malformed):
    """This request does not say which host it is for."""


class AvatarUnsuitable(SolsticeError):
    """This file is not a picture that can be shown; send a JPEG, PNG, WebP or GIF."""

    status = 415


class AvatarTooLarge(TooLarge):
    """A profile picture may have at most 5 MiB and 40 megapixels."""


class ModeratorsOnly(Forbidden):
    """This is for moderators."""


class AdministratorsOnly(Forbidden):
    """This is for administrators."""


class PicturesBusy(TooManyRequests):
    """Many pictures are being prepared right now; try again in a few seconds."""

    retry_after_s = 3.0


class DeletionBegun(Conflict):
    """The time to reconsider is over; the account is being deleted."""
