"""Yielding: what nobody waits for takes the places that nobody else would have used.

A limit that lets everybody wait one turn is right for people, and wrong for telemetry beside them:
under a flood of it each page finds every place taken and waits for one to be left.  So telemetry
has a bound of its own, which shrinks as soon as anybody else waits for the pool a tenth of a turn,
and grows slowly while nobody does.  In simulated time, with twelve times the usual telemetry over
pages that use half of the place, their p99 grows by 2 % instead of 41 %; 13 % of the telemetry
is served then instead of 21 %.

It answers for waits beside it only.  At nine tenths of its capacity a place lets people wait for
each other, and telemetry that yields to that, too, loses 21 % instead of 9 %, and comes back
a second later when an overload has ended (docs/decisions/0090).

Source: LEDBAT (RFC 6817), which lets background transfers yield to the delay that they cause.
"""

from dataclasses import dataclass

YIELDS_ABOVE = 0.1
"""Of what the others may wait."""
SHRINK = 0.7
GROWTH = 0.1
"""A window of 100 ms: one place more in a second."""
WAIT_WEIGHT = 0.15
"""The last ten requests or so: a window of a small place has two or three."""


@dataclass(slots=True)
class Yielding:
    """How many places what nobody waits for may take; waits in, a number of places out."""

    places: float = 64.0
    _waited_ms: float = 0.0

    def observe(self, waited_ms: float) -> None:
        """Hear how long somebody that matters waited for a pool beside telemetry; 0 without."""
        self._waited_ms += WAIT_WEIGHT * (waited_ms - self._waited_ms)

    def adapt(self, *, target_ms: float, limit: float) -> None:
        """Close a window; never below one place, and never far above the limit for all."""
        places = min(self.places, limit)
        if self._waited_ms > YIELDS_ABOVE * target_ms:
            self.places = max(1.0, places * SHRINK)
        else:
            self.places = places + GROWTH
