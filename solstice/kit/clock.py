"""Time as an argument: whoever needs the time is handed a clock, so tests can move it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the present instant, aware, in UTC."""
    return datetime.now(UTC)
