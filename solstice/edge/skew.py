"""Does each server get what it should?  Counted at the edge, compared with the weights.

On December 22 a balancer sent most of the traffic to some servers, and nobody compared what
they got with what they should have got.  Pure.
"""

from collections.abc import Mapping

REQUESTS_MIN = 50
"""Fewer in a window are too few to tell chance from skew."""
EXCESS_MAX = 1.5
"""So many times its share: a least-busy choice gives a faster server somewhat more, rightly."""


def find_skew(got: Mapping[str, int], weights: Mapping[str, int]) -> dict[str, float]:
    """Return the servers that got too much: server → its excess over its share.

    Only servers that are well take part: what an ill one does not get is no skew.
    """
    total = sum(got.get(server, 0) for server in weights)
    parts = sum(weights.values())
    if total < REQUESTS_MIN or len(weights) < 2:  # noqa: PLR2004  one server cannot be skewed
        return {}
    excesses = {
        server: got.get(server, 0) / total * parts / weight for server, weight in weights.items()
    }
    return {server: round(excess, 2) for server, excess in excesses.items() if excess > EXCESS_MAX}
