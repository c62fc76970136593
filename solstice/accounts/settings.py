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
    """One argon2id hash costs 20 ms of a core and 19 MiB; a log-in storm must not take more."""
    password_hashes_waiting_max: int = 64
    """Whoever comes after that many is told to come back: 64 wait about two seconds."""
    password_memory_kib: int = 19 * 1024
    """19 MiB and 2 passes: OWASP's first recommendation for argon2id."""
    password_time_cost: int = 2
    sign_ups_per_network_max: int = 60
    """New accounts from one network at once; one more every `sign_up_interval_s`."""
    sign_up_interval_s: float = 60.0
