"""Which requests matter most: a label on the route, known before any routing.

The order is the product's promise (docs/decisions/0014): a person who watches goes on watching,
what they write is taken next, and what nobody would miss goes first.  Within one priority
people are told apart by a hash of who they are and the hour, so that one person's page works
as a whole and nobody is the victim for ever (DAGOR, SoCC'18, section 4.2).
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

COHORTS = 16
"""Cohorts of people inside one priority: steps of 6 % are finer than any load is steady."""
HOUR_S = 3600


class Priority(IntEnum):
    """From never shed to first to go; the values order them."""

    CRITICAL = 0
    PLAYBACK = 1
    WRITE = 2
    INTERACTIVE = 3
    UPLOAD = 4
    DEFERRABLE = 5


CELLS = len(Priority) * COHORTS
"""Every (priority, cohort) pair in the order in which it is admitted."""


def decide_cell(priority: Priority, person: bytes, *, now_s: float, salt: bytes) -> int:
    """Place a request in the order of admission: 0 goes first, `CELLS - 1` is shed first.

    `salt` is secret, so that nobody can look for an account with a lucky hash.
    """
    return (
        priority * COHORTS + zlib.crc32(person, _begin_hour(int(now_s // HOUR_S), salt)) % COHORTS
    )


@lru_cache(maxsize=4)
def _begin_hour(hour: int, salt: bytes) -> int:
    return zlib.crc32(hour.to_bytes(8, "big"), zlib.crc32(salt))


@dataclass(slots=True)
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    wildcard: "_Node | None" = None
    tail: "_Node | None" = None
    priorities: dict[str, Priority] = field(default_factory=dict)


class RouteTable:
    """Finds a path's priority by its segments, without the framework's router.

    One dictionary look-up for each segment: about 1 µs, so refusing stays cheap.
    """

    def __init__(self, routes: Iterable[tuple[str, str, Priority]], *, default: Priority) -> None:
        """Take `(method, path pattern, priority)`.

        `{…}` in a pattern is any one segment, `{…:path}` all that follow.
        """
        self._root = _Node()
        self._default = default
        self._fixed: dict[str, dict[str, Priority]] = {}
        """By whole path, for routes that have but one: what is asked for most."""
        for method, pattern, priority in routes:
            node = self._root
            for segment in pattern.strip("/").split("/"):
                if segment.endswith(":path}"):
                    node.tail = node.tail or _Node()
                    node = node.tail
                elif segment.startswith("{"):
                    node.wildcard = node.wildcard or _Node()
                    node = node.wildcard
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.priorities[method] = priority
            if "{" not in pattern:
                self._fixed[pattern] = node.priorities

    def find(self, method: str, path: str) -> Priority:
        """Return the route's priority; the default for what is no route (a cheap 404)."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed.get(method, self._default)
        node = self._root
        for segment in path.strip("/").split("/"):
            following = node.fixed.get(segment) or node.wildcard
            if following is None:
                if node.tail is None:
                    return self._default
                node = node.tail
                break
            node = following
        return node.priorities.get(method, self._default)
