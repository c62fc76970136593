"""Load, as far as the feed knows of it: how cheap admission wants this request's answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from solstice.admission.degradation import Degradation
from solstice.kit.context import DEGRADATION


@contextmanager
def degraded(to: Degradation) -> Iterator[None]:
    """Ask inside as a request that was admitted at this level."""
    token = DEGRADATION.set(int(to))
    try:
        yield
    finally:
        DEGRADATION.reset(token)
