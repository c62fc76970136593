"""Limits and lifetimes of accounts and sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AccountSettings:
    """How people sign up, log in and leave."""

    sign_up_open: bool = True
    session_fresh_s: float = 900.0
    """For 15 minutes a token is believed without the database."""
    session_lifetime_s: float = 30 * 86400.0
    deletion_grace_s: float = 30 * 86400.0
    password_chars_min: int = 8
    password_hashes_at_once_max: int = 2
    """One argon2id hash costs about 60 ms of a core and 64 MiB; a log-in storm must not take more."""
